package io.novacron.perf.consolidation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.novacron.solver.consolidation.Estate;
import io.novacron.solver.consolidation.Moves;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Days of one or two vms, with figures worked out by hand.
class SimulationTest {
    private static final double JOULES_PER_KWH = 3_600_000;
    private static final double STEPS_WITH_ENERGY = 286; // from 300.1 s to 86,100.1 s
    private static final double G5_AT_HALF = 116; // watts at 50 %

    /// All vms on the first host, and one move at a given decision.
    private static final class OneMove implements Planner {
        private final int vms;
        private final int decision;
        private final int target;
        private int seen;

        OneMove(int vms, int decision, int target) {
            this.vms = vms;
            this.decision = decision;
            this.target = target;
        }

        @Override
        public int[] place() {
            return new int[vms];
        }

        @Override
        public void decide(Now now, Moves moves) {
            if (++seen == decision) {
                moves.add(0, target);
            }
        }
    }

    private static Planner idle(int vms) {
        return new OneMove(vms, -1, 0);
    }

    private static DayTrace constant(int... percent) {
        byte[][] rows = new byte[percent.length][DayTrace.STEPS];
        String[] names = new String[percent.length];
        for (int vm = 0; vm < rows.length; vm++) {
            Arrays.fill(rows[vm], (byte) percent[vm]);
            names[vm] = "vm" + vm;
        }
        return new DayTrace(List.of(names), rows);
    }

    private static Estate estate(int... mips) {
        double[] vmMips = Arrays.stream(mips).asDoubleStream().toArray();
        int[] memory = new int[mips.length];
        Arrays.fill(memory, 613);
        return new Estate(List.of(PlanetLab.G5, PlanetLab.G5), vmMips, memory);
    }

    private static double kwh(double watts) {
        return watts * STEPS_WITH_ENERGY * DayTrace.STEP_SECONDS / JOULES_PER_KWH;
    }

    @Test
    void aSteadyHostDrawsItsCurveFromTheFirstUpdateOn() {
        var outcome = new Simulation(constant(100), estate(2_660), Mode.AS_RELEASED, idle(1)).run();

        assertThat(outcome.energyKwh()).isCloseTo(kwh(G5_AT_HALF), within(1e-9));
        assertThat(outcome.migrations()).isZero();
        assertThat(outcome.unserved()).isZero();
        assertThat(outcome.hostShutdowns()).as("the host that was never used").isOne();
    }

    @Test
    void anOverloadedHostLeavesAShareUnserved() {
        var outcome =
                new Simulation(
                                constant(100, 100, 100),
                                estate(2_660, 2_660, 1_330),
                                Mode.KEEP,
                                idle(3))
                        .run();

        assertThat(outcome.unserved()).isCloseTo(.2, within(1e-9)); // 5,320 of 6,650 MIPS
        assertThat(outcome.slatah()).isEqualTo(1);
        assertThat(outcome.pdm()).as("nothing migrates").isZero();
    }

    @Test
    void aMigrationWithholdsATenthWhileItLasts() {
        var outcome =
                new Simulation(
                                constant(100, 50),
                                estate(1_000, 1_000),
                                Mode.KEEP,
                                new OneMove(2, 10, 1))
                        .run();
        double seconds = 613 / 62.5;
        double asked = (1_000 + 500) * STEPS_WITH_ENERGY * DayTrace.STEP_SECONDS;

        assertThat(outcome.migrations()).isOne();
        assertThat(outcome.mostMigrationsOfVm()).isOne();
        assertThat(outcome.pdm()).isCloseTo(100 * seconds / asked, within(1e-9));
        assertThat(outcome.unserved()).isCloseTo(outcome.pdm(), within(1e-9));
        assertThat(outcome.slatah())
                .as("the target is short while the vm arrives, the source is not")
                .isCloseTo(
                        seconds
                                / (STEPS_WITH_ENERGY * DayTrace.STEP_SECONDS * 2
                                        - 9 * DayTrace.STEP_SECONDS),
                        within(1e-9));
    }

    @Test
    void aVmWithoutDemandIsDestroyedOrKept() {
        byte[][] rows = {new byte[DayTrace.STEPS]};
        Arrays.fill(rows[0], (byte) 50);
        rows[0][100] = 0;
        rows[0][101] = 0;
        var day = new DayTrace(List.of("a"), rows);

        var released = new Simulation(day, estate(2_660), Mode.AS_RELEASED, idle(1)).run();
        var kept = new Simulation(day, estate(2_660), Mode.KEEP, idle(1)).run();

        assertThat(released.energyKwh()).isLessThan(kept.energyKwh() * .36);
        assertThat(kept.heldKwh())
                .as("idle power of the host while its vm asks nothing")
                .isPositive();
    }

    @Test
    void aPlanBeyondHardMemoryIsRefused() {
        var estate =
                new Estate(
                        List.of(PlanetLab.G4, PlanetLab.G4),
                        new double[] {500, 500},
                        new int[] {4_000, 4_000});
        var planner =
                new Planner() {
                    @Override
                    public int[] place() {
                        return new int[] {0, 1};
                    }

                    @Override
                    public void decide(Now now, Moves moves) {
                        moves.add(0, 1);
                    }
                };

        assertThatThrownBy(() -> new Simulation(constant(5, 5), estate, Mode.HARD, planner).run())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("8000 MB on host 1 of 4096 MB");
    }
}
