package io.novacron.ingest.remotewrite;

import java.util.Arrays;

/// What has come so far of one scrape of one target: sums by cell. Reused.
final class ScrapeRound {
    long timestampMs;
    long begunMs;
    int reported;
    boolean hasNewSeries;
    double[] over = {};
    double[] sum = {};
    int[] contributions = {};
    byte[] parts = {};

    void begin(long timestamp, long nowMs, int cells) {
        timestampMs = timestamp;
        begunMs = nowMs;
        reported = 0;
        hasNewSeries = false;
        if (sum.length < cells) {
            int length = Math.max(cells, 16);
            sum = new double[length];
            over = new double[length];
            contributions = new int[length];
            parts = new byte[length];
        } else {
            Arrays.fill(sum, 0);
            Arrays.fill(over, 0);
            Arrays.fill(contributions, 0);
            Arrays.fill(parts, (byte) 0);
        }
    }

    void ensure(int cells) {
        if (sum.length < cells) {
            int length = Math.max(cells, 2 * sum.length);
            sum = Arrays.copyOf(sum, length);
            over = Arrays.copyOf(over, length);
            contributions = Arrays.copyOf(contributions, length);
            parts = Arrays.copyOf(parts, length);
        }
    }
}
