package io.novacron.perf.solvers;

import com.sun.management.OperatingSystemMXBean;
import io.novacron.perf.Figures;
import io.novacron.perf.Measurement;
import io.novacron.perf.solvers.ortools.CpSatPacking;
import io.novacron.perf.solvers.ortools.CpSatPeer;
import io.novacron.perf.solvers.ortools.CpSatRoadef;
import io.novacron.perf.solvers.timefold.PackingTally;
import io.novacron.perf.solvers.timefold.RoadefTally;
import io.novacron.perf.solvers.timefold.TimefoldPeer;
import io.novacron.solver.search.SearchLimit;
import io.novacron.solver.search.packing.PackingCheck;
import io.novacron.solver.search.packing.PackingPlan;
import io.novacron.solver.search.packing.PackingProblem;
import io.novacron.solver.search.packing.PackingSearch;
import io.novacron.solver.search.reassignment.ReassignmentPlan;
import io.novacron.solver.search.reassignment.ReassignmentProblem;
import io.novacron.solver.search.reassignment.ReassignmentRecount;
import io.novacron.solver.search.reassignment.ReassignmentSearch;
import io.novacron.solver.search.reassignment.RoadefFiles;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/// Our search, Timefold and OR-Tools on the same problems, one after the other, for the same time.
/// The ratio is the peer's cost over ours, by our recount of both plans; above 1 ours is better.
@Command(
        name = "solver-peers",
        description = "Our search, Timefold and OR-Tools on the same problems and seconds")
public final class SolverPeersBench extends Measurement {
    private static final String OURS = "novacron";
    private static final String TIMEFOLD = "timefold";
    private static final String ORTOOLS = "ortools";
    private static final String FOLDER = "roadef2012";
    private static final int[] CAPACITY = {10_000, 10_000, 10_000};
    private static final int LEAST_NEED = 200;
    private static final int NEED_END = 1_600;
    private static final long PROBLEM_SEED = 7;
    private static final int VM_LIMIT = 100_000;
    private static final int THREAD_LIMIT = 64;
    private static final long LITERAL_LIMIT =
            600_000; // some 4 GB of model, which is more than time
    private static final double NS_PER_SECOND = 1e9;
    private static final double WARM_UP_SECONDS = 0.2;

    @Option(
            names = "--seconds",
            description = "For each solver and problem; default ${DEFAULT-VALUE}")
    private double seconds = 60;

    @Option(
            names = "--threads",
            description = "Of ours; Timefold's community edition has one; default ${DEFAULT-VALUE}")
    private int threads = 1;

    @Option(
            names = "--ortools-workers",
            description =
                    "Of CP-SAT, whose searches help each other: 8 is its least full set; default"
                            + " ${DEFAULT-VALUE}")
    private int workers = 8;

    @Option(
            names = "--vms",
            split = ",",
            description = "Sizes of packing problems; default ${DEFAULT-VALUE}")
    private int[] vms = {10_000, 300};

    @Option(
            names = "--instances",
            split = ",",
            description = "Of the ROADEF/EURO challenge 2012; default ${DEFAULT-VALUE}")
    private List<String> instances = List.of("a2_3", "b_1");

    @Option(names = "--data", description = "Folder of those; default $NOVACRON_DATA/" + FOLDER)
    private @Nullable Path data;

    @Option(names = "--seed", description = "Of all searches; default ${DEFAULT-VALUE}")
    private long seed = 1;

    private boolean hasOrTools = true;
    private final Figures figures = new Figures("solver-peers");

    /// A solver at work; null where it finds nothing.
    @FunctionalInterface
    private interface Attempt {
        @Nullable PeerPlan plan() throws IOException;
    }

    @Override
    protected Figures measure() throws IOException {
        checkSeconds(seconds);
        check(
                threads >= 1 && threads <= THREAD_LIMIT,
                "--threads=%s must be in [1, %s]. Maybe 1, as Timefold has?",
                threads,
                THREAD_LIMIT);
        check(
                workers >= 1 && workers <= THREAD_LIMIT,
                "--ortools-workers=%s must be in [1, %s]. Maybe 8?",
                workers,
                THREAD_LIMIT);
        for (int count : vms) {
            check(
                    count >= 1 && count <= VM_LIMIT,
                    "--vms=%s must be in [1, %s]. Maybe 10000?",
                    count,
                    VM_LIMIT);
        }
        warmUp();
        for (int count : vms) {
            pack(count);
        }
        Path folder = data == null && instances.isEmpty() ? Path.of("") : folder();
        for (String instance : instances) {
            Path model = folder.resolve("model_" + instance + ".txt.gz");
            Path initial = folder.resolve("assignment_" + instance + ".txt.gz");
            if (Files.exists(model) && Files.exists(initial)) {
                reassign(instance, model, initial);
            } else {
                report("%s is left out: there is no %s", instance, model);
                figures.add("skipped." + instance, "no file");
            }
        }
        return figures.add("seconds", seconds)
                .add("threads", threads)
                .add("ortoolsWorkers", workers);
    }

    /// Loads the peers, native library included, before any time is taken.
    private void warmUp() {
        var tally = new PackingTally(CAPACITY, CAPACITY, 1);
        TimefoldPeer.solve(tally, 1, new int[] {0}, WARM_UP_SECONDS, seed);
        try {
            CpSatPeer.load();
        } catch (UnsatisfiedLinkError e) {
            hasOrTools = false;
            report("OR-Tools is left out: %s", String.valueOf(e.getMessage()));
            figures.add("skipped." + ORTOOLS, "no native library");
        }
    }

    /// Where instances are; somewhere that is not there when nobody says, so that they are skipped.
    private Path folder() {
        try {
            return traceFolder(data, FOLDER);
        } catch (ParameterException e) {
            report("%s", String.valueOf(e.getMessage()));
            return Path.of(FOLDER);
        }
    }

    private void pack(int count) throws IOException {
        String name = "packing-" + count;
        int[] need =
                new SplittableRandom(PROBLEM_SEED)
                        .ints((long) count * CAPACITY.length, LEAST_NEED, NEED_END)
                        .toArray();
        var problem = new PackingProblem(CAPACITY, need);
        int[] start = PackingStart.firstFitDecreasing(CAPACITY, need);
        int hosts = PackingStart.hosts(start);
        ToDoubleFunction<int[]> cost = hostOf -> PackingCheck.hosts(hostOf);
        Function<int[], List<String>> faults = hostOf -> PackingCheck.faults(problem, hostOf);
        report("%s: %d hosts at the start, at least %d", name, hosts, problem.lowerBound());
        double ours =
                run(
                        OURS,
                        name,
                        () -> {
                            PackingPlan plan = PackingSearch.search(problem, limit());
                            return new PeerPlan(plan.hostOf(), plan.evaluations());
                        },
                        cost,
                        faults);
        var tally = new PackingTally(CAPACITY, need, hosts);
        compare(
                TIMEFOLD,
                name,
                ours,
                run(
                        TIMEFOLD,
                        name,
                        () -> TimefoldPeer.solve(tally, hosts, start, seconds, seed),
                        cost,
                        faults));
        if (hasRoom(name, (long) count * hosts)) {
            compare(
                    ORTOOLS,
                    name,
                    ours,
                    run(
                            ORTOOLS,
                            name,
                            () ->
                                    CpSatPacking.solve(
                                            CAPACITY, need, start, hosts, seconds, workers, seed),
                            cost,
                            faults));
        }
        figures.add("bound." + name, problem.lowerBound()).add("start." + name, hosts);
    }

    private void reassign(String instance, Path modelFile, Path initialFile) throws IOException {
        ReassignmentProblem problem = RoadefFiles.readModel(modelFile);
        int[] initial = RoadefFiles.readAssignment(initialFile, problem);
        RoadefModel model = RoadefModel.read(modelFile);
        ToDoubleFunction<int[]> cost = plan -> ReassignmentRecount.cost(problem, initial, plan);
        Function<int[], List<String>> faults =
                plan -> ReassignmentRecount.faults(problem, initial, plan);
        report("%s: %d processes, %d machines", instance, initial.length, model.machines());
        double ours =
                run(
                        OURS,
                        instance,
                        () -> {
                            ReassignmentPlan plan =
                                    ReassignmentSearch.search(problem, initial, limit());
                            return new PeerPlan(plan.machineOf(), plan.evaluations());
                        },
                        cost,
                        faults);
        var tally = new RoadefTally(model, initial);
        compare(
                TIMEFOLD,
                instance,
                ours,
                run(
                        TIMEFOLD,
                        instance,
                        () -> TimefoldPeer.solve(tally, model.machines(), initial, seconds, seed),
                        cost,
                        faults));
        if (hasRoom(instance, (long) initial.length * model.machines())) {
            compare(
                    ORTOOLS,
                    instance,
                    ours,
                    run(
                            ORTOOLS,
                            instance,
                            () -> CpSatRoadef.solve(model, initial, seconds, workers, seed),
                            cost,
                            faults));
        }
        figures.add("start." + instance, Math.round(cost.applyAsDouble(initial)));
    }

    private SearchLimit limit() {
        long startNs = System.nanoTime();
        return SearchLimit.ofTime(
                (long) (seconds * NS_PER_SECOND), () -> System.nanoTime() - startNs, seed, threads);
    }

    private boolean hasRoom(String problem, long literals) {
        if (!hasOrTools) {
            return false;
        }
        boolean hasRoom = literals <= LITERAL_LIMIT;
        if (!hasRoom) {
            report(
                    "%s is left out for CP-SAT: %d literals, %d are what it has memory for here",
                    problem, literals, LITERAL_LIMIT);
            figures.add("skipped." + ORTOOLS + "." + problem, literals + " literals");
        }
        return hasRoom;
    }

    /// @return the cost of what a solver finds, by our recount; NaN where it finds nothing sound
    private double run(
            String solver,
            String problem,
            Attempt attempt,
            ToDoubleFunction<int[]> cost,
            Function<int[], List<String>> faults)
            throws IOException {
        var process = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        long startNs = System.nanoTime();
        long startCpuNs = process.getProcessCpuTime();
        PeerPlan plan = attempt.plan();
        double cpuSeconds = (process.getProcessCpuTime() - startCpuNs) / NS_PER_SECOND;
        double wallSeconds = (System.nanoTime() - startNs) / NS_PER_SECOND;
        double value = Double.NaN;
        if (plan != null) {
            List<String> wrong = faults.apply(plan.placeOf());
            wrong.forEach(fault -> report("%s on %s: %s", solver, problem, fault));
            value = wrong.isEmpty() ? cost.applyAsDouble(plan.placeOf()) : Double.NaN;
        }
        long evaluations = plan == null ? -1 : plan.evaluations();
        report(
                "%s on %s: %s in %.1f s",
                solver,
                problem,
                Double.isFinite(value) ? String.valueOf(Math.round(value)) : "no sound plan",
                wallSeconds);
        String key = "cost." + solver + "." + problem;
        if (Double.isFinite(value)) {
            figures.add(key, Math.round(value)); // to the last digit
        } else {
            figures.add(key, "none");
        }
        figures.add("cpuSeconds." + solver + "." + problem, cpuSeconds)
                .add("secondsUsed." + solver + "." + problem, wallSeconds);
        if (evaluations >= 0) {
            figures.add(
                    "moveEvaluationsPerCpuSecond." + solver + "." + problem,
                    evaluations / Math.max(1e-3, cpuSeconds));
        }
        return value;
    }

    private void compare(String peer, String problem, double ours, double theirs) {
        figures.add("ratio." + peer + "." + problem, theirs / ours);
    }
}
