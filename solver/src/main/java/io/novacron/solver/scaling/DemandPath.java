package io.novacron.solver.scaling;

import io.novacron.solver.Mistakes;
import java.util.Arrays;

/// Forecast demand of a group as a whole over time: quantiles at points in time, straight lines
/// between them, and the last point for ever after. Immutable.
public final class DemandPath {
    static final int LEVEL_LIMIT = 32;
    static final int POINT_LIMIT = 1_440;
    static final double HORIZON_LIMIT = 7 * 86_400.0;

    private final double[] levels;
    private final double[] seconds;
    private final double[][] demand;

    /// @param levels of the quantiles, in (0, 1), ascending
    /// @param seconds from now, ascending, the first one 0
    /// @param demand `[level][point]`, not negative; a higher level never has less
    /// @throws io.novacron.solver.InvalidInputException listing every mistake
    public DemandPath(double[] levels, double[] seconds, double[][] demand) {
        this.levels = levels.clone();
        this.seconds = seconds.clone();
        this.demand = Arrays.stream(demand).map(double[]::clone).toArray(double[][]::new);
        var mistakes = new Mistakes("demand path");
        mistakes.check(
                levels.length >= 1 && levels.length <= LEVEL_LIMIT,
                "levels=%s must be 1 to %s of them. Maybe 0.5 and 0.9?",
                levels.length,
                LEVEL_LIMIT);
        mistakes.check(
                seconds.length >= 1 && seconds.length <= POINT_LIMIT,
                "seconds=%s must be 1 to %s points. Maybe take coarser steps?",
                seconds.length,
                POINT_LIMIT);
        mistakes.check(
                demand.length == levels.length,
                "demand has %s levels, it must have %s. Maybe it is [point][level]?",
                demand.length,
                levels.length);
        double before = 0;
        for (double level : levels) {
            mistakes.check(
                    level > before && level < 1,
                    "level %s must be above %s and below 1. Maybe percents were given?",
                    level,
                    before);
            before = level;
        }
        for (int point = 0; point < seconds.length; point++) {
            boolean ascends = point == 0 ? seconds[0] == 0 : seconds[point] > seconds[point - 1];
            mistakes.check(
                    ascends && seconds[point] <= HORIZON_LIMIT,
                    "seconds[%s]=%s must begin at 0, ascend, and be at most %s. Maybe"
                            + " milliseconds were given?",
                    point,
                    seconds[point],
                    HORIZON_LIMIT);
        }
        checkDemand(mistakes);
        mistakes.throwIfAny();
    }

    private void checkDemand(Mistakes mistakes) {
        for (int level = 0; level < demand.length; level++) {
            mistakes.check(
                    demand[level].length == seconds.length,
                    "demand[%s] has %s points, it must have %s. Maybe a point was left out?",
                    level,
                    demand[level].length,
                    seconds.length);
            for (int point = 0; point < demand[level].length; point++) {
                double value = demand[level][point];
                mistakes.check(
                        value >= 0 && Double.isFinite(value),
                        "demand[%s][%s]=%s must be finite and not negative. Maybe leave the"
                                + " forecast out?",
                        level,
                        point,
                        value);
                if (level > 0 && point < demand[level - 1].length) {
                    mistakes.check(
                            value >= demand[level - 1][point],
                            "demand[%s][%s]=%s must be at least %s, that of the level below."
                                    + " Maybe sort the quantiles?",
                            level,
                            point,
                            value,
                            demand[level - 1][point]);
                }
            }
        }
    }

    /// The same demand at all times and levels.
    public static DemandPath constant(double demand) {
        return new DemandPath(new double[] {0.5}, new double[] {0}, new double[][] {{demand}});
    }

    /// How far it looks ahead.
    public double horizonSeconds() {
        return seconds[seconds.length - 1];
    }

    /// A quantile at a time; a level beyond the grid is the nearest one of it.
    public double at(double level, double time) {
        int point = Arrays.binarySearch(seconds, Math.max(0, Math.min(time, horizonSeconds())));
        if (point >= 0) {
            return at(level, point);
        }
        int after = -point - 1;
        double share = (time - seconds[after - 1]) / (seconds[after] - seconds[after - 1]);
        double left = at(level, after - 1);
        return left + share * (at(level, after) - left);
    }

    private double at(double level, int point) {
        int above = 0;
        while (above < levels.length && levels[above] < level) {
            above++;
        }
        if (above == 0 || above == levels.length) {
            return demand[Math.min(above, levels.length - 1)][point];
        }
        double share = (level - levels[above - 1]) / (levels[above] - levels[above - 1]);
        double low = demand[above - 1][point];
        return low + share * (demand[above][point] - low);
    }

    /// The highest value of a quantile between two times, both included.
    public double peak(double level, double from, double to) {
        double peak = Math.max(at(level, from), at(level, to));
        for (int point = 0; point < seconds.length; point++) {
            if (seconds[point] > from && seconds[point] < to) {
                peak = Math.max(peak, at(level, point));
            }
        }
        return peak;
    }

    /// When a quantile has its highest value between two times; the first such point.
    double peakTime(double level, double from, double to) {
        double peak = peak(level, from, to);
        if (at(level, from) >= peak) {
            return from;
        }
        for (int point = 0; point < seconds.length; point++) {
            if (seconds[point] > from && seconds[point] < to && at(level, point) >= peak) {
                return seconds[point];
            }
        }
        return to;
    }

    /// Probability that demand is at most `amount` at its worst moment between two times. Beyond
    /// the grid it is half-way between the last level and certainty.
    double probabilityWithin(double amount, double from, double to) {
        double lowest = peak(levels[0], from, to);
        if (amount < lowest) {
            return levels[0] / 2;
        }
        double below = lowest;
        for (int level = 1; level < levels.length; level++) {
            double value = peak(levels[level], from, to);
            if (amount < value) {
                double share = (amount - below) / (value - below);
                return levels[level - 1] + share * (levels[level] - levels[level - 1]);
            }
            below = value;
        }
        return (1 + levels[levels.length - 1]) / 2;
    }
}
