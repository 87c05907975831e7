package io.novacron.perf.openb;

import io.novacron.perf.Figures;
import io.novacron.perf.Measurement;
import io.novacron.solver.gpu.FragmentationPlacer;
import io.novacron.solver.gpu.GpuFleet;
import io.novacron.solver.gpu.GpuRequest;
import io.novacron.solver.gpu.GpuWorkload;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.IntSupplier;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `evaluate openb`: the share of GPUs in use when 130 % of them have been asked for, one decision
/// at a time, ours beside fragmentation gradient descent and best fit.
@Command(name = "openb", description = "Place GPU work on the openb fleet; FGD and best fit beside")
public final class OpenbEvaluation extends Measurement {
    private static final double ARRIVED = 1.3;
    private static final int SEED_LIMIT = 1_000;
    private static final double PERCENT = 100;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description =
                    "Folder of the openb csv files; default $NOVACRON_DATA/alibaba_openb_2023")
    private @Nullable Path data;

    @Option(
            names = "--trace",
            description = "Which pod list, e.g. gpushare40; default ${DEFAULT-VALUE}")
    private String trace = "default";

    @Option(names = "--seeds", description = "Runs with seeds 1, 2, …; default ${DEFAULT-VALUE}")
    private int seeds = 10;

    /// One placer at work, and the GPU of its last placement.
    private record Placer(ToIntFunction<GpuRequest> place, IntSupplier gpu) {}

    @Override
    protected Figures measure() throws IOException {
        check(
                seeds > 0 && seeds <= SEED_LIMIT,
                "--seeds=%s must be in [1, %s]. Maybe 10?",
                seeds,
                SEED_LIMIT);
        var read = read();
        var workload = GpuWorkload.of(read.pods());
        report(
                "%d hosts, %d pods; arrivals are pods drawn with replacement in shuffled order until"
                        + " GPU demand reaches %.0f %% of capacity",
                read.hosts().size(), read.pods().size(), PERCENT * ARRIVED);
        double ours = 0;
        double fgd = 0;
        double bestFit = 0;
        double least = Double.MAX_VALUE;
        for (long seed = 1; seed <= seeds; seed++) {
            long gpuMilli = new GpuFleet(read.hosts()).gpuMilli();
            var arrivals = Arrivals.draw(read.pods(), gpuMilli, ARRIVED, seed);
            double mine = percent(read, arrivals, ours(read, workload));
            double gradient = percent(read, arrivals, fgd(read, workload, seed));
            double fitting = percent(read, arrivals, bestFit(read));
            report(
                    "seed %d: %d pods, ours %.2f %%, FGD %.2f %%, best fit %.2f %%",
                    seed, arrivals.size(), mine, gradient, fitting);
            ours += mine;
            fgd += gradient;
            bestFit += fitting;
            least = Math.min(least, mine);
        }
        return Figures.ofEvaluation("openb")
                .add("gpuAllocationPercent", ours / seeds)
                .add("leastGpuAllocationPercent", least)
                .add("fgd.gpuAllocationPercent", fgd / seeds)
                .add("bestFit.gpuAllocationPercent", bestFit / seeds)
                .add("hosts", read.hosts().size())
                .add("trace", trace)
                .add(
                        "seeds",
                        LongStream.rangeClosed(1, seeds)
                                .mapToObj(Long::toString)
                                .collect(Collectors.joining(" ")))
                .add(
                        "arrivals",
                        "pods drawn with replacement in shuffled order until GPU demand reaches 130"
                                + " % of capacity; decisions online");
    }

    private OpenbData read() {
        try {
            return OpenbData.read(traceFolder(data, "alibaba_openb_2023"), trace);
        } catch (IOException unreadable) {
            throw usage("--data, --trace: %s", String.valueOf(unreadable.getMessage()));
        }
    }

    private static Placer ours(OpenbData data, GpuWorkload workload) {
        var placer = FragmentationPlacer.of(new GpuFleet(data.hosts()), workload);
        return new Placer(placer::place, placer::gpu);
    }

    private static Placer fgd(OpenbData data, GpuWorkload workload, long seed) {
        var placer = new FgdPlacer(new GpuFleet(data.hosts()), workload, seed);
        return new Placer(placer::place, placer::gpu);
    }

    private static Placer bestFit(OpenbData data) {
        var placer = new BestFitPlacer(new GpuFleet(data.hosts()));
        return new Placer(placer::place, placer::gpu);
    }

    private static double percent(OpenbData data, List<GpuRequest> arrivals, Placer placer) {
        var audit = new PlacementAudit(data.hosts());
        for (var request : arrivals) {
            int host = placer.place.applyAsInt(request);
            if (host != FragmentationPlacer.NOWHERE) {
                audit.add(request, host, placer.gpu.getAsInt());
            }
        }
        return PERCENT * audit.allocatedGpuMilli() / new GpuFleet(data.hosts()).gpuMilli();
    }
}
