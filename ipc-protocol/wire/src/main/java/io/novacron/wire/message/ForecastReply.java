package io.novacron.wire.message;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The last forecast of one metric of one entity.
///
/// @param confidence live accuracy of the forecaster, in [0, 1]
/// @param model which forecaster made it
public record ForecastReply(
        long requestId,
        long tick,
        long issuedAtMs,
        float confidence,
        List<Point> points,
        String model)
        implements Message {
    /// Quantiles .1, .2 … .9 of each point.
    public static final int QUANTILES = 9;

    public ForecastReply {
        points = List.copyOf(points);
    }

    /// The quantiles at one horizon, copied in and out.
    public record Point(int horizonSeconds, float[] quantiles) {
        public Point {
            if (quantiles.length != QUANTILES) {
                throw new IllegalArgumentException(
                        "quantiles.length=%d must be %d: .1, .2 … .9"
                                .formatted(quantiles.length, QUANTILES));
            }
            quantiles = quantiles.clone();
        }

        @Override
        public float[] quantiles() {
            return quantiles.clone();
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Point that
                    && horizonSeconds == that.horizonSeconds
                    && Arrays.equals(quantiles, that.quantiles);
        }

        @Override
        public int hashCode() {
            return 31 * horizonSeconds + Arrays.hashCode(quantiles);
        }

        @Override
        public String toString() {
            return "Point[" + horizonSeconds + " s, " + Arrays.toString(quantiles) + "]";
        }
    }
}
