package io.novacron.solver;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/// One search of [HotHostRelief].
///
/// A round relieves each hot host in turn: it ranks the host's vms, moves the best one that has a
/// legal destination, repeats until the host is no longer hot, and then takes back moves that
/// turned out not to be needed. The first round prefers one cheap move that suffices, then relief
/// per second of migration; the second, the largest relief. Later rounds blur the ranking with
/// random numbers, and every other round prefers tight destinations to roomy ones. The round with
/// the least overload left wins, then the one with the fewest seconds of migration.
final class ReliefSearch {
    private static final double LEAST_NOISE = 0.25;
    private static final int UNBLURRED_ROUNDS = 2;

    private final FleetProblem problem;
    private final ReliefPolicy policy;
    private final WorkLimit limit;
    private final FleetState state;
    private final boolean[] isHot;
    private final int[] hotHosts; // by falling overload, then by host
    private final int[][] vmsOfHost; // of hot hosts; empty for the others
    private final double[] migrationSeconds;
    private final boolean[] hasMoved;
    private final boolean[] groupHasMoved;
    private final int[] arrivals;
    private final List<Move> moves = new ArrayList<>();
    private final int[][] rejections; // of hot hosts, by reason: why the last vm had nowhere to go
    private long evaluated;
    private Plan.Ending ending = Plan.Ending.COMPLETE;

    record Move(int vm, int fromHost, int toHost) {}

    private record Candidate(int vm, boolean suffices, double rank) {}

    /// What a round came to.
    private record Attempt(
            List<Move> moves,
            int[][] rejections,
            double overload,
            boolean isRoomy,
            double seconds) {
        boolean isBetterThan(Attempt other) {
            if (overload != other.overload) {
                return overload < other.overload;
            }
            return isRoomy == other.isRoomy ? seconds < other.seconds : isRoomy;
        }
    }

    ReliefSearch(FleetProblem problem, ReliefPolicy policy, WorkLimit limit) {
        this.problem = problem;
        this.policy = policy;
        this.limit = limit;
        state = new FleetState(problem);
        isHot = new boolean[problem.hostCount];
        hotHosts = findHotHosts();
        vmsOfHost = findVms();
        migrationSeconds = new double[problem.vmCount];
        hasMoved = new boolean[problem.vmCount];
        groupHasMoved = new boolean[problem.affinity.count()];
        arrivals = new int[problem.hostCount];
        rejections = new int[problem.hostCount][0];
        for (int host : hotHosts) {
            rejections[host] = new int[Rejection.values().length];
            for (int vm : vmsOfHost[host]) {
                migrationSeconds[vm] = policy.migration().estimate(problem, vm).seconds();
            }
        }
    }

    Plan run() {
        FleetScore before = state.score();
        var random = new SplittableRandom(limit.seed());
        Attempt best = attempt(0, random);
        for (int round = 1; round < policy.maxRounds() && !isSettled(best); round++) {
            Attempt next = attempt(round, random);
            best = next.isBetterThan(best) ? next : best;
        }
        var writer = new ReliefWriter(problem, state, policy.migration());
        List<Advice> steps = writer.carryOut(best.moves());
        List<Unresolved> unresolved = new ArrayList<>();
        for (int host = 0; host < problem.hostCount; host++) {
            if (state.overload(host) > 0) {
                unresolved.add(writer.stillHot(host, best.rejections()[host], ending));
            }
        }
        return new Plan(steps, unresolved, before, state.score(), evaluated, ending);
    }

    /// Whether no further round can be better, or may be made. One move for each hot host is the
    /// least.
    private boolean isSettled(Attempt best) {
        return ending != Plan.Ending.COMPLETE
                || (best.overload() == 0 && best.moves().size() <= hotHosts.length);
    }

    private int[] findHotHosts() {
        var hosts = new ArrayList<Integer>();
        for (int host = 0; host < problem.hostCount; host++) {
            isHot[host] = state.overload(host) > 0;
            if (isHot[host]) {
                hosts.add(host);
            }
        }
        hosts.sort(
                Comparator.<Integer>comparingDouble(host -> -state.overload(host))
                        .thenComparingInt(host -> host));
        return hosts.stream().mapToInt(host -> host).toArray();
    }

    private int[][] findVms() {
        int[] counts = new int[problem.hostCount];
        for (int host : problem.hostOf) {
            counts[host]++;
        }
        int[][] vms = new int[problem.hostCount][0];
        for (int host : hotHosts) {
            vms[host] = new int[counts[host]];
            counts[host] = 0;
        }
        for (int vm = 0; vm < problem.vmCount; vm++) {
            int host = problem.hostOf[vm];
            if (isHot[host]) {
                vms[host][counts[host]++] = vm;
            }
        }
        return vms;
    }

    private Attempt attempt(int round, SplittableRandom random) {
        int[] order = hotHosts.clone();
        if (round >= UNBLURRED_ROUNDS) {
            shuffle(order, random);
        }
        for (int host : order) {
            relieve(host, round, random);
        }
        double overload = 0;
        for (int host : hotHosts) {
            overload += state.overload(host);
        }
        double seconds = 0;
        for (Move move : moves) {
            seconds += migrationSeconds[move.vm()];
        }
        int[][] why = new int[rejections.length][];
        Arrays.setAll(why, host -> rejections[host].clone());
        var attempt = new Attempt(List.copyOf(moves), why, overload, isRoomy(round), seconds);
        while (!moves.isEmpty()) {
            undo(moves.size() - 1);
        }
        return attempt;
    }

    private void relieve(int host, int round, SplittableRandom random) {
        int first = moves.size();
        Arrays.fill(rejections[host], 0);
        while (state.overload(host) > 0 && moveOne(host, first, round, random)) {
            // each pass moves one vm away
        }
        if (state.overload(host) == 0) {
            takeBackNeedless(host, first);
        }
    }

    /// Moves the best vm that has a legal destination. False when there is none or no more may
    /// move.
    private boolean moveOne(int host, int first, int round, SplittableRandom random) {
        Arrays.fill(rejections[host], 0);
        if (moves.size() >= policy.maxMoves() || moves.size() - first >= policy.maxMovesPerHost()) {
            rejections[host][Rejection.MOVE_LIMIT.ordinal()]++;
            return false;
        }
        for (Candidate candidate : rank(host, round, random)) {
            int destination = destinationOf(candidate.vm(), round);
            if (ending != Plan.Ending.COMPLETE) {
                return false;
            }
            if (destination != FleetProblem.MISSING) {
                carryOut(candidate.vm(), destination);
                return true;
            }
        }
        return false;
    }

    private List<Candidate> rank(int host, int round, SplittableRandom random) {
        var candidates = new ArrayList<Candidate>();
        for (int vm : vmsOfHost[host]) {
            if (hasMoved[vm] || !mayLeave(vm, host)) {
                continue;
            }
            if (!mayEvaluate()) {
                return List.of();
            }
            double rest = state.overloadWithout(vm);
            double relief = state.overload(host) - rest;
            if (relief > 0) {
                double noise = round < UNBLURRED_ROUNDS ? 1 : LEAST_NOISE + random.nextDouble();
                boolean suffices = rest == 0;
                double worth = suffices ? 1 : relief;
                double price = suffices || round % 2 == 0 ? migrationSeconds[vm] : 1;
                candidates.add(new Candidate(vm, suffices, worth / price * noise));
            }
        }
        candidates.sort(
                Comparator.comparing(Candidate::suffices)
                        .reversed()
                        .thenComparing(Comparator.comparingDouble(Candidate::rank).reversed())
                        .thenComparingInt(Candidate::vm));
        return candidates;
    }

    private static boolean isRoomy(int round) {
        return round / 2 % 2 == 0;
    }

    private boolean mayLeave(int vm, int host) {
        @Nullable Rejection rejection = null;
        if (problem.vmOptedOut[vm] || problem.hostOptedOut[host]) {
            rejection = Rejection.OPTED_OUT;
        } else if (problem.pinnedHost[vm] == host) {
            rejection = Rejection.PINNED;
        } else {
            for (int i = 0; i < problem.affinity.groupCount(vm); i++) {
                if (groupHasMoved[problem.affinity.groupOf(vm, i)]) {
                    rejection = Rejection.MOVE_LIMIT;
                }
            }
        }
        if (rejection != null) {
            rejections[host][rejection.ordinal()]++;
        }
        return rejection == null;
    }

    private int destinationOf(int vm, int round) {
        int[] why = rejections[state.hostOf[vm]];
        int best = FleetProblem.MISSING;
        double bestFill = 0;
        for (int host = 0; host < problem.hostCount; host++) {
            if (host == state.hostOf[vm]) {
                continue;
            }
            if (!mayEvaluate()) {
                return FleetProblem.MISSING;
            }
            Rejection rejection = rejectionOf(vm, host);
            if (rejection != null) {
                why[rejection.ordinal()]++;
                continue;
            }
            double fill = fillAfter(vm, host);
            boolean better = isRoomy(round) ? fill < bestFill : fill > bestFill;
            if (best == FleetProblem.MISSING || better) {
                best = host;
                bestFill = fill;
            }
        }
        return best;
    }

    private @Nullable Rejection rejectionOf(int vm, int host) {
        if (isHot[host]) {
            return Rejection.HOT;
        }
        return arrivals[host] >= policy.maxMovesPerHost()
                ? Rejection.MOVE_LIMIT
                : state.check(vm, host);
    }

    /// How full the fullest resource of the destination would be at most, against its safe load.
    private double fillAfter(int vm, int host) {
        double fullest = 0;
        for (int resource = 0; resource < problem.resourceCount; resource++) {
            double safe = problem.safeLoad(resource, host);
            if (safe > 0) {
                fullest = Math.max(fullest, state.mostPeakAfter(resource, host, vm) / safe);
            }
        }
        return fullest;
    }

    /// Dearest first, returns vms without which the host would still not be hot.
    private void takeBackNeedless(int host, int first) {
        var own = new ArrayList<>(moves.subList(first, moves.size()));
        own.sort(
                Comparator.<Move>comparingDouble(move -> -migrationSeconds[move.vm()])
                        .thenComparingInt(Move::vm));
        for (Move move : own) {
            if (staysCoolWith(move.vm(), host)) {
                undo(moves.indexOf(move));
            }
        }
    }

    private boolean staysCoolWith(int vm, int host) {
        for (int resource = 0; resource < problem.resourceCount; resource++) {
            if (state.peakAfter(resource, host, vm, 1) > problem.safeLoad(resource, host)) {
                return false;
            }
        }
        return true;
    }

    private void carryOut(int vm, int toHost) {
        moves.add(new Move(vm, state.hostOf[vm], toHost));
        state.move(vm, toHost);
        mark(vm, toHost, true);
    }

    private void undo(int index) {
        Move move = moves.remove(index);
        state.move(move.vm(), move.fromHost());
        mark(move.vm(), move.toHost(), false);
    }

    private void mark(int vm, int toHost, boolean moved) {
        hasMoved[vm] = moved;
        arrivals[toHost] += moved ? 1 : -1;
        for (int i = 0; i < problem.affinity.groupCount(vm); i++) {
            groupHasMoved[problem.affinity.groupOf(vm, i)] = moved;
        }
    }

    /// Counts one evaluation, or ends the search. Once it has ended it stays so.
    private boolean mayEvaluate() {
        if (ending == Plan.Ending.COMPLETE) {
            if (evaluated >= limit.moves()) {
                ending = Plan.Ending.MOVE_LIMIT;
            } else if (evaluated % WorkLimit.DEADLINE_INTERVAL == 0
                    && limit.deadlinePassed().getAsBoolean()) {
                ending = Plan.Ending.DEADLINE;
            } else {
                evaluated++;
            }
        }
        return ending == Plan.Ending.COMPLETE;
    }

    private static void shuffle(int[] values, SplittableRandom random) {
        for (int i = values.length - 1; i > 0; i--) {
            int other = random.nextInt(i + 1);
            int value = values[i];
            values[i] = values[other];
            values[other] = value;
        }
    }
}
