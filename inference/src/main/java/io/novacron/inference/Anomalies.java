package io.novacron.inference;

import java.util.Arrays;

/// Columns of anomaly scores, one per series, reused from call to call. NaN where nothing is known.
public final class Anomalies {
    private int series;
    private float[] scores = new float[0];
    private float[] expected = new float[0];
    private float[] spreads = new float[0];
    private float[] tails = new float[0];
    private boolean[] anomalous = new boolean[0];

    void reset(int series) {
        if (scores.length < series) {
            scores = new float[series];
            expected = new float[series];
            spreads = new float[series];
            tails = new float[series];
            anomalous = new boolean[series];
        }
        Arrays.fill(scores, Float.NaN);
        Arrays.fill(expected, Float.NaN);
        Arrays.fill(spreads, Float.NaN);
        Arrays.fill(tails, Float.NaN);
        Arrays.fill(anomalous, false);
        this.series = series;
    }

    void put(int index, float score, float level, float spread, float tail, boolean isAnomaly) {
        scores[index] = score;
        expected[index] = level;
        spreads[index] = spread;
        tails[index] = tail;
        anomalous[index] = isAnomaly;
    }

    public int series() {
        return series;
    }

    /// Signed distance from the expectation in robust deviations.
    public float score(int index) {
        return scores[index];
    }

    /// What the past would make one expect.
    public float expected(int index) {
        return expected[index];
    }

    /// One robust deviation, in the metric's unit.
    public float spread(int index) {
        return spreads[index];
    }

    /// Share of the past day's residuals that were at least as large.
    public float tailShare(int index) {
        return tails[index];
    }

    public boolean isAnomaly(int index) {
        return anomalous[index];
    }
}
