package io.novacron.perf.solve;

import com.sun.management.OperatingSystemMXBean;
import io.novacron.perf.Figures;
import io.novacron.perf.Measurement;
import io.novacron.solver.search.SearchLimit;
import io.novacron.solver.search.reassignment.ReassignmentPlan;
import io.novacron.solver.search.reassignment.ReassignmentProblem;
import io.novacron.solver.search.reassignment.ReassignmentRecount;
import io.novacron.solver.search.reassignment.ReassignmentSearch;
import io.novacron.solver.search.reassignment.RoadefFiles;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Machine reassignment from the files of the ROADEF/EURO challenge 2012. Time counts from the
/// start of the command, reading included; CPU time is that of the search, compiler and collector
/// included. What is printed is the recount of the plan, not the search's own account.
@Command(name = "roadef", description = "Machine reassignment as in the ROADEF/EURO challenge 2012")
public final class SolveRoadef extends Measurement {
    private static final double NS_PER_SECOND = 1e9;
    private static final int THREAD_LIMIT = 2;
    private static final int INFEASIBLE = 1;

    @Option(names = "--model", required = true, description = "The problem; .gz is unpacked")
    private @Nullable Path model;

    @Option(
            names = "--initial",
            required = true,
            description = "The machine of each process before; .gz is unpacked")
    private @Nullable Path initial;

    @Option(names = "--out", description = "Where to write the machine of each process")
    private @Nullable Path out;

    @Option(names = "--seconds", description = "How long, all in all; default ${DEFAULT-VALUE}")
    private double seconds = 300;

    @Option(
            names = "--moves",
            description =
                    "Propose so many moves, however long it takes; the same plan for the same seed")
    private @Nullable Long moves;

    @Option(names = "--seed", description = "Of the random numbers; default ${DEFAULT-VALUE}")
    private long seed = 1;

    @Option(names = "--threads", description = "1 or 2; default ${DEFAULT-VALUE}")
    private int threads = THREAD_LIMIT;

    private boolean isFeasible = true;

    @Override
    protected Figures measure() throws IOException {
        long startNs = System.nanoTime();
        check(
                seconds >= 0 && seconds <= 86_400,
                "--seconds=%s must be in [0, 86400]. Maybe 300?",
                seconds);
        check(
                moves == null || moves >= 0,
                "--moves=%s must not be negative. Maybe 100000000?",
                String.valueOf(moves));
        check(
                threads >= 1 && threads <= THREAD_LIMIT,
                "--threads=%s must be 1 or 2. Maybe 2?",
                threads);
        try {
            return solve(startNs);
        } catch (NoSuchFileException e) {
            throw usage("there is no file %s", e.getFile());
        } catch (IOException | IllegalArgumentException e) {
            throw usage("%s", String.valueOf(e.getMessage()));
        }
    }

    private Figures solve(long startNs) throws IOException {
        ReassignmentProblem problem = RoadefFiles.readModel(Objects.requireNonNull(model));
        int[] before = RoadefFiles.readAssignment(Objects.requireNonNull(initial), problem);
        report(
                "%d processes of %d services on %d machines, %d resources",
                problem.processCount(),
                problem.serviceCount(),
                problem.machineCount(),
                problem.resourceCount());
        SearchLimit limit =
                moves != null
                        ? SearchLimit.ofMoves(moves, seed, threads)
                        : SearchLimit.ofTime(
                                (long) (seconds * NS_PER_SECOND),
                                () -> System.nanoTime() - startNs,
                                seed,
                                threads);
        var process = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        long startCpuNs = process.getProcessCpuTime();
        ReassignmentPlan plan = ReassignmentSearch.search(problem, before, limit);
        double cpuSeconds = (process.getProcessCpuTime() - startCpuNs) / NS_PER_SECOND;
        double wallSeconds = (System.nanoTime() - startNs) / NS_PER_SECOND;
        List<String> faults = ReassignmentRecount.faults(problem, before, plan.machineOf());
        faults.forEach(fault -> report("%s", fault));
        isFeasible = faults.isEmpty();
        if (out != null) {
            RoadefFiles.writeAssignment(out, plan.machineOf());
        }
        long objective = ReassignmentRecount.cost(problem, before, plan.machineOf());
        return Figures.ofEvaluation("roadef")
                .add("objective", objective)
                .add("initialObjective", plan.initialCost())
                .add("feasible", isFeasible)
                .add("moveEvaluationsPerCpuSecond", plan.evaluations() / Math.max(1e-3, cpuSeconds))
                .add("lowerBound", plan.lowerBound())
                .add("gapPercent", plan.gapPercent())
                .add("moveEvaluations", plan.evaluations())
                .add("movesProposed", plan.proposals())
                .add("seconds", wallSeconds)
                .add("cpuSeconds", cpuSeconds);
    }

    @Override
    protected int exitCode() {
        return isFeasible ? CommandLine.ExitCode.OK : INFEASIBLE;
    }
}
