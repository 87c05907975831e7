package io.novacron.daemon.decision;

import static org.assertj.core.api.Assertions.assertThat;

import io.novacron.daemon.decision.Effects.Signal;
import io.novacron.daemon.decision.FleetFacts.VmFacts;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// How often an action that changed nothing would be undone, and one that did harm would not.
class EffectJudgeTest {
    private static final int BEFORE = 120;
    private static final int AFTER = 10;
    private static final int RUNS = 10_000;

    /// Each row is a way in which minutes behave: spread of the noise, likeness of neighbouring
    /// minutes, share of bursts and their height, and a slope that has nothing to do with the
    /// action.
    @ParameterizedTest
    @CsvSource({
        "  2, 0.0, 0.00,  0, 0.00",
        " 10, 0.0, 0.00,  0, 0.00",
        "  5, 0.5, 0.00,  0, 0.00",
        " 10, 0.5, 0.00,  0, 0.00",
        "  5, 0.8, 0.00,  0, 0.00",
        " 10, 0.8, 0.00,  0, 0.00",
        " 15, 0.9, 0.00,  0, 0.00",
        "  2, 0.0, 0.05, 60, 0.00",
        "  2, 0.3, 0.20, 40, 0.00",
        "  5, 0.5, 0.00,  0, 0.10",
        "  1, 0.0, 0.00,  0, 0.15"
    })
    void atMostOneInAHundredThatChangedNothingIsUndone(
            double spread, double alike, double bursts, double height, double slope) {
        var random = new Random(20_035);
        int undone = 0;
        for (int run = 0; run < RUNS; run++) {
            undone += isUndone(random, spread, alike, bursts, height, slope, 0) ? 1 : 0;
        }
        assertThat(100.0 * undone / RUNS).as("percent undone").isLessThanOrEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({"2, 0.0, 10", "2, 0.5, 15", "5, 0.5, 40"})
    void harmIsSeen(double spread, double alike, double harm) {
        var random = new Random(20_035);
        int undone = 0;
        for (int run = 0; run < 1_000; run++) {
            undone += isUndone(random, spread, alike, 0, 0, 0, harm) ? 1 : 0;
        }
        assertThat(undone / 10.0).as("percent undone").isGreaterThanOrEqualTo(95);
    }

    /// Looks at half time and at the end, as the lifecycle does.
    private static boolean isUndone(
            Random random,
            double spread,
            double alike,
            double bursts,
            double height,
            double slope,
            double harm) {
        Map<Signal, double[]> before = new EnumMap<>(Signal.class);
        Map<Signal, double[]> half = new EnumMap<>(Signal.class);
        Map<Signal, double[]> whole = new EnumMap<>(Signal.class);
        for (Signal signal : Signal.values()) {
            double level = signal == Signal.USAGE ? 40 : 10;
            double[] all = new double[BEFORE + 2 + AFTER];
            double noise = random.nextGaussian() * spread;
            for (int i = 0; i < all.length; i++) {
                noise =
                        alike * noise
                                + Math.sqrt(1 - alike * alike) * spread * random.nextGaussian();
                double burst = random.nextDouble() < bursts ? height : 0;
                double added = i >= BEFORE && signal == Signal.STEAL ? harm : 0;
                all[i] = Math.clamp(level + noise + burst + slope * i + added, 0, 100);
            }
            before.put(signal, Arrays.copyOf(all, BEFORE));
            int from = BEFORE + 2; // it settles
            half.put(signal, Arrays.copyOfRange(all, from, from + AFTER / 2));
            whole.put(signal, Arrays.copyOfRange(all, from, from + AFTER));
        }
        double[] peak = {40, 42, 44, 46, 48, 50, 52, 54, 56};
        Proposal shrink =
                VirtualDesk.proposal(1, new VmFacts(new UUID(1, 1), 8, 1L << 30), 6, 0.9f);
        Effects baseline = Effects.of(before, peak);
        return EffectJudge.judge(shrink, baseline, Effects.of(half, peak)).worse()
                || EffectJudge.judge(shrink, baseline, Effects.of(whole, peak)).worse();
    }
}
