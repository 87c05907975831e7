package io.novacron.inference.outlook;

import io.novacron.inference.Bounds;
import io.novacron.inference.Quantiles;

/// What a series will be like in the coming hours, up to [#MAX_DAYS] days. Immutable.
///
/// Two things are unsure and told apart: where the level will be, which grows with the distance,
/// and how an hour departs from what is usual for it, which does not.
public final class Outlook {
    public static final int MAX_DAYS = 90;
    static final int HOURS_PER_DAY = 24;
    private static final float[] NORMAL = {
        -1.2816f, -.8416f, -.5244f, -.2533f, 0, .2533f, .5244f, .8416f, 1.2816f
    };

    /// What the level does.
    public enum Trend {
        /// It stays where it was of late.
        FLAT,
        /// It rises or falls as it did all the time.
        STEADY,
        /// It rises or falls as it did since it last changed its course.
        CHANGING
    }

    private final Bounds bounds;
    private final Trend trend;
    private final float slopePerDay;
    private final int historyDays;
    private final float[] usual; // by hour
    private final float[] levelDeviation; // by day
    private final float[] departures; // by level

    Outlook(
            Bounds bounds,
            Trend trend,
            float slopePerDay,
            int historyDays,
            float[] usual,
            float[] levelDeviation,
            float[] departures) {
        this.bounds = bounds;
        this.trend = trend;
        this.slopePerDay = slopePerDay;
        this.historyDays = historyDays;
        this.usual = usual;
        this.levelDeviation = levelDeviation;
        this.departures = departures;
    }

    /// Days that it reaches.
    public int days() {
        return levelDeviation.length;
    }

    public Trend trend() {
        return trend;
    }

    /// How far the level moves in a day, in units of the metric.
    public float slopePerDay() {
        return trend == Trend.FLAT ? 0 : slopePerDay;
    }

    /// Days with samples that it rests on.
    public int historyDays() {
        return historyDays;
    }

    /// A quantile of the mean of the hour that begins `hour` hours after the end of the history.
    ///
    /// @param level number of the quantile, as in [Quantiles]
    public float quantile(int hour, int level) {
        float moved = NORMAL[level] * levelDeviation[hour / HOURS_PER_DAY];
        float departed = departures[level];
        float middle = departures[Quantiles.MEDIAN];
        float spread = (float) Math.hypot(moved, departed - middle);
        float signed = level < Quantiles.MEDIAN ? -spread : spread;
        return bounds.clip(usual[hour] + middle + signed);
    }

    /// A quantile of the mean of the 24 hours that begin `day` days after the end of the history:
    /// departures of single hours even out, the level does not.
    public float dayMean(int day, int level) {
        double sum = 0;
        for (int hour = 0; hour < HOURS_PER_DAY; hour++) {
            sum += bounds.clip(usual[day * HOURS_PER_DAY + hour] + departures[Quantiles.MEDIAN]);
        }
        return bounds.clip((float) (sum / HOURS_PER_DAY) + NORMAL[level] * levelDeviation[day]);
    }

    /// The usual peak hour of a day, where the level is at its quantile `level`.
    public float dayPeak(int day, int level) {
        float most = Float.NEGATIVE_INFINITY;
        for (int hour = 0; hour < HOURS_PER_DAY; hour++) {
            most = Math.max(most, usual[day * HOURS_PER_DAY + hour]);
        }
        return bounds.clip(
                most + departures[Quantiles.MEDIAN] + NORMAL[level] * levelDeviation[day]);
    }

    /// When the daily peak reaches `limit`.
    public RunOut runOut(float limit) {
        return new RunOut(
                firstDay(limit, Quantiles.HIGH),
                firstDay(limit, Quantiles.MEDIAN),
                firstDay(limit, Quantiles.LOW));
    }

    private int firstDay(float limit, int level) {
        for (int day = 0; day < days(); day++) {
            if (dayPeak(day, level) >= limit) {
                return day;
            }
        }
        return RunOut.NEVER;
    }
}
