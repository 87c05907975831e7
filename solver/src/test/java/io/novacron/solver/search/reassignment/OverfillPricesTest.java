package io.novacron.solver.search.reassignment;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class OverfillPricesTest {
    private final ReassignmentProblem problem = // two processes of 6 do not fit one machine of 10
            new ReassignmentProblem.Builder()
                    .resources(new boolean[1], new int[] {7})
                    .machines(
                            new int[2],
                            new int[2],
                            new int[] {10, 10},
                            new int[] {10, 10},
                            new int[4])
                    .services(new int[2], new int[2][0])
                    .processes(new int[] {0, 1}, new int[] {6, 6}, new int[2])
                    .build();
    private final ReassignmentState state = new ReassignmentState(problem, new int[] {0, 1});
    private final OverfillPrices prices = new OverfillPrices(problem);

    @Test
    void startAtTheFactorTimesTheLoadWeight() {
        assertThat(prices.start(3)).containsExactly(21);
    }

    @Test
    void riseOnlyWhileMoreIsOverfullThanTheShareAllows() {
        state.relax(prices.start(1));
        overfill();
        double early = prices.adapt(state, 0)[0];
        double late = prices.adapt(state, 0.9)[0];
        assertThat(late).isGreaterThan(early).isGreaterThan(7);
    }

    @Test
    void fallBackToTheirStartOnceNothingIsOverfull() {
        state.relax(prices.start(1));
        overfill();
        for (int step = 0; step < 20; step++) {
            prices.adapt(state, 0.9);
        }
        state.goTo(new int[] {0, 1});
        double high = prices.adapt(state, 0.9)[0];
        assertThat(prices.adapt(state, 0.9)[0]).isLessThan(high);
        for (int step = 0; step < 100; step++) {
            prices.adapt(state, 0.9);
        }
        assertThat(prices.adapt(state, 0.9)).containsExactly(7);
    }

    @Test
    void areDueOnceAShareHasPassed() {
        prices.start(1);
        assertThat(prices.isDue(0)).isTrue();
        prices.adapt(state, 0);
        assertThat(prices.isDue(0)).isFalse();
        assertThat(prices.isDue(0.001)).isTrue();
    }

    private void overfill() {
        assertThat(state.mayShift(1, 0)).isTrue();
        state.shift(1, 0, state.shiftDelta(1, 0));
        assertThat(state.isSound()).isFalse();
        assertThat(state.countOverfull(0)).isEqualTo(1);
    }
}
