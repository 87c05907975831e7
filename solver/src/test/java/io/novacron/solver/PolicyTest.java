package io.novacron.solver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class PolicyTest {
    @Test
    void sizingPolicyRefusesEveryBadProperty() {
        var refusal =
                catchThrowableOfType(
                        InvalidInputException.class,
                        () -> new SizingPolicy(0.5, 0.4, 0.9, 2, 3, -1, 2, 1, -1, -1, 2, 0, -1));
        assertThat(refusal.mistakes())
                .hasSize(11)
                .anyMatch(text -> text.contains("saturation=2.0"))
                .anyMatch(text -> text.contains("memoryStepBytes=0"));
    }

    @Test
    void sizingPolicyRefusesABandInWhichSizesWouldSwing() {
        assertThatThrownBy(() ->
                        new SizingPolicy(0.7, 0.85, 0.5, 0.95, 1.5, 0.9, 0.5, 0.5, 24, 0, 0, 1, 2))
                .hasMessageContaining("would be shrunk again");
    }

    @Test
    void reliefPolicyRefusesEveryBadProperty() {
        var refusal =
                catchThrowableOfType(
                        InvalidInputException.class,
                        () -> new ReliefPolicy(0, 0, 0, MigrationModel.DEFAULT));
        assertThat(refusal.mistakes()).hasSize(3);
    }

    @Test
    void migrationModelRefusesEveryBadProperty() {
        var refusal =
                catchThrowableOfType(
                        InvalidInputException.class, () -> new MigrationModel(0, -1, 0, -1, -1, 0));
        assertThat(refusal.mistakes()).hasSize(6);
    }

    @Test
    void placementPolicyRefusesEveryBadProperty() {
        var refusal =
                catchThrowableOfType(
                        InvalidInputException.class, () -> new PlacementPolicy(-1, Double.NaN, -1));
        assertThat(refusal.mistakes()).hasSize(4);
    }

    @Test
    void workLimitRefusesNegativeMoves() {
        assertThatThrownBy(() -> WorkLimit.ofMoves(-1, 0)).hasMessageContaining("moves=-1");
    }

    @Test
    void migrationOfAnIdleGuestCopiesItsMemoryOnce() {
        var estimate = new MigrationModel(100, 0, 0.1, 1, 0.2, 5).estimate(1_000, Double.NaN);
        assertThat(estimate.copiedBytes()).isEqualTo(1_000);
        assertThat(estimate.seconds()).isEqualTo(11);
        assertThat(estimate.downtimeSeconds()).isEqualTo(0.2);
        assertThat(estimate.converges()).isTrue();
    }

    @Test
    void migrationOfABusyGuestCopiesMoreInEveryRound() {
        var estimate = new MigrationModel(100, 0, 0.1, 0, 0, 30).estimate(1_000, 50);
        assertThat(estimate.copiedBytes())
                .as("1,000 + 500 + 250 + ... down to ten bytes, and those in the pause")
                .isEqualTo(2_000 - 7.8125, within(1e-9));
        assertThat(estimate.downtimeSeconds()).isEqualTo(0.078125, within(1e-9));
        assertThat(estimate.converges()).isTrue();
    }

    @Test
    void migrationOfAGuestFasterThanTheLinkDoesNotConverge() {
        var estimate = new MigrationModel(100, 0, 0.1, 0, 0, 10).estimate(1_000, 200);
        assertThat(estimate.converges()).isFalse();
        assertThat(estimate.copiedBytes()).isEqualTo(11_000);
        assertThat(estimate.downtimeSeconds()).isEqualTo(10);
    }
}
