package io.novacron.ingest.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.novacron.wire.catalogue.Metric;
import io.novacron.wire.catalogue.MetricCatalogue;
import java.util.Objects;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.FloatRange;
import org.junit.jupiter.api.Test;

class ScaledValuesTest {
    private final ScaledValues percent = new ScaledValues(metric("cpu.usage"));
    private final ScaledValues bytes = new ScaledValues(metric("disk.throughput"));

    @Property(tries = 300)
    void percentagesAreKeptToAThousandth(@ForAll @FloatRange(max = 100) float value) {
        assertThat(percent.decode(percent.encode(value))).isCloseTo(value, within(0.001f));
    }

    @Property(tries = 300)
    void ratesAreKeptToAThousandthOfThemselves(@ForAll @FloatRange(max = 1e11f) float value) {
        assertThat(bytes.decode(bytes.encode(value)))
                .isCloseTo(value, within(0.0005f * (value + 1)));
    }

    @Property(tries = 300)
    void codesAreStable(@ForAll short code) {
        assertThat(bytes.encode(bytes.decode(code))).isEqualTo(code);
        assertThat(percent.encode(percent.decode(code))).isEqualTo(code);
    }

    @Test
    void missingStaysMissing() {
        assertThat(percent.encode(Float.NaN)).isEqualTo(ScaledValues.MISSING);
        assertThat(percent.decode(ScaledValues.MISSING)).isNaN();
        assertThat(percent.decode(percent.encode(0))).isZero();
        assertThat(percent.decode(percent.encode(100))).isEqualTo(100);
    }

    private static Metric metric(String name) {
        return Objects.requireNonNull(MetricCatalogue.INSTANCE.byName(name));
    }
}
