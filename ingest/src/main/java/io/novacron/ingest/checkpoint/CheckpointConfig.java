package io.novacron.ingest.checkpoint;

import java.time.Duration;

/// When checkpoints are written and how many are kept.
///
/// @param interval from the start of one to the start of the next, at the first tick after it; zero
///   for none at all, also not at the end
/// @param keep files that are kept, the newest; more than one so that a damaged one does no harm
public record CheckpointConfig(Duration interval, int keep) {
    /// Every start reads the whole journal.
    public static final CheckpointConfig OFF = new CheckpointConfig(Duration.ZERO, 1);

    public static final CheckpointConfig DEFAULT = new CheckpointConfig(Duration.ofMinutes(10), 2);

    private static final int MOST_KEPT = 100;

    public CheckpointConfig {
        if (interval.isNegative()) {
            throw new IllegalArgumentException(
                    "checkpoint.interval=%s must not be negative. Maybe 10m, or 0 for none?"
                            .formatted(interval));
        }
        if (keep < 1 || keep > MOST_KEPT) {
            throw new IllegalArgumentException(
                    "checkpoint.keep=%d must be in [1, %d]. Maybe 2?".formatted(keep, MOST_KEPT));
        }
    }

    public boolean enabled() {
        return !interval.isZero();
    }
}
