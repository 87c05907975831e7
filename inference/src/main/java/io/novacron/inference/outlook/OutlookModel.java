package io.novacron.inference.outlook;

import io.novacron.inference.Bounds;
import io.novacron.inference.Quantiles;
import java.util.Arrays;
import java.util.Optional;

/// Fits a decomposable model to a series of hourly means, in the form of Taylor & Letham
/// ("Forecasting at scale", 2018): a trend with a few changes of slope, waves of a day and a week,
/// and days off of a business calendar; by ridge regression, so that one fit is one pass over the
/// hours.
///
/// Which trend may go on is not a matter of taste: the model as of one and two weeks ago is tried
/// on what came, with each [Outlook.Trend], and a slope must beat no slope clearly. How unsure the
/// level gets with time comes from how far daily means wander about what was fitted, and from what
/// those trials missed.
///
/// Keeps scratch memory: one thread owns it.
public final class OutlookModel {
    /// Hours that are looked at: what the fleet store keeps.
    public static final int MAX_HOURS = 864;

    private static final int HOURS = Outlook.HOURS_PER_DAY;
    private static final int WEEK = 7 * HOURS;
    private static final int MIN_HOURS = 2 * HOURS;
    private static final int CHANGES = 6;
    private static final int TREND_COLUMNS = 2 + CHANGES;
    private static final int DAY_WAVES = 4;
    private static final int FREE_WAVES = 2;
    private static final int WEEK_WAVES = 3;
    private static final int FREE_FROM = TREND_COLUMNS + 2 * DAY_WAVES;
    private static final int WEEK_FROM = FREE_FROM + 1 + 2 * FREE_WAVES;
    private static final int COLUMNS = WEEK_FROM + 2 * WEEK_WAVES;
    private static final int SATURDAY = 5 * HOURS;
    private static final float PER_MONTH = 30f * HOURS;
    private static final double WAVE_RIDGE = 2;
    private static final double SLOPE_RIDGE = .5;
    private static final double CHANGE_RIDGE = 30;
    private static final double NO_COLUMN = 1e9;
    private static final double CLEARLY = .9; // of the error without a slope
    private static final int TRIALS = 2;
    private static final int FAR_LAG = 7;
    private static final double OUTLIER = 8; // mean absolute deviations

    private final BusinessCalendar calendar;
    private final float[] values = new float[MAX_HOURS];
    private final double[] row = new double[COLUMNS];
    private final double[][] gram = new double[COLUMNS][COLUMNS];
    private final double[] moments = new double[COLUMNS];
    private final double[][] factor = new double[COLUMNS][COLUMNS];
    private final double[][] trials = new double[Outlook.Trend.values().length][COLUMNS];
    private int first;
    private int end;
    private long endMs;

    public OutlookModel(BusinessCalendar calendar) {
        this.calendar = calendar;
    }

    /// Looks `days` ahead; empty when fewer than two days of hours have samples.
    ///
    /// @param hourly means of hours, oldest first, NaN where there is none; the newest [#MAX_HOURS]
    ///   count
    /// @param endMs when the newest of them ended
    /// @param days in [1, [Outlook#MAX_DAYS]]
    public Optional<Outlook> look(float[] hourly, long endMs, Bounds bounds, int days) {
        if (days < 1 || days > Outlook.MAX_DAYS) {
            throw new IllegalArgumentException(
                    "days=%d must be in [1, %d]".formatted(days, Outlook.MAX_DAYS));
        }
        this.endMs = endMs;
        int valid = take(hourly, bounds);
        if (valid < MIN_HOURS) {
            return Optional.empty();
        }
        double[] missed = new double[Outlook.Trend.values().length];
        double wandered = 0;
        int trialCount = 0;
        int known = first;
        clear();
        for (int trial = TRIALS; trial >= 1; trial--) {
            int at = end - trial * WEEK;
            if (at - first < WEEK / 2) {
                continue;
            }
            gather(known, at);
            known = at;
            double[] errors = tryOut(at);
            for (int kind = 0; kind < missed.length; kind++) {
                missed[kind] += errors[kind];
            }
            trialCount++;
        }
        gather(known, end);
        Outlook.Trend trend = trialCount == 0 ? Outlook.Trend.FLAT : best(missed);
        if (trialCount > 0) {
            wandered = missed[trend.ordinal()] / trialCount;
        }
        double[] fitted = trials[trend.ordinal()];
        solve(trend, fitted);
        return Optional.of(outlook(trend, fitted, wandered, bounds, days));
    }

    // ---- the data ---------------------------------------------------------------------------

    /// Copies the newest hours; returns how many have a value. A value far from all others moves
    /// nothing but itself, so it is brought nearer.
    private int take(float[] hourly, Bounds bounds) {
        int count = Math.min(hourly.length, MAX_HOURS);
        int valid = 0;
        double sum = 0;
        first = count;
        for (int hour = 0; hour < count; hour++) {
            float value = hourly[hourly.length - count + hour];
            values[hour] =
                    Float.isFinite(value)
                            ? bounds.clip(Math.clamp(value, -1e15f, 1e15f))
                            : Float.NaN;
            if (!Float.isNaN(values[hour])) {
                valid++;
                sum += values[hour];
                first = Math.min(first, hour);
            }
        }
        end = count;
        double mean = sum / Math.max(1, valid);
        double absolute = 0;
        for (int hour = first; hour < end; hour++) {
            absolute += Float.isNaN(values[hour]) ? 0 : Math.abs(values[hour] - mean);
        }
        float reach = (float) (OUTLIER * absolute / Math.max(1, valid));
        for (int hour = first; hour < end; hour++) {
            if (!Float.isNaN(values[hour])) {
                values[hour] = Math.clamp(values[hour], (float) mean - reach, (float) mean + reach);
            }
        }
        return valid;
    }

    private void fillRow(int hour) {
        Arrays.fill(row, 0);
        row[0] = 1;
        row[1] = (hour - end) / PER_MONTH;
        for (int change = 0; change < CHANGES; change++) {
            double at = first + (end - first) * (change + 1) / (CHANGES + 2.0);
            row[2 + change] = hour > at ? (hour - at) / PER_MONTH : 0;
        }
        int hourOfWeek = calendar.hourOfWeek(endMs + (hour - end) * 3_600_000L);
        boolean free = hourOfWeek >= SATURDAY;
        double turn = 2 * Math.PI * (hourOfWeek % HOURS) / HOURS;
        for (int wave = 1; wave <= DAY_WAVES; wave++) {
            int column = TREND_COLUMNS + 2 * (wave - 1);
            row[column] = Math.sin(wave * turn);
            row[column + 1] = Math.cos(wave * turn);
            if (free && wave <= FREE_WAVES) {
                row[FREE_FROM + 2 * wave - 1] = row[column];
                row[FREE_FROM + 2 * wave] = row[column + 1];
            }
        }
        row[FREE_FROM] = free ? 1 : 0;
        double week = 2 * Math.PI * hourOfWeek / WEEK;
        for (int wave = 1; wave <= WEEK_WAVES; wave++) {
            row[WEEK_FROM + 2 * (wave - 1)] = Math.sin(wave * week);
            row[WEEK_FROM + 2 * (wave - 1) + 1] = Math.cos(wave * week);
        }
    }

    private void clear() {
        for (double[] line : gram) {
            Arrays.fill(line, 0);
        }
        Arrays.fill(moments, 0);
    }

    private void gather(int from, int to) {
        for (int hour = from; hour < to; hour++) {
            float value = values[hour];
            if (Float.isNaN(value)) {
                continue;
            }
            fillRow(hour);
            for (int i = 0; i < COLUMNS; i++) {
                double left = row[i];
                if (left != 0) {
                    moments[i] += left * value;
                    double[] line = gram[i];
                    for (int j = 0; j <= i; j++) {
                        line[j] += left * row[j];
                    }
                }
            }
        }
    }

    // ---- fitting ----------------------------------------------------------------------------

    /// Solves the ridge regression of what was gathered, by Cholesky's decomposition.
    private void solve(Outlook.Trend trend, double[] out) {
        boolean weekly = gram[0][0] >= 2 * WEEK * .8;
        for (int i = 0; i < COLUMNS; i++) {
            for (int j = 0; j <= i; j++) {
                double sum = gram[i][j] + (i == j ? ridge(i, trend, weekly) : 0);
                for (int k = 0; k < j; k++) {
                    sum -= factor[i][k] * factor[j][k];
                }
                factor[i][j] = i == j ? Math.sqrt(Math.max(sum, 1e-9)) : sum / factor[j][j];
            }
        }
        for (int i = 0; i < COLUMNS; i++) {
            double sum = moments[i];
            for (int k = 0; k < i; k++) {
                sum -= factor[i][k] * out[k];
            }
            out[i] = sum / factor[i][i];
        }
        for (int i = COLUMNS - 1; i >= 0; i--) {
            double sum = out[i];
            for (int k = i + 1; k < COLUMNS; k++) {
                sum -= factor[k][i] * out[k];
            }
            out[i] = sum / factor[i][i];
        }
    }

    private static double ridge(int column, Outlook.Trend trend, boolean weekly) {
        if (column == 0) {
            return 1e-6;
        }
        if (column == 1) {
            return trend == Outlook.Trend.FLAT ? NO_COLUMN : SLOPE_RIDGE;
        }
        if (column < TREND_COLUMNS) {
            return trend == Outlook.Trend.CHANGING ? CHANGE_RIDGE : NO_COLUMN;
        }
        return column < FREE_FROM || weekly ? WAVE_RIDGE : NO_COLUMN;
    }

    private double at(int hour, double[] coefficients) {
        fillRow(hour);
        double sum = 0;
        for (int i = 0; i < COLUMNS; i++) {
            sum += row[i] * coefficients[i];
        }
        return sum;
    }

    /// Fits each trend to what was gathered, ending at `at`, and returns the mean squared error of
    /// daily means over the week after it, by how many days ahead they were.
    private double[] tryOut(int at) {
        Outlook.Trend[] kinds = Outlook.Trend.values();
        double[] errors = new double[kinds.length];
        for (Outlook.Trend kind : kinds) {
            double[] fitted = trials[kind.ordinal()];
            solve(kind, fitted);
            double level = kind == Outlook.Trend.FLAT ? levelOf(at, fitted) : 0;
            int days = 0;
            for (int day = 0; day < FAR_LAG; day++) {
                double sum = 0;
                int count = 0;
                for (int hour = at + day * HOURS; hour < at + (day + 1) * HOURS; hour++) {
                    if (!Float.isNaN(values[hour])) {
                        sum += values[hour] - level - at(hour, fitted);
                        count++;
                    }
                }
                if (2 * count >= HOURS) {
                    errors[kind.ordinal()] += sum / count * (sum / count) / (day + 1);
                    days++;
                }
            }
            errors[kind.ordinal()] /= Math.max(1, days);
        }
        return errors;
    }

    private static Outlook.Trend best(double[] missed) {
        var best = Outlook.Trend.FLAT;
        double least = CLEARLY * missed[0];
        for (Outlook.Trend kind :
                new Outlook.Trend[] {Outlook.Trend.STEADY, Outlook.Trend.CHANGING}) {
            if (missed[kind.ordinal()] < least) {
                best = kind;
                least = CLEARLY * missed[kind.ordinal()];
            }
        }
        return best;
    }

    /// Where the level is at hour `at` compared with what was fitted: days of late count more.
    private double levelOf(int at, double[] fitted) {
        double sum = 0;
        double weights = 0;
        for (int hour = Math.max(first, at - WEEK); hour < at; hour++) {
            if (!Float.isNaN(values[hour])) {
                double weight = Math.exp((hour - at) / (2.0 * HOURS));
                sum += weight * (values[hour] - at(hour, fitted));
                weights += weight;
            }
        }
        return weights > 0 ? sum / weights : 0;
    }

    // ---- the answer -------------------------------------------------------------------------

    private Outlook outlook(
            Outlook.Trend trend, double[] fitted, double wandered, Bounds bounds, int days) {
        double level = trend == Outlook.Trend.FLAT ? levelOf(end, fitted) : 0;
        float[] residuals = new float[end - first];
        double[] dayMeans = new double[(end - first) / HOURS + 1];
        int[] dayCounts = new int[dayMeans.length];
        int count = 0;
        for (int hour = first; hour < end; hour++) {
            if (!Float.isNaN(values[hour])) {
                double residual = values[hour] - at(hour, fitted);
                residuals[count++] = (float) residual;
                dayMeans[(hour - first) / HOURS] += residual;
                dayCounts[(hour - first) / HOURS]++;
            }
        }
        int known = 0;
        for (int day = 0; day < dayMeans.length; day++) {
            if (2 * dayCounts[day] >= HOURS) {
                dayMeans[day] /= dayCounts[day];
                known++;
            } else {
                dayMeans[day] = Double.NaN;
            }
        }
        double walk = Math.max(wandered, walk(dayMeans));
        double steady = variance(dayMeans);
        double slopeVariance =
                trend == Outlook.Trend.FLAT
                        ? 0
                        : 1.2 * walk / known + 12 * steady / Math.pow(Math.max(2, known), 3);
        float[] deviation = new float[days];
        for (int day = 0; day < days; day++) {
            double distance = day + 1.0;
            deviation[day] =
                    (float) Math.sqrt(walk * distance + slopeVariance * distance * distance);
        }
        float[] usual = new float[days * HOURS];
        for (int hour = 0; hour < usual.length; hour++) {
            usual[hour] = (float) (level + at(end + hour, fitted));
        }
        return new Outlook(
                bounds,
                trend,
                slopePerDay(fitted),
                known,
                usual,
                deviation,
                quantiles(residuals, count));
    }

    private static float slopePerDay(double[] fitted) {
        double slope = fitted[1];
        for (int change = 0; change < CHANGES; change++) {
            slope += fitted[2 + change];
        }
        return (float) (slope * HOURS / PER_MONTH);
    }

    /// By how much the variance of a daily mean grows with each day between: what it is seven days
    /// apart, less what it is from one day to the next.
    private static double walk(double[] dayMeans) {
        double near = differences(dayMeans, 1);
        double far = differences(dayMeans, FAR_LAG);
        return Double.isNaN(near) || Double.isNaN(far)
                ? Double.isNaN(near) ? 0 : near / 2
                : Math.max(0, (far - near) / (FAR_LAG - 1));
    }

    private static double differences(double[] dayMeans, int lag) {
        double sum = 0;
        int count = 0;
        for (int day = lag; day < dayMeans.length; day++) {
            double difference = dayMeans[day] - dayMeans[day - lag];
            if (!Double.isNaN(difference)) {
                sum += difference * difference;
                count++;
            }
        }
        return count == 0 ? Double.NaN : sum / count;
    }

    private static double variance(double[] dayMeans) {
        double squares = 0;
        int count = 0;
        for (double mean : dayMeans) {
            if (!Double.isNaN(mean)) {
                squares += mean * mean;
                count++;
            }
        }
        return squares / Math.max(1, count);
    }

    private static float[] quantiles(float[] residuals, int count) {
        float[] quantiles = new float[Quantiles.COUNT];
        Arrays.sort(residuals, 0, count);
        for (int level = 0; level < Quantiles.COUNT; level++) {
            quantiles[level] = residuals[Math.round(Quantiles.level(level) * (count - 1))];
        }
        return quantiles;
    }
}
