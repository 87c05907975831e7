package io.novacron.inference;

/// When a value counts as an anomaly.
///
/// @param minScore robust deviations from the expectation
/// @param maxTailShare share of the past day's residuals that may be as large
/// @param minHistory valid steps needed before anything is said
public record AnomalyConfig(float minScore, float maxTailShare, int minHistory) {
    public static final AnomalyConfig DEFAULT = new AnomalyConfig(6, .005f, 36);

    public AnomalyConfig {
        if (!(minScore > 0) || !(maxTailShare >= 0 && maxTailShare < 1) || minHistory < 3) {
            throw new IllegalArgumentException(
                    ("anomaly min-score=%s must be positive, max-tail-share=%s in [0, 1),"
                                    + " min-history=%d at least 3")
                            .formatted(minScore, maxTailShare, minHistory));
        }
    }
}
