package io.novacron.solver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class FleetStateTest {
    @Property(tries = 150, seed = "20261121")
    void agreesWithAFullRecountAfterAnyMoves(@ForAll long seed) {
        var problem = RandomFleets.fleet(seed, 6, 24);
        var state = new FleetState(problem);
        var random = new SplittableRandom(seed);
        assertAgrees(state);
        for (int i = 0; i < 30 && problem.vmCount() > 0; i++) {
            int vm = random.nextInt(problem.vmCount());
            double overloadWithout = state.overloadWithout(vm);
            int from = state.hostOf[vm];
            int to = random.nextInt(problem.hostCount());
            double[] peaks = new double[problem.resourceCount()];
            for (int resource = 0; resource < peaks.length; resource++) {
                peaks[resource] = state.peakAfter(resource, to, vm, 1);
            }
            state.move(vm, to);
            if (from != to) {
                assertThat(state.overload(from)).isEqualTo(overloadWithout);
                for (int resource = 0; resource < peaks.length; resource++) {
                    assertThat(state.peak(resource, to)).isEqualTo(peaks[resource]);
                }
            }
            assertAgrees(state);
        }
    }

    @Property(tries = 150, seed = "20261121")
    void isRestoredToTheLastBitByTheReverseMoves(@ForAll long seed) {
        var problem = RandomFleets.fleet(seed, 6, 24);
        var state = new FleetState(problem);
        var before = state.score();
        var random = new SplittableRandom(seed);
        int count = problem.vmCount() == 0 ? 0 : 200;
        int[][] moved = new int[count][];
        for (int i = 0; i < count; i++) {
            int vm = random.nextInt(problem.vmCount());
            moved[i] = new int[] {vm, state.hostOf[vm]};
            state.move(vm, random.nextInt(problem.hostCount()));
        }
        for (int i = count - 1; i >= 0; i--) {
            state.move(moved[i][0], moved[i][1]);
        }
        assertThat(state.score()).isEqualTo(before);
        assertThat(state.hostOf).isEqualTo(problem.hostOf);
    }

    @Property(tries = 150, seed = "20261121")
    void callsNoMoveLegalThatBreaksOrWorsensARule(@ForAll long seed) {
        var problem = RandomFleets.fleet(seed, 6, 24);
        var before = FleetScore.recount(problem, problem.hostOf);
        for (int vm = 0; vm < problem.vmCount(); vm++) {
            for (int host = 0; host < problem.hostCount(); host++) {
                var state = new FleetState(problem);
                if (host == problem.hostOf(vm) || state.check(vm, host) != null) {
                    continue;
                }
                state.move(vm, host);
                var after = FleetScore.recount(problem, state.hostOf);
                assertThat(after.affinitySplits()).isLessThanOrEqualTo(before.affinitySplits());
                assertThat(after.antiAffinityClashes())
                        .isLessThanOrEqualTo(before.antiAffinityClashes());
                assertThat(after.pinViolations()).isLessThanOrEqualTo(before.pinViolations());
                assertThat(after.forbiddenPlacements())
                        .isLessThanOrEqualTo(before.forbiddenPlacements());
                assertThat(after.allocationExcess())
                        .isLessThanOrEqualTo(before.allocationExcess() + 1e-9);
                assertThat(after.overload()).isLessThanOrEqualTo(before.overload() + 1e-9);
            }
        }
    }

    private static void assertAgrees(FleetState state) {
        var kept = state.score();
        var counted = FleetScore.recount(state.problem, state.hostOf);
        assertThat(kept.affinitySplits()).isEqualTo(counted.affinitySplits());
        assertThat(kept.antiAffinityClashes()).isEqualTo(counted.antiAffinityClashes());
        assertThat(kept.pinViolations()).isEqualTo(counted.pinViolations());
        assertThat(kept.forbiddenPlacements()).isEqualTo(counted.forbiddenPlacements());
        assertThat(kept.allocationExcess()).isEqualTo(counted.allocationExcess(), within(1e-9));
        assertThat(kept.overload()).isEqualTo(counted.overload(), within(1e-9));
        for (int host = 0; host < state.problem.hostCount(); host++) {
            for (int resource = 0; resource < state.problem.resourceCount(); resource++) {
                assertThat(state.peak(resource, host))
                        .as("sums are exact, so equal to the last bit")
                        .isEqualTo(FleetScore.peak(state.problem, state.hostOf, resource, host));
            }
        }
    }
}
