package io.novacron.solver.search.reassignment;

import io.novacron.solver.search.Cooling;
import io.novacron.solver.search.SearchRandom;
import io.novacron.solver.search.Walk;
import java.util.List;

/// Simulated annealing by shifts and swaps.
final class ReassignmentWalk implements Walk<ReassignmentWalk> {
    static double HOT = Double.parseDouble(System.getProperty("hot", "30"));
    static double COLD = Double.parseDouble(System.getProperty("cold", "0.5"));
    static double SWAPS = Double.parseDouble(System.getProperty("swaps", "0.3"));
    static double SHIFTS = Double.parseDouble(System.getProperty("shifts", "0.3"));
    static double HOMES = Double.parseDouble(System.getProperty("homes", "0.1"));
    
    static boolean TRACE = Boolean.getBoolean("trace");
    int lastTrace; long lastA; long lastE;
    static int NEAR = Integer.getInteger("near", 64);
    private static final int MOVES_PER_STEP = 512;

    private final ReassignmentProblem problem;
    private final ReassignmentState state;
    private final SearchRandom random;
    private final IndexSet away;
    final long[] tried = new long[8];
    final long[] passed = new long[8];
    final long[] took = new long[8];
    private final int[] bySize;
    private final int[] positionOf;
    private final double scale;
    private final int[] best;
    private final int[] changed;
    private final boolean[] isChanged;
    private int changedCount;
    private long bestCost;
    private long evaluated;
    long proposed;
    long accepted;

    ReassignmentWalk(ReassignmentProblem problem, int[] initial, long seed, int thread, int threads) {
        this.thread = thread;
        this.threads = threads;
        this.problem = problem;
        state = new ReassignmentState(problem, initial);
        random = new SearchRandom(seed);
        best = initial.clone();
        changed = new int[problem.processes];
        isChanged = new boolean[problem.processes];
        bestCost = state.cost();
        away = new IndexSet(problem.processes);
        bySize = sizeOrder();
        weight = weights();
        positionOf = new int[problem.processes];
        for (int position = 0; position < bySize.length; position++) {
            positionOf[bySize[position]] = position;
        }
        scale = meanWorsening();
    }

    private final double[] weight;

    private double[] weights() {
        var weight = new double[problem.processes];
        int count = 0;
        for (int resource = 0; resource < problem.resources; resource++) {
            if (problem.isTransient[resource]) {
                double sum = 1;
                for (int process = 0; process < problem.processes; process++) {
                    sum += problem.need[process * problem.resources + resource];
                }
                for (int process = 0; process < problem.processes; process++) {
                    weight[process] += problem.need[process * problem.resources + resource] / sum * problem.processes;
                }
                count++;
            }
        }
        for (int process = 0; process < problem.processes; process++) {
            weight[process] = count == 0 || SIZED == 0 ? 1 : (1 - SIZED) + SIZED * weight[process] / count;
        }
        return weight;
    }

    static double SIZED = Double.parseDouble(System.getProperty("sized", "1"));

    private int[] sizeOrder() {
        var size = new double[problem.processes];
        for (int resource = 0; resource < problem.resources; resource++) {
            double sum = 0;
            for (int process = 0; process < problem.processes; process++) {
                sum += problem.need[process * problem.resources + resource];
            }
            for (int process = 0; process < problem.processes; process++) {
                size[process] += problem.need[process * problem.resources + resource] / Math.max(1, sum);
            }
        }
        return java.util.stream.IntStream.range(0, problem.processes)
                .boxed()
                .sorted(java.util.Comparator.comparingDouble(process -> size[process]))
                .mapToInt(Integer::intValue)
                .toArray();
    }

    private double meanWorsening() {
        double sum = 0;
        int count = 0;
        for (int trial = 0; trial < 100_000; trial++) {
            int process = random.below(problem.processes);
            int to = random.below(problem.machines);
            if (state.mayShift(process, to)) {
                long delta = state.shiftDelta(process, to);
                sum += Math.abs(delta);
                count++;
            }
        }
        return count == 0 ? 1 : sum / count;
    }

    static final double[] PULLS = java.util.Arrays.stream(System.getProperty("pulls", "0.3,1,4,10").split(",")).mapToDouble(Double::parseDouble).toArray();
    static final double PILOT = Double.parseDouble(System.getProperty("pilot", "0.16"));
    private int trial = -1;
    private int thread;
    private int threads;
    double trialCost;
    double trialPull;
    Cooling trialCooling;
    double bestTrialCost = Double.POSITIVE_INFINITY;
    double bestTrialPull;
    Cooling bestTrialCooling;
    private double pull;
    private Cooling cooling;

    private void startTrial(int index) {
        endTrial();
        trial = index;
        pull = PULLS[(index * threads + thread) % PULLS.length];
        cooling = Cooling.even(HOT * scale, COLD > 0.1 ? COLD : COLD * HOT * scale);
        for (int process = 0; process < problem.processes; process++) {
            if (state.at[process] != state.initial[process]) {
                away.set(process, false);
                note(process);
            }
        }
        state.goTo(state.initial);
        for (int process = 0; process < problem.processes; process++) {
            away.set(process, false);
        }
    }

    private void endTrial() {
        if (trial >= 0 && state.cost() < bestTrialCost) {
            bestTrialCost = state.cost();
            bestTrialPull = pull;
            bestTrialCooling = cooling.refined();
        }
    }

    @Override
    public long step(double share) {
        double part;
        if (share < PILOT) {
            int trials = Math.max(1, PULLS.length / threads);
            int index = Math.min(trials - 1, (int) (share / PILOT * trials));
            if (index != trial) {
                startTrial(index);
            }
            part = share / PILOT * trials - index;
            cooling.observe(part, state.cost());
        } else {
            part = (share - PILOT) / (1 - PILOT);
        }
        double temperature = cooling.temperature(part);
        if (TRACE && (int) (share * 25) != lastTrace) {
            lastTrace = (int) (share * 25);
            System.out.printf("  %.2f T %.3g (%.2g) cost %d best %d away %d acc %.4f %n", share, temperature, temperature / scale, state.cost(), bestCost, away.count(), (double) (accepted - lastA) / Math.max(1, evaluated - lastE));
            lastA = accepted; lastE = evaluated;
        }
        for (int move = 0; move < MOVES_PER_STEP; move++) {
            double kind = random.share();
            if (kind < SHIFTS) {
                int process = random.below(problem.processes);
                tryShift(process, random.below(problem.machines), temperature, 0);
            } else if (kind < SHIFTS + HOMES) {
                int process = away.count() == 0 ? 0 : away.get(random.below(away.count()));
                tryShift(process, state.initial[process], temperature, 1);
            } else if (kind < SHIFTS + HOMES + SWAPS) {
                trySwap(temperature);
            } else {
                tryEject(temperature);
            }
        }
        proposed += MOVES_PER_STEP;
        return MOVES_PER_STEP;
    }

    private void tryShift(int process, int to, double temperature, int kind) {
        tried[kind]++;
        if (!state.mayShift(process, to)) {
            return;
        }
        evaluated++;
        passed[kind]++;
        long delta = state.shiftDelta(process, to);
        if (delta < temperature * (random.exponential() - pull * pullOn(process, to))) {
            state.shift(process, to, delta);
            took[kind]++;
            accepted++;
            note(process);
            keepBest();
        }
    }

    private void trySwap(double temperature) {
        int first = random.below(problem.processes);
        tried[2]++;
        int second;
        if ((random.nextLong() & 1) == 0) {
            second = random.below(problem.processes);
        } else {
            int width = Math.min(NEAR, problem.processes);
            int position = positionOf[first] - width / 2 + random.below(width);
            second = bySize[Math.max(0, Math.min(problem.processes - 1, position))];
        }
        if (!state.maySwap(first, second)) {
            return;
        }
        evaluated++;
        passed[2]++;
        long delta = state.swapDelta(first, second);
        if (delta < temperature * (random.exponential() - pull * (pullOn(first, state.at[second]) + pullOn(second, state.at[first])))) {
            state.swap(first, second, delta);
            took[2]++;
            accepted++;
            note(first);
            note(second);
            keepBest();
        }
    }

    private void tryEject(double temperature) {
        tried[3]++;
        int process = random.below(problem.processes);
        int ejected;
        int to;
        if ((random.nextLong() & 1) == 0 && away.count() > 0) {
            ejected = away.get(random.below(away.count()));
            to = state.initial[ejected];
        } else {
            ejected = random.below(problem.processes);
            to = random.below(problem.machines);
        }
        if (!state.mayEject(process, ejected, to)) {
            return;
        }
        evaluated++;
        passed[3]++;
        long delta = state.ejectDelta(process, ejected, to);
        if (delta < temperature * (random.exponential() - pull * (pullOn(process, state.at[ejected]) + pullOn(ejected, to)))) {
            state.eject(process, ejected, to, delta);
            accepted++;
            took[3]++;
            note(process);
            note(ejected);
            keepBest();
        }
    }

    private double pullOn(int process, int to) {
        return leaves(process, to) * weight[process];
    }

    private int leaves(int process, int to) {
        int home = state.initial[process];
        return (to == home ? 0 : 1) - (state.at[process] == home ? 0 : 1);
    }

    private void note(int process) {
        away.set(process, state.at[process] != state.initial[process]);
        if (!isChanged[process]) {
            isChanged[process] = true;
            changed[changedCount++] = process;
        }
    }

    private void keepBest() {
        if (state.cost() < bestCost) {
            bestCost = state.cost();
            for (int index = 0; index < changedCount; index++) {
                int process = changed[index];
                best[process] = state.at[process];
                isChanged[process] = false;
            }
            changedCount = 0;
        }
    }

    String diag() {
        var text = new StringBuilder("away " + away.count());
        for (int k = 0; k < 4; k++) {
            text.append(String.format(" [%.2fM pass %.3f acc %.3f]", tried[k] / 1e6, (double) passed[k] / tried[k], (double) took[k] / passed[k]));
        }
        return text.toString();
    }

    long bestCost() {
        return bestCost;
    }

    int[] best() {
        return best;
    }

    long proposals() {
        return proposed;
    }

    long evaluations() {
        return evaluated;
    }

    @Override
    public void meet(List<ReassignmentWalk> team, double share) {
        if (share < PILOT - 1e-9) {
            return;
        }
        if (trial >= 0) {
            ReassignmentWalk leader = this;
            for (ReassignmentWalk walk : team) {
                walk.endTrial();
                if (walk.bestTrialCost < leader.bestTrialCost) {
                    leader = walk;
                }
            }
            for (ReassignmentWalk walk : team) {
                if (TRACE) System.out.println("trial " + walk.bestTrialCost + " pull " + walk.bestTrialPull);
                walk.trial = -1;
                walk.pull = leader.bestTrialPull;
                walk.cooling = leader.bestTrialCooling;
                walk.takeOver(leader);
            }
            return;
        }
        ReassignmentWalk leader = this;
        for (ReassignmentWalk walk : team) {
            if (walk.state.cost() < leader.state.cost()) {
                leader = walk;
            }
        }
        for (ReassignmentWalk walk : team) {
            walk.takeOver(leader);
        }
    }

    private void takeOver(ReassignmentWalk other) {
        if (other == this) {
            return;
        }
        for (int process = 0; process < problem.processes; process++) {
            if (state.at[process] != other.state.at[process]) {
                note(process);
            }
        }
        state.goTo(other.state.at);
        for (int process = 0; process < problem.processes; process++) {
            away.set(process, state.at[process] != state.initial[process]);
        }
        keepBest();
    }
}
