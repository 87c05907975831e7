package io.novacron.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ForecastConfigTest {
    @Test
    void hasDefaultsWithinItsLimits() {
        assertThat(ForecastConfig.DEFAULT)
                .isEqualTo(new ForecastConfig(Duration.ofSeconds(2), 40, 6, 12));
    }

    @Test
    void keepsEveryProperty() {
        var config = new ForecastConfig(Duration.ofMillis(7), 3, 4, 5);
        assertThat(config.modelLimit()).isEqualTo(Duration.ofMillis(7));
        assertThat(config.pauseCalls()).isEqualTo(3);
        assertThat(config.backtestOrigins()).isEqualTo(4);
        assertThat(config.backtestStrideSteps()).isEqualTo(5);
    }

    @Test
    void listsEveryMistakeAtOnce() {
        assertThatThrownBy(() -> new ForecastConfig(Duration.ZERO, 0, -1, 0))
                .hasMessageContaining("model-limit=PT0S")
                .hasMessageContaining("pause-calls=0")
                .hasMessageContaining("backtest-origins=-1")
                .hasMessageContaining("backtest-stride-steps=0");
    }

    @Test
    void anomalyConfigChecksItsValues() {
        assertThat(AnomalyConfig.DEFAULT.minScore()).isEqualTo(6);
        assertThatThrownBy(() -> new AnomalyConfig(Float.NaN, .1f, 10))
                .hasMessageContaining("min-score=NaN");
    }

    @Test
    void requestRefusesHorizonsOutOfOrder() {
        Window window = TestSeries.of(TestSeries.constant(3, 1));
        assertThatThrownBy(() -> new ForecastRequest(window, new int[] {12, 1}, Bounds.PERCENT))
                .hasMessageContaining("[12, 1]");
        assertThatThrownBy(() -> new ForecastRequest(window, new int[0], Bounds.PERCENT))
                .hasMessageContaining("horizons.length=0");
    }
}
