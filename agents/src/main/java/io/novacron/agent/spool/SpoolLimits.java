package io.novacron.agent.spool;

/// Bounds of a file spool.
///
/// @param maxBytes on disk, all segments together
/// @param maxAgeMs of a frame, to the grain of a segment
/// @param syncEachFrame whether an append waits until the disk has the frame
public record SpoolLimits(long maxBytes, long maxAgeMs, boolean syncEachFrame) {
    private static final long MIN_BYTES = 64 * 1024;

    public SpoolLimits {
        if (maxBytes < MIN_BYTES) {
            throw new IllegalArgumentException(
                    "maxBytes=%d must be at least %d. Maybe a unit is missing?"
                            .formatted(maxBytes, MIN_BYTES));
        }
        if (maxAgeMs <= 0) {
            throw new IllegalArgumentException("maxAgeMs=%d must be positive".formatted(maxAgeMs));
        }
    }

    /// A segment's size: small enough that dropping one loses little, large enough to keep the
    /// number of files down.
    int segmentBytes() {
        return (int) Math.clamp(maxBytes / 16, 4 * 1024, 4 * 1024 * 1024);
    }

    /// A segment stops growing after this time, so that age has something to drop.
    long segmentAgeMs() {
        return Math.max(1, maxAgeMs / 16);
    }
}
