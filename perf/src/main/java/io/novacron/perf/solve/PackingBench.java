package io.novacron.perf.solve;

import io.novacron.perf.Figures;
import io.novacron.perf.Measurement;
import io.novacron.solver.search.SearchLimit;
import io.novacron.solver.search.packing.PackingCheck;
import io.novacron.solver.search.packing.PackingPlan;
import io.novacron.solver.search.packing.PackingProblem;
import io.novacron.solver.search.packing.PackingSearch;
import java.util.List;
import java.util.SplittableRandom;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Random vms onto as few hosts as possible: three resources, needs drawn evenly from 200 to 1,599
/// of 10,000, vm by vm, from `SplittableRandom(7)`.
@Command(name = "packing", description = "Few hosts for 10,000 random vms with three resources")
public final class PackingBench extends Measurement {
    private static final int RESOURCES = 3;
    private static final int CAPACITY = 10_000;
    private static final int LEAST_NEED = 200;
    private static final int NEED_END = 1_600;
    private static final int VM_LIMIT = 1_000_000;
    private static final int THREADS = 2;
    private static final int UNSOUND = 1;
    private static final double NS_PER_SECOND = 1e9;
    private static final long PROBLEM_SEED = 7;

    @Option(names = "--seconds", description = "How long, all in all; default ${DEFAULT-VALUE}")
    private double seconds = 60;

    @Option(names = "--vms", description = "To pack; default ${DEFAULT-VALUE}")
    private int vms = 10_000;

    @Option(names = "--seed", description = "Of the search; default ${DEFAULT-VALUE}")
    private long seed = 1;

    private boolean isSound = true;

    @Override
    protected Figures measure() {
        checkSeconds(seconds);
        check(
                vms >= 0 && vms <= VM_LIMIT,
                "--vms=%s must be in [0, %s]. Maybe 10000?",
                vms,
                VM_LIMIT);
        var random = new SplittableRandom(PROBLEM_SEED);
        int[] need = random.ints((long) vms * RESOURCES, LEAST_NEED, NEED_END).toArray();
        var problem = new PackingProblem(new int[] {CAPACITY, CAPACITY, CAPACITY}, need);
        long startNs = System.nanoTime();
        PackingPlan plan =
                PackingSearch.search(
                        problem,
                        SearchLimit.ofTime(
                                (long) (seconds * NS_PER_SECOND),
                                () -> System.nanoTime() - startNs,
                                seed,
                                THREADS));
        double secondsUsed = (System.nanoTime() - startNs) / NS_PER_SECOND;
        List<String> faults = PackingCheck.faults(problem, plan.hostOf());
        faults.forEach(fault -> report("%s", fault));
        isSound = faults.isEmpty();
        return new Figures("packing")
                .add("hosts", PackingCheck.hosts(plan.hostOf()))
                .add("bound", plan.lowerBound())
                .add("secondsUsed", secondsUsed)
                .add("violations", faults.size())
                .add("moveEvaluations", plan.evaluations());
    }

    @Override
    protected int exitCode() {
        return isSound ? CommandLine.ExitCode.OK : UNSOUND;
    }
}
