package io.novacron.solver.search.reassignment;

import io.novacron.solver.search.Cooling;
import io.novacron.solver.search.SearchRandom;
import io.novacron.solver.search.Walk;
import java.util.List;

/// Simulated annealing by shifts, swaps, ejections and returns home.
///
/// A hot walk would carry processes away at random until the transient resources of all machines
/// are used up by what has left them, and then nothing moves any more. So each process has a *pull*
/// to its home, in units of the temperature, in proportion to the transient amounts it would leave
/// behind: leaving counts as if it cost pull × temperature, coming home as if it gained that. The
/// pull fades as the walk cools down.
///
/// Where machines are full, most moves are refused for want of room, and large processes never
/// move. So a walk may be *relaxed*: it may overfill machines with resources that are not
/// transient, at prices that rise until nothing is overfull ([OverfillPrices]). Only sound plans
/// are kept.
///
/// What is best differs much between problems. So a run of all walks as scouts first tells at which
/// temperatures the cost falls; then trials with several setups are shared out among the walks, and
/// the best one's setup serves for the rest. Where nothing is transient there is nothing to hold a
/// process at home for, and a large problem of that kind has but one setup.
///
/// What is left of the limit belongs to [PairMoves], where the problem is small enough for many of
/// them: they go on from where the walk has frozen.
///
/// Processes are numbered by size, so that those of about the same size, whose swaps are most often
/// allowed, lie side by side in memory as well; several moves are tried with one process before the
/// next is drawn, because reading it for the first time costs more than judging a move.
final class ReassignmentWalk implements Walk<ReassignmentWalk> {
    private static final List<Setup> SMALL_SETUPS =
            List.of(
                    Setup.relaxed(0.1, 1),
                    Setup.relaxed(0.3, 1),
                    Setup.relaxed(1, 1),
                    Setup.relaxed(3, 1));
    private static final List<Setup> MIDDLING_SETUPS =
            List.of(Setup.relaxed(0.3, 1), Setup.relaxed(1, 1), Setup.strict(0.3), Setup.strict(3));
    private static final List<Setup> LARGE_SETUPS =
            List.of(Setup.strict(0.3), Setup.strict(1), Setup.strict(3), Setup.strict(10));
    private static final List<Setup> STEADY_SETUPS = List.of(Setup.relaxed(0, 1), Setup.strict(0));
    private static final List<Setup> LARGE_STEADY_SETUPS = List.of(Setup.strict(0));
    private static final int SMALL = 2_000; // processes
    private static final int LARGE = 10_000;
    private static final double SCOUT_SHARE = 0.08; // of the limit
    private static final double TRIAL_SHARE = 0.2; // of the limit, scout and all trials of a walk
    private static final double SETTLE_SHARE = 0.85; // of a relaxed run, from which on it is strict
    private static final double PAIR_SHARE = 0.7; // of the limit, from which on pairs move
    private static final double PAIR_FOLLOW_SHARE = 0.9; // of the limit, before which they differ
    private static final int PAIR_TRIES_PER_STEP = 512;
    private static final double FOLLOW_SHARE = 0.6; // of the limit, before which walks differ
    private static final double ROUNDING = 1e-9;
    private static final double DONE_SHARE = 5e-3; // of the drop of cost: too little to go on for
    private static final double LARGE_DONE_SHARE = 1e-4;
    private static final int MOST_BINS = 18;
    private static final double HOTTEST = 20; // × mean change of cost
    private static final double COLDEST = 0.5; // below the least change of cost
    private static final double COLD = 1e-5; // × mean change: nothing counts there any more
    private static final int SAMPLES = 100_000;
    private static final int GROUPS_PER_STEP = 32;
    private static final int SHIFTS = 4; // tries of each kind in a group
    private static final int HOMES = 1;
    private static final int NEAR_SWAPS = 3;
    private static final int FAR_SWAPS = 1;
    private static final int KIN_SWAPS = 1; // with processes of the same service
    private static final int HOME_EJECTIONS = 2;
    private static final int EJECTIONS = 2;
    private static final int NEAR = 64; // numbers apart at most, both ways together
    private static final int FORCE_ODDS = 4; // one forced move in so many groups
    private static final int FORCE_TRIES = 9;
    private static final int STEP_LIMIT = 5; // processes of one forced move
    private static final int SCOUT = 0;
    private static final int MAIN = -1;
    private static final int PAIRS = -2;

    private final ReassignmentProblem problem;
    private final int[] initial;
    private final long initialCost;
    private final ReassignmentState state;
    private final SearchRandom random;
    private final IndexSet away;
    private final List<Setup> setups; // one a trial
    private final OverfillPrices prices;
    private final int thread;
    private final int threads;

    private final int[] best;
    private final int[] changed; // since the best plan was kept
    private final boolean[] isChanged;
    private int changedCount;
    private long bestCost;
    private long evaluations;
    private long proposals;

    private final int[] stepProcess = new int[STEP_LIMIT]; // of a forced move
    private final int[] stepFrom = new int[STEP_LIMIT];
    private int stepCount;

    private final Retreat retreat;
    private final PairMoves pairs;
    private int part = SCOUT; // or the number of a trial, from 1 on, or MAIN, or PAIRS
    private double partStart; // share of the limit
    private double partEnd;
    private Setup setup;
    private Cooling cooling;
    private long runCost = Long.MAX_VALUE; // of the best sound plan since this run began
    private double bestTrialCost = Double.POSITIVE_INFINITY;
    private Setup bestTrialSetup;
    private double temperature;

    /// How a run goes.
    ///
    /// @param pull strength
    /// @param priceFactor of what is above capacity; 0 when nothing may be
    private record Setup(double pull, double priceFactor) {
        static Setup strict(double pull) {
            return new Setup(pull, 0);
        }

        static Setup relaxed(double pull, double priceFactor) {
            return new Setup(pull, priceFactor);
        }

        boolean isRelaxed() {
            return priceFactor > 0;
        }
    }

    /// @param thread of `threads`: which trials are this walk's
    ReassignmentWalk(
            ReassignmentProblem problem, int[] initial, long seed, int thread, int threads) {
        this.problem = problem;
        this.initial = initial.clone();
        setups = setups(problem);
        prices = new OverfillPrices(problem);
        this.thread = thread;
        this.threads = threads;
        state = new ReassignmentState(problem, initial);
        random = new SearchRandom(seed);
        pairs = new PairMoves(state, random);
        away = new IndexSet(problem.processes);
        retreat = new Retreat(state, away, this::note);
        best = initial.clone();
        changed = new int[problem.processes];
        isChanged = new boolean[problem.processes];
        bestCost = state.cost();
        initialCost = bestCost;
        setPulls();
        double change = meanChange();
        cooling =
                Cooling.even(
                        HOTTEST * change,
                        problem.processes > LARGE ? COLDEST : Math.max(COLDEST, COLD * change));
        setup = setups.getFirst();
        bestTrialSetup = setup;
        start(SCOUT, setup, 0, SCOUT_SHARE);
    }

    private static List<Setup> setups(ReassignmentProblem problem) {
        boolean isSteady = true;
        for (boolean isTransient : problem.isTransient) {
            isSteady &= !isTransient;
        }
        if (problem.processes > LARGE) {
            return isSteady ? LARGE_STEADY_SETUPS : LARGE_SETUPS;
        }
        if (isSteady) {
            return STEADY_SETUPS;
        }
        return problem.processes <= SMALL ? SMALL_SETUPS : MIDDLING_SETUPS;
    }

    private void setPulls() {
        var weight = new double[problem.processes];
        int count = 0;
        for (int resource = 0; resource < problem.resources; resource++) {
            if (problem.isTransient[resource]) {
                double sum = 1;
                for (int process = 0; process < problem.processes; process++) {
                    sum += problem.need[process * problem.resources + resource];
                }
                for (int process = 0; process < problem.processes; process++) {
                    weight[process] +=
                            problem.need[process * problem.resources + resource]
                                    / sum
                                    * problem.processes;
                }
                count++;
            }
        }
        for (int process = 0; process < problem.processes; process++) {
            state.setPull(process, count == 0 ? 1 : weight[process] / count);
        }
    }

    private double meanChange() {
        double sum = 0;
        int count = 0;
        for (int sample = 0; sample < SAMPLES; sample++) {
            int process = random.below(problem.processes);
            int to = random.below(problem.machines);
            if (state.mayShift(process, to)) {
                sum += Math.abs(state.shiftDelta(process, to));
                count++;
            }
        }
        return Math.max(1, sum / Math.max(1, count));
    }

    @Override
    public long step(double share) {
        if (part > 0) {
            goOnTrying(share);
        } else if (part == MAIN && share >= PAIR_SHARE && isSmall()) {
            startPairs();
        }
        double runShare = Math.clamp((share - partStart) / (partEnd - partStart), 0, 1);
        if (part == PAIRS) {
            return movePairs(1 - runShare);
        }
        temperature = cooling.temperature(runShare);
        if (part == SCOUT) {
            cooling.observe(runShare, state.cost());
        } else if (state.isRelaxed()) {
            if (runShare >= SETTLE_SHARE) {
                settle();
            } else if (prices.isDue(runShare)) {
                state.relax(prices.adapt(state, runShare));
            }
        }
        long before = proposals;
        for (int group = 0; group < GROUPS_PER_STEP; group++) {
            tryGroup();
        }
        return proposals - before;
    }

    private void startPairs() {
        part = PAIRS;
        partStart = partEnd;
        partEnd = 1;
        if (!state.isSound() || state.cost() > bestCost) {
            goTo(best.clone());
        }
        state.relax(prices.highest());
    }

    private long movePairs(double heat) {
        long before = pairs.tries();
        while (pairs.tries() - before < PAIR_TRIES_PER_STEP) {
            int process = random.below(problem.processes);
            if (pairs.tryMove(process, random.below(problem.machines), heat)) {
                for (int step = 0; step < pairs.steps(); step++) {
                    note(pairs.process(step));
                    if (pairs.other(step) >= 0) {
                        note(pairs.other(step));
                    }
                }
                keepBest();
            }
        }
        long tries = pairs.tries() - before;
        proposals += tries;
        return tries;
    }

    /// Starts the next trial of this walk when it is time.
    private void goOnTrying(double share) {
        int next = 1 + (int) ((share - SCOUT_SHARE) / trialLength());
        if (next != part && next <= rounds()) {
            endTrial();
            startTrial(next);
        }
    }

    private int rounds() {
        return (setups.size() + threads - 1) / threads;
    }

    private double trialLength() {
        return (TRIAL_SHARE - SCOUT_SHARE) / rounds();
    }

    private void startTrial(int trial) {
        double length = trialLength();
        start(
                trial,
                setups.get(((trial - 1) * threads + thread) % setups.size()),
                SCOUT_SHARE + (trial - 1) * length,
                SCOUT_SHARE + trial * length);
    }

    private void endTrial() {
        if (state.isSound() && state.cost() < bestTrialCost) {
            bestTrialCost = state.cost();
            bestTrialSetup = setup;
        }
    }

    private void start(int nextPart, Setup nextSetup, double startShare, double endShare) {
        part = nextPart;
        setup = nextSetup;
        partStart = startShare;
        partEnd = endShare;
        goTo(initial);
        state.harden();
        runCost = Long.MAX_VALUE;
        if (setup.isRelaxed()) {
            state.relax(prices.start(setup.priceFactor()));
        }
    }

    /// Goes on to a sound plan, after the trials to none worse than the best, and keeps every rule
    /// from then on.
    private void settle() {
        boolean isSound = retreat();
        if (part != MAIN && !isSound) {
            goTo(initial);
        } else if (part == MAIN && (!isSound || state.cost() > bestCost)) {
            goTo(best.clone());
        }
        state.harden();
    }

    private boolean retreat() {
        state.relax(prices.highest());
        if (!retreat.run()) {
            return false;
        }
        keepBest();
        return true;
    }

    private void tryGroup() {
        int process = random.below(problem.processes);
        for (int count = 0; count < SHIFTS; count++) {
            proposals++;
            int to = state.findShift(process, random.below(problem.machines));
            if (to >= 0) {
                judgeShift(process, to);
            }
        }
        for (int count = 0; count < NEAR_SWAPS; count++) {
            int other = process - NEAR / 2 + random.below(NEAR);
            trySwap(process, Math.clamp(other, 0, problem.processes - 1));
        }
        int kin = state.kinCount(process);
        for (int count = 0; count < KIN_SWAPS && kin > 1; count++) {
            trySwap(process, state.kin(process, random.below(kin)));
        }
        for (int count = 0; count < FAR_SWAPS; count++) {
            trySwap(process, random.below(problem.processes));
        }
        for (int count = 0; count < EJECTIONS; count++) {
            tryEject(process, random.below(problem.processes), random.below(problem.machines));
        }
        for (int count = 0; count < HOME_EJECTIONS && away.count() > 0; count++) {
            int ejected = away.get(random.below(away.count()));
            tryEject(process, ejected, state.home(ejected));
        }
        if (!state.isRelaxed() && random.below(FORCE_ODDS) == 0) {
            tryForce(process, random.below(problem.machines));
        }
        for (int count = 0; count < HOMES && away.count() > 0; count++) {
            int returning = away.get(random.below(away.count()));
            tryShift(returning, state.home(returning));
        }
    }

    private void tryShift(int process, int to) {
        proposals++;
        if (state.mayShift(process, to)) {
            judgeShift(process, to);
        }
    }

    private void judgeShift(int process, int to) {
        long delta = state.shiftDelta(process, to);
        countEvaluation();
        if (isAccepted(delta, state.pullOn(process, to))) {
            state.shift(process, to, delta);
            note(process);
            keepBest();
        }
    }

    private void trySwap(int first, int second) {
        proposals++;
        if (state.maySwap(first, second)) {
            long delta = state.swapDelta(first, second);
            countEvaluation();
            float pulls =
                    state.pullOn(first, state.at(second)) + state.pullOn(second, state.at(first));
            if (isAccepted(delta, pulls)) {
                state.swap(first, second, delta);
                note(first);
                note(second);
                keepBest();
            }
        }
    }

    private void tryEject(int process, int ejected, int to) {
        proposals++;
        if (state.mayEject(process, ejected, to)) {
            long delta = state.ejectDelta(process, ejected, to);
            countEvaluation();
            float pulls = state.pullOn(process, state.at(ejected)) + state.pullOn(ejected, to);
            if (isAccepted(delta, pulls)) {
                state.eject(process, ejected, to, delta);
                note(process);
                note(ejected);
                keepBest();
            }
        }
    }

    /// Puts a process on a machine that may have no room for it, and makes room there by sending
    /// some of those there elsewhere, first of all to the place that has become free.
    private void tryForce(int process, int to) {
        proposals++;
        if (!state.mayForce(process, to)) {
            return;
        }
        int from = state.at(process);
        long costBefore = state.cost();
        float pulls = 0;
        stepCount = 0;
        pulls += step(process, to);
        for (int count = 0; count < FORCE_TRIES && !state.isWithinCapacity(to); count++) {
            int other = state.processOn(to, random.below(state.countOn(to)));
            int place = from;
            if (count % 3 == 1) {
                place = state.home(other);
            } else if (count % 3 == 2) {
                place = random.below(problem.machines);
            }
            if (other != process && stepCount < STEP_LIMIT && state.mayShift(other, place)) {
                pulls += step(other, place);
            }
        }
        boolean isAllowed = state.isWithinCapacity(to);
        if (isAllowed) {
            evaluations++;
        }
        if (isAllowed && isAccepted(state.cost() - costBefore, pulls)) {
            for (int index = 0; index < stepCount; index++) {
                note(stepProcess[index]);
            }
            keepBest();
        } else {
            for (int index = stepCount - 1; index >= 0; index--) {
                int place = stepFrom[index];
                state.shift(stepProcess[index], place, state.shiftDelta(stepProcess[index], place));
            }
        }
    }

    private float step(int process, int to) {
        stepProcess[stepCount] = process;
        stepFrom[stepCount++] = state.at(process);
        float pulls = state.pullOn(process, to);
        state.shift(process, to, state.shiftDelta(process, to));
        return pulls;
    }

    private void countEvaluation() {
        evaluations += state.isJudgedSound() ? 1 : 0;
    }

    private boolean isAccepted(long delta, float pulls) {
        return delta < temperature * (random.exponential() - setup.pull() * pulls);
    }

    private void note(int process) {
        away.set(process, state.at(process) != state.home(process));
        if (!isChanged[process]) {
            isChanged[process] = true;
            changed[changedCount++] = process;
        }
    }

    private void keepBest() {
        if (!state.isSound()) {
            return;
        }
        runCost = Math.min(runCost, state.cost());
        if (state.cost() < bestCost) {
            bestCost = state.cost();
            for (int index = 0; index < changedCount; index++) {
                int process = changed[index];
                best[process] = state.at(process);
                isChanged[process] = false;
            }
            changedCount = 0;
        }
    }

    private void goTo(int[] plan) {
        for (int process = 0; process < problem.processes; process++) {
            if (state.at(process) != plan[process] && !isChanged[process]) {
                isChanged[process] = true;
                changed[changedCount++] = process;
            }
        }
        state.goTo(plan);
        for (int process = 0; process < problem.processes; process++) {
            away.set(process, plan[process] != initial[process]);
        }
        keepBest();
    }

    @Override
    public void meet(List<ReassignmentWalk> team, double share) {
        if (part == SCOUT) {
            if (share > SCOUT_SHARE - ROUNDING) {
                endScout(team);
            }
        } else if (part > 0) {
            if (share > TRIAL_SHARE - ROUNDING) {
                endTrials(team, share);
            }
        } else if (share >= (part == PAIRS ? PAIR_FOLLOW_SHARE : FOLLOW_SHARE)) {
            ReassignmentWalk leader = this;
            for (ReassignmentWalk walk : team) {
                if (walk.state.cost() < leader.state.cost()) {
                    leader = walk;
                }
            }
            for (ReassignmentWalk walk : team) {
                if (walk != leader) {
                    walk.follow(leader);
                }
            }
        }
    }

    private void endScout(List<ReassignmentWalk> team) {
        Cooling seen = cooling;
        for (ReassignmentWalk walk : team) {
            if (walk != this) {
                seen.add(walk.cooling);
            }
        }
        Cooling refined =
                problem.processes > LARGE
                        ? seen.refined(initialCost, LARGE_DONE_SHARE, Integer.MAX_VALUE)
                        : seen.refined(initialCost, DONE_SHARE, MOST_BINS);
        for (ReassignmentWalk walk : team) {
            walk.cooling = refined.again();
            walk.startTrial(1);
            if (setups.size() == 1) {
                walk.start(MAIN, setups.getFirst(), SCOUT_SHARE, walk.mainEnd());
            }
        }
    }

    private static void endTrials(List<ReassignmentWalk> team, double share) {
        ReassignmentWalk leader = team.getFirst();
        for (ReassignmentWalk walk : team) {
            walk.endTrial();
            if (walk.bestTrialCost < leader.bestTrialCost) {
                leader = walk;
            }
        }
        for (ReassignmentWalk walk : team) {
            walk.start(MAIN, leader.bestTrialSetup, share, walk.mainEnd());
        }
    }

    private double mainEnd() {
        return isSmall() ? PAIR_SHARE : 1;
    }

    private boolean isSmall() {
        return problem.processes <= SMALL;
    }

    private void follow(ReassignmentWalk leader) {
        int[] plan = leader.state.plan();
        if (part == PAIRS) {
            goTo(plan);
        } else if (leader.state.isRelaxed()) {
            goTo(plan);
            state.relax(prices.copyFrom(leader.prices));
        } else {
            goTo(plan);
            state.harden();
        }
        runCost = Math.min(runCost, leader.runCost);
    }

    long bestCost() {
        return bestCost;
    }

    int[] best() {
        return best.clone();
    }

    long evaluations() {
        return evaluations + pairs.evaluations();
    }

    long proposals() {
        return proposals;
    }
}
