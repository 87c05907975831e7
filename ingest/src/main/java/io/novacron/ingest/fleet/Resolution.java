package io.novacron.ingest.fleet;

/// How fine a window is and how far it reaches back.
public enum Resolution {
    /// 60 s for 2 h, every metric.
    MINUTE(60_000, 120, 128),
    /// 5 min for 7 days, forecast metrics.
    FIVE_MINUTES(300_000, 2_016, 2_032),
    /// 1 h for 35 days, forecast metrics.
    HOUR(3_600_000, 840, 864);

    private final int stepMs;
    private final int steps;
    private final int rows;

    Resolution(int stepMs, int steps, int rows) {
        this.stepMs = stepMs;
        this.steps = steps;
        this.rows = rows;
    }

    public int stepMs() {
        return stepMs;
    }

    /// Steps that a view can see.
    public int steps() {
        return steps;
    }

    /// Rows of a tile: the steps, and spare ones, so that what is being written now does not
    /// overwrite what a view of a few ticks ago still sees.
    int rows() {
        return rows;
    }

    /// The step whose interval `(start, end]` a sample with this end belongs to.
    int stepOf(long timestampMs) {
        return (int) Math.floorDiv(timestampMs - 1, (long) stepMs);
    }

    /// The last step that is over at this time.
    int lastClosed(long timeMs) {
        return (int) (Math.floorDiv(timeMs, (long) stepMs) - 1);
    }

    int row(int step) {
        return Math.floorMod(step, rows);
    }
}
