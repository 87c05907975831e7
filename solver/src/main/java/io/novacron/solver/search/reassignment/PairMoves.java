package io.novacron.solver.search.reassignment;

import io.novacron.solver.search.SearchRandom;
import java.util.Arrays;

/// Moves of two machines: a process goes from one to the other, or takes the place of one there,
/// and then the two shift and swap what they have as long as that makes them cheaper. All of it is
/// one move, taken or taken back as a whole. So a large process gets to where it belongs although
/// the way there leads over much worse plans, which a walk by single shifts and swaps that has
/// cooled down does not take.
///
/// How warm it is to begin with follows from how the first moves turn out: so that one in about
/// thirty of those that make the plan worse would be taken. The state has to be relaxed, at prices
/// at which being overfull is never worth it.
final class PairMoves {
    private static final int STEP_LIMIT = 1_000; // of one move
    private static final int TRY_LIMIT = 10_000; // of one move
    private static final int SAMPLES = 2_000; // moves that make the plan worse, to begin with
    private static final double SAMPLE_SHARE = 0.05; // of them cost less than the first temperature
    private static final double HALF_PASS_HOPE = 4; // temperatures that more pairs may still bring
    private static final double PASS_HOPE = 1;
    private static final int NONE = -1;

    private final ReassignmentState state;
    private final SearchRandom random;
    private final int[] process = new int[STEP_LIMIT];
    private final int[] other = new int[STEP_LIMIT]; // of a swap; NONE for a shift
    private final int[] from = new int[STEP_LIMIT]; // of a shift
    private int steps;
    private final long[] samples = new long[SAMPLES];
    private int sampleCount;
    private double temperature;
    private long tries;
    private long evaluations;

    PairMoves(ReassignmentState state, SearchRandom random) {
        this.state = state;
        this.random = random;
    }

    /// One move.
    ///
    /// @param heat from 1 at the beginning to 0 at the end
    /// @return whether the plan is another one now
    boolean tryMove(int moving, int to, double heat) {
        int home = state.at(moving);
        steps = 0;
        tries++;
        if (home == to) {
            return false;
        }
        long before = state.cost();
        if (state.mayShift(moving, to)) {
            shift(moving, to, state.shiftDelta(moving, to));
        } else if (!trySwapWithAny(moving, to)) {
            return false;
        }
        double allowed = heat * temperature * random.exponential();
        boolean isOrdered = order(home, to, moving, before + allowed);
        long delta = state.cost() - before;
        if (delta < allowed) {
            return true;
        }
        if (isOrdered) {
            sample(delta);
        }
        takeBack();
        return false;
    }

    private boolean trySwapWithAny(int moving, int to) {
        int count = state.countOn(to);
        if (count == 0) {
            return false;
        }
        int instead = state.processOn(to, random.below(count));
        if (!state.maySwap(moving, instead)) {
            return false;
        }
        swap(moving, instead, state.swapDelta(moving, instead));
        return true;
    }

    /// Shifts and swaps between two machines until none makes them cheaper, or there were too many,
    /// or the cost is so far above what is allowed that it will hardly get there; `fixed` stays
    /// where it is.
    ///
    /// @return whether it came to its end
    private boolean order(int left, int right, int fixed, double allowedCost) {
        int i = random.below(state.countOn(left) + 1);
        int j = random.below(state.countOn(right) + 1);
        int idle = 0; // pairs looked at since the last step
        long lastTry = tries + TRY_LIMIT;
        long nextLook = tries + pairsOf(left, right) / 2;
        double hope = HALF_PASS_HOPE * temperature;
        while (steps < STEP_LIMIT && tries < lastTry && idle < pairsOf(left, right)) {
            if (tries >= nextLook && temperature > 0) {
                if (state.cost() > allowedCost + hope) {
                    return false;
                }
                hope = PASS_HOPE * temperature;
                nextLook += pairsOf(left, right) / 2;
            }
            idle++;
            if (++j > state.countOn(right)) {
                j = 0;
                i++;
            }
            i = i > state.countOn(left) ? 0 : i;
            int first = i < state.countOn(left) ? state.processOn(left, i) : NONE;
            int second = j < state.countOn(right) ? state.processOn(right, j) : NONE;
            if (first != fixed && second != fixed && improve(first, second, left, right)) {
                idle = 0;
            }
        }
        return true;
    }

    /// How many pairs of processes, or of a process and a place, two machines have.
    private int pairsOf(int left, int right) {
        return (state.countOn(left) + 1) * (state.countOn(right) + 1);
    }

    /// Swaps the two, or shifts the one that there is, if that lessens the cost.
    private boolean improve(int first, int second, int left, int right) {
        tries++;
        if (first != NONE && second != NONE) {
            if (state.maySwap(first, second)) {
                long delta = state.swapDelta(first, second);
                count();
                if (delta < 0) {
                    swap(first, second, delta);
                    return true;
                }
            }
            return false;
        }
        int moving = first == NONE ? second : first;
        int to = first == NONE ? left : right;
        if (moving != NONE && state.mayShift(moving, to)) {
            long delta = state.shiftDelta(moving, to);
            count();
            if (delta < 0) {
                shift(moving, to, delta);
                return true;
            }
        }
        return false;
    }

    private void count() {
        evaluations += state.isJudgedSound() ? 1 : 0;
    }

    private void shift(int moving, int to, long delta) {
        process[steps] = moving;
        other[steps] = NONE;
        from[steps++] = state.at(moving);
        state.shift(moving, to, delta);
    }

    private void swap(int first, int second, long delta) {
        process[steps] = first;
        other[steps++] = second;
        state.swap(first, second, delta);
    }

    private void takeBack() {
        while (steps > 0) {
            steps--;
            int moved = process[steps];
            if (other[steps] == NONE) {
                state.shift(moved, from[steps], state.shiftDelta(moved, from[steps]));
            } else {
                state.swap(moved, other[steps], state.swapDelta(moved, other[steps]));
            }
        }
    }

    private void sample(long delta) {
        if (sampleCount < SAMPLES && delta > 0) {
            samples[sampleCount++] = delta;
            if (sampleCount == SAMPLES) {
                Arrays.sort(samples);
                temperature = samples[(int) (SAMPLES * SAMPLE_SHARE)];
            }
        }
    }

    /// Steps of the move taken last.
    int steps() {
        return steps;
    }

    /// The process of a step.
    int process(int step) {
        return process[step];
    }

    /// The second process of a step, or -1.
    int other(int step) {
        return other[step];
    }

    /// Pairs and machines looked at so far.
    long tries() {
        return tries;
    }

    /// Of them, those that kept every rule and so were judged by their cost.
    long evaluations() {
        return evaluations;
    }
}
