package io.novacron.solver.search.reassignment;

import java.util.function.IntConsumer;

/// Makes a relaxed plan sound again: by some shifts to where there is room, and after that by
/// sending processes home, each time the one that adds least to the cost. Every machine can hold
/// what was there at first, so this comes to an end, unless another rule keeps a process away from
/// home. The state has to be relaxed, at prices at which being overfull is never worth it.
final class Retreat {
    private static final int MOVES_TO_MAKE_ROOM = 2; // a machine, before processes go home
    private static final int NONE = -1;

    private final ReassignmentState state;
    private final ReassignmentProblem problem;
    private final IndexSet away;
    private final IntConsumer moved;

    /// @param away processes that are not at home, kept so by `moved`
    /// @param moved is told each process after its shift
    Retreat(ReassignmentState state, IndexSet away, IntConsumer moved) {
        this.state = state;
        this.problem = state.problem;
        this.away = away;
        this.moved = moved;
    }

    /// @return whether the plan is sound now
    boolean run() {
        int left = MOVES_TO_MAKE_ROOM * problem.machines;
        for (int machine = 0; machine < problem.machines; machine++) {
            while (left > 0 && !state.isWithinCapacity(machine) && makeRoom(machine)) {
                left--;
            }
        }
        while (!state.isSound()) {
            if (!sendOneHome()) {
                return false;
            }
        }
        return true;
    }

    /// Shifts the process from a machine that lessens cost and prices most.
    ///
    /// @return whether there was one
    private boolean makeRoom(int machine) {
        int bestProcess = NONE;
        int bestPlace = NONE;
        long leastDelta = 0;
        for (int index = 0; index < state.countOn(machine); index++) {
            int process = state.processOn(machine, index);
            for (int place = 0; place < problem.machines; place++) {
                if (state.mayShift(process, place)) {
                    long delta = state.shiftDelta(process, place);
                    if (delta < leastDelta) {
                        leastDelta = delta;
                        bestProcess = process;
                        bestPlace = place;
                    }
                }
            }
        }
        if (bestProcess == NONE) {
            return false;
        }
        shift(bestProcess, bestPlace);
        return true;
    }

    /// Of all processes away on an overfull machine, sends the one home that adds least.
    ///
    /// @return whether there was one
    private boolean sendOneHome() {
        int cheapest = NONE;
        long leastDelta = Long.MAX_VALUE;
        for (int index = 0; index < away.count(); index++) {
            int process = away.get(index);
            int home = state.home(process);
            if (!state.isWithinCapacity(state.at(process)) && state.mayShift(process, home)) {
                long delta = state.shiftDelta(process, home);
                if (delta < leastDelta) {
                    leastDelta = delta;
                    cheapest = process;
                }
            }
        }
        if (cheapest == NONE) {
            return false;
        }
        shift(cheapest, state.home(cheapest));
        return true;
    }

    private void shift(int process, int to) {
        state.shift(process, to, state.shiftDelta(process, to));
        moved.accept(process);
    }
}
