package io.novacron.inference;

import java.util.Arrays;

/// The answer: quantiles per horizon and series, who answered, and how far to trust it. Columns,
/// reused from call to call; owned by the thread that owns the service.
///
/// ```text
///  values[(horizon * Quantiles.COUNT + quantile) * series + i]
/// ```
///
/// For an answered series the quantiles are finite, ascending and within the bounds. For a series
/// that nothing can be said about all are NaN, the model is [ModelKind#NONE] and the reason says
/// why.
public final class Forecasts {
    private int series;
    private int horizonCount;
    private float[] values = new float[0];
    private byte[] models = new byte[0];
    private byte[] reasons = new byte[0];
    private float[] confidence = new float[0];
    private float[] coverage = new float[0];
    private float[] skill = new float[0];
    private WorkPlan plan = WorkPlan.UNLIMITED;

    /// Columns of a given shape, for use with a [Forecaster] alone; a service shapes its own.
    public static Forecasts sized(int series, int horizonCount) {
        var forecasts = new Forecasts();
        forecasts.reset(series, horizonCount);
        return forecasts;
    }

    /// Shapes the columns for a new answer. Confidence columns live on when the number of series
    /// stays the same, so that a caller may ask for a backtest only now and then.
    void reset(int series, int horizonCount) {
        int cells = Math.multiplyExact(series * Quantiles.COUNT, horizonCount);
        if (values.length < cells) {
            values = new float[cells];
        }
        Arrays.fill(values, 0, cells, Float.NaN);
        if (models.length != series) {
            models = new byte[series];
            reasons = new byte[series];
            confidence = new float[series];
            coverage = new float[series];
            skill = new float[series];
            clearConfidence();
        }
        Arrays.fill(models, ModelKind.NONE.code());
        Arrays.fill(reasons, FallbackReason.NONE.code());
        this.series = series;
        this.horizonCount = horizonCount;
    }

    void clearConfidence() {
        Arrays.fill(confidence, Float.NaN);
        Arrays.fill(coverage, Float.NaN);
        Arrays.fill(skill, Float.NaN);
    }

    public int series() {
        return series;
    }

    public int horizonCount() {
        return horizonCount;
    }

    public float at(int horizonIndex, int quantileIndex, int index) {
        return values[(horizonIndex * Quantiles.COUNT + quantileIndex) * series + index];
    }

    public float median(int horizonIndex, int index) {
        return at(horizonIndex, Quantiles.MEDIAN, index);
    }

    /// All quantiles, shaped as above; may be longer than `horizonCount * COUNT * series`.
    public float[] values() {
        return values;
    }

    public ModelKind model(int index) {
        return ModelKind.of(models[index]);
    }

    /// Codes of [ModelKind], one per series.
    public byte[] models() {
        return models;
    }

    public FallbackReason reason(int index) {
        return FallbackReason.of(reasons[index]);
    }

    /// Codes of [FallbackReason], one per series.
    public byte[] reasons() {
        return reasons;
    }

    /// How far a decision may rest on this series' forecast, 0..1: the smoothed share of recent
    /// backtest points that the median met within the tolerance (see [Backtest]), times the share
    /// of the window that is not missing. NaN until a backtest was asked for, or when it could not
    /// score a point.
    public float confidence(int index) {
        return confidence[index];
    }

    /// Smoothed share of recent backtest points inside the 80 % interval; .8 is ideal.
    public float coverage(int index) {
        return coverage[index];
    }

    /// 1 − mean pinball loss / that of holding the last value, over the backtest; above 0 is better
    /// than the last value. NaN when the last value made no error at all.
    public float skill(int index) {
        return skill[index];
    }

    /// What was done under the clock, so that a replay can do the same without one.
    public WorkPlan plan() {
        return plan;
    }

    void plan(WorkPlan plan) {
        this.plan = plan;
    }

    void put(int horizonIndex, int quantileIndex, int index, float value) {
        values[(horizonIndex * Quantiles.COUNT + quantileIndex) * series + index] = value;
    }

    /// Writes `base + offset[q]`, clipped, as the quantiles of one horizon and series.
    void putGrid(int horizonIndex, int index, float base, float[] offsets, Bounds bounds) {
        for (int quantile = 0; quantile < Quantiles.COUNT; quantile++) {
            put(horizonIndex, quantile, index, bounds.clip(base + offsets[quantile]));
        }
    }

    boolean isAnswerFinite(int index) {
        for (int row = 0; row < horizonCount * Quantiles.COUNT; row++) {
            if (!Float.isFinite(values[row * series + index])) {
                return false;
            }
        }
        return true;
    }

    void answered(int index, ModelKind model, FallbackReason reason) {
        models[index] = model.code();
        reasons[index] = reason.code();
    }

    /// Nothing can be said: wipes what a model may have left half written.
    void unanswered(int index, FallbackReason reason) {
        for (int row = 0; row < horizonCount * Quantiles.COUNT; row++) {
            values[row * series + index] = Float.NaN;
        }
        models[index] = ModelKind.NONE.code();
        reasons[index] = reason.code();
    }

    void judged(int index, float confidence, float coverage, float skill) {
        this.confidence[index] = confidence;
        this.coverage[index] = coverage;
        this.skill[index] = skill;
    }
}
