package io.novacron.perf.solve;

import com.sun.management.OperatingSystemMXBean;
import io.novacron.perf.Figures;
import io.novacron.perf.Measurement;
import io.novacron.solver.search.SearchLimit;
import io.novacron.solver.search.colocation.ColocationPlan;
import io.novacron.solver.search.colocation.ColocationProblem;
import io.novacron.solver.search.colocation.ColocationRecount;
import io.novacron.solver.search.colocation.ColocationSearch;
import io.novacron.solver.search.colocation.TianchiFiles;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Colocation as in the preliminary round B of the Tianchi contest of 2018. Judges the final state;
/// the order in which instances would move there is not planned.
@Command(name = "tianchi", description = "Colocation as in the Tianchi contest of 2018, round B")
public final class EvaluateTianchi extends Measurement {
    private static final double NS_PER_SECOND = 1e9;
    private static final int THREADS = 2;
    private static final int UNSOUND = 1;
    private static final String FOLDER = "tianchi2018_prelim_b";

    @Option(
            names = "--data",
            description = "Folder of the four tables; default $NOVACRON_DATA/" + FOLDER)
    private @Nullable Path data;

    @Option(names = "--seconds", description = "How long, all in all; default ${DEFAULT-VALUE}")
    private double seconds = 600;

    @Option(names = "--seed", description = "Of the random numbers; default ${DEFAULT-VALUE}")
    private long seed = 1;

    private boolean isSound = true;

    @Override
    protected Figures measure() {
        long startNs = System.nanoTime();
        checkSeconds(seconds);
        try {
            return evaluate(TianchiFiles.read(traceFolder(data, FOLDER)), startNs);
        } catch (IOException e) {
            throw usage("%s", String.valueOf(e.getMessage()));
        }
    }

    private Figures evaluate(ColocationProblem problem, long startNs) {
        report("%d instances, %d machines", problem.instanceCount(), problem.machineCount());
        var process = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        long startCpuNs = process.getProcessCpuTime();
        ColocationPlan plan =
                ColocationSearch.search(
                        problem,
                        SearchLimit.ofTime(
                                (long) (seconds * NS_PER_SECOND),
                                () -> System.nanoTime() - startNs,
                                seed,
                                THREADS));
        double cpuSeconds = (process.getProcessCpuTime() - startCpuNs) / NS_PER_SECOND;
        double secondsUsed = (System.nanoTime() - startNs) / NS_PER_SECOND;
        List<String> faults = ColocationRecount.faults(problem, plan.machineOf());
        faults.forEach(fault -> report("%s", fault));
        int placed = ColocationRecount.placed(plan.machineOf());
        isSound = faults.isEmpty() && placed == problem.instanceCount();
        return Figures.ofEvaluation("tianchi")
                .add("cost", ColocationRecount.cost(problem, plan.machineOf()))
                .add("lowerBound", plan.lowerBound())
                .add("violations", faults.size())
                .add("placed", placed)
                .add("machines", ColocationRecount.machines(problem, plan.machineOf()))
                .add("instances", problem.instanceCount())
                .add("seconds", secondsUsed)
                .add("cpuSeconds", cpuSeconds)
                .add("moveEvaluations", plan.evaluations());
    }

    @Override
    protected int exitCode() {
        return isSound ? CommandLine.ExitCode.OK : UNSOUND;
    }
}
