package io.novacron.perf.consolidation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class OverloadRuleTest {
    private static final OverloadRule LR = new OverloadRule.Regression(1.2);

    private static double[] line(int points, double newest, double step) {
        double[] shares = new double[30];
        for (int i = 0; i < points; i++) {
            shares[i] = newest - i * step;
        }
        return shares;
    }

    @Test
    void regressionLooksOneIntervalAhead() {
        assertThat(LR.isOverloaded(.5, line(10, .80, .03))).as("0.83 * 1.2 < 1").isFalse();
        assertThat(LR.isOverloaded(.5, line(10, .81, .03))).as("0.84 * 1.2 > 1").isTrue();
    }

    @Test
    void withLessThanTenSharesAThresholdDecides() {
        assertThat(LR.isOverloaded(.7, line(9, .99, 0))).isFalse();
        assertThat(LR.isOverloaded(.71, line(9, .1, 0))).isTrue();
    }

    @Test
    void olderSharesDoNotCount() {
        double[] shares = line(10, .5, 0);
        shares[10] = 100;

        assertThat(LR.isOverloaded(.5, shares)).isFalse();
    }

    @Test
    void aThresholdIsNotReachedByItself() {
        OverloadRule rule = new OverloadRule.Threshold(.8);

        assertThat(rule.isOverloaded(.8, new double[30])).isFalse();
        assertThat(rule.isOverloaded(.81, new double[30])).isTrue();
    }
}
