package io.novacron.perf;

import io.novacron.solver.FleetProblem;
import io.novacron.solver.HotHostRelief;
import io.novacron.solver.MigrationModel;
import io.novacron.solver.Plan;
import io.novacron.solver.ReliefPolicy;
import io.novacron.solver.WorkLimit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.BooleanSupplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// One rebalancing of a large fleet in which every twentieth host is hot.
///
/// - `secondsToFirst`: from a list of hosts and vms to a plan of one move that relieves
/// - `secondsToPlan`: from the problem to the whole plan, within `--seconds`
/// - `benefitShare`: overload that the plan removes, as a share of what a run of
///   `--reference-seconds` removes
@Command(name = "solver", description = "Rebalance a large random fleet")
final class SolverBench extends Measurement {
    private static final int VM_LIMIT = 1_000_000;
    private static final int HOT_ONE_IN = 20;
    private static final int MOST_MOVES = 10_000;
    private static final int MOVES_PER_HOST = 16;
    private static final int ROUNDS = 10_000;
    private static final long SEED = 7;
    private static final double NS_PER_SECOND = 1e9;
    private static final double KB_PER_MB = 1_000;

    @Option(names = "--vms", description = "In the fleet; default ${DEFAULT-VALUE}")
    private int vms = 100_000;

    @Option(names = "--hosts", description = "In the fleet; default ${DEFAULT-VALUE}")
    private int hosts = 10_000;

    @Option(names = "--seconds", description = "For the plan; default ${DEFAULT-VALUE}")
    private double seconds = 4;

    @Option(
            names = "--reference-seconds",
            description = "For the plan to compare with; default ${DEFAULT-VALUE}")
    private double referenceSeconds = 60;

    @Override
    protected Figures measure() throws IOException {
        checkSeconds(seconds);
        checkSeconds(referenceSeconds);
        check(
                vms > 0 && vms <= VM_LIMIT,
                "--vms=%s must be in [1, %s]. Maybe 100000?",
                vms,
                VM_LIMIT);
        check(
                hosts > 0 && hosts <= vms,
                "--hosts=%s must be in [1, --vms=%s]. Maybe a tenth of the vms?",
                hosts,
                vms);
        report("making a fleet of %d hosts and %d vms …", hosts, vms);
        plan(problem(), 1, 1, () -> false); // then it is compiled, as a daemon's is
        long startNs = System.nanoTime();
        FleetProblem problem = problem();
        plan(problem, 1, 1, () -> false);
        double toFirst = (System.nanoTime() - startNs) / NS_PER_SECOND;
        report("planning for at most %s s …", seconds);
        startNs = System.nanoTime();
        Plan plan = plan(problem, MOST_MOVES, ROUNDS, deadline(seconds));
        double toPlan = (System.nanoTime() - startNs) / NS_PER_SECOND;
        report("planning for at most %s s, to compare …", referenceSeconds);
        Plan reference = plan(problem, MOST_MOVES, ROUNDS, deadline(referenceSeconds));
        double before = plan.before().overload();
        return new Figures("solver")
                .add("secondsToFirst", toFirst)
                .add("secondsToPlan", toPlan)
                .add("rssMb", rssMb())
                .add(
                        "benefitShare",
                        (before - plan.after().overload())
                                / (before - reference.after().overload()))
                .add("moves", plan.steps().size())
                .add("referenceMoves", reference.steps().size())
                .add("overloadBefore", before)
                .add("overloadAfter", plan.after().overload())
                .add("movesEvaluated", plan.movesEvaluated())
                .add("ending", plan.ending().name())
                .add("vms", vms)
                .add("hosts", hosts);
    }

    private FleetProblem problem() {
        return new RandomFleet(SEED).problem(hosts, vms, HOT_ONE_IN);
    }

    private static Plan plan(
            FleetProblem problem, int mostMoves, int rounds, BooleanSupplier deadline) {
        var policy = new ReliefPolicy(mostMoves, MOVES_PER_HOST, rounds, MigrationModel.DEFAULT);
        return new HotHostRelief(policy)
                .rebalance(problem, new WorkLimit(Long.MAX_VALUE, SEED, deadline));
    }

    private static BooleanSupplier deadline(double seconds) {
        long endNs = System.nanoTime() + (long) (seconds * NS_PER_SECOND);
        return () -> System.nanoTime() - endNs >= 0;
    }

    private static double rssMb() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("VmHWM:")) {
                return Long.parseLong(line.replaceAll("\\D", "")) / KB_PER_MB;
            }
        }
        throw new IOException("no VmHWM in /proc/self/status");
    }
}
