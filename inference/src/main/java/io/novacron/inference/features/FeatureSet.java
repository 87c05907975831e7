package io.novacron.inference.features;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/// The catalogue of features that [FeatureExtractor] computes: names, order and meaning.
///
/// Order is part of the contract: a row holds feature `k` at place `k`. [#sha256] changes with any
/// name, order or definition, so that a model can say what it was trained on.
///
/// A number at the end of a name is the window in steps, counted back from the newest step; a
/// shorter history is taken whole. "Values" are the valid ones: NaN and infinite values are
/// missing. A feature that is not defined for a series is NaN.
public final class FeatureSet {
    static final int SHORT = 12;
    static final int MIDDLE = 60;
    static final int LONG = 288;
    static final int[] WINDOWS = {SHORT, MIDDLE, LONG};
    static final int[] LAGS = {2, 3, 6, 12, 24, 48, 72, 96, 144};
    static final double[] LONG_QUANTILES = {0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99};
    static final double[] MIDDLE_QUANTILES = {0.1, 0.5, 0.9};

    private static final List<Feature> FEATURES = List.copyOf(catalogue());
    private static final List<String> NAMES = FEATURES.stream().map(Feature::name).toList();
    private static final String SHA256 = hash();

    public static final int COUNT = FEATURES.size();

    private FeatureSet() {}

    /// All features in the order of a row.
    public static List<Feature> features() {
        return FEATURES;
    }

    /// Their names in the same order.
    public static List<String> names() {
        return NAMES;
    }

    /// Hash of names, order and definitions, in hex.
    public static String sha256() {
        return SHA256;
    }

    private static List<Feature> catalogue() {
        List<Feature> all = new ArrayList<>();
        for (int steps : WINDOWS) {
            add(all, "level", "mean" + steps, "mean");
            add(all, "spread", "spread" + steps, "sample standard deviation");
            add(all, "level", "min" + steps, "least value");
            add(all, "level", "max" + steps, "greatest value");
            add(all, "trend", "slope" + steps, "slope of the least-squares line, a step");
            add(
                    all,
                    "memory",
                    "autocorrelation" + steps,
                    "autocorrelation at lag 1; a missing value counts as the mean");
            add(all, "missing", "missing" + steps, "share of steps without a value");
        }
        add(all, "level", "last", "newest value of the last 288 steps");
        add(all, "missing", "lastAge", "steps since the newest value");
        add(all, "change", "changeAge288", "steps since the value last became different");
        for (double share : LONG_QUANTILES) {
            add(all, "level", quantileName(share, LONG), quantileText(share));
        }
        for (double share : MIDDLE_QUANTILES) {
            add(all, "level", quantileName(share, MIDDLE), quantileText(share));
        }
        add(all, "spread", "quartileRange288", "0.75 quantile less 0.25 quantile");
        add(all, "spread", "medianDeviation288", "median of the distances from the median");
        add(all, "spread", "variation288", "spread288 over the size of the mean; NaN at mean 0");
        add(all, "shape", "skewness288", "third central moment over the second to the power 1.5");
        add(all, "shape", "kurtosis288", "fourth central moment over the second squared, less 3");
        add(all, "level", "trimmedMean288", "mean of the values from the 0.1 to the 0.9 quantile");
        String curvature = "coefficient of the square of time in the least-squares parabola";
        add(all, "trend", "curvature60", curvature);
        add(all, "trend", "curvature288", curvature);
        add(all, "trend", "lineShare288", "share of the variance that the fitted line explains");
        add(all, "trend", "halfShift288", "mean of the later half of the steps less the earlier's");
        for (int lag : LAGS) {
            add(
                    all,
                    "memory",
                    "autocorrelation288Lag" + lag,
                    "autocorrelation at lag " + lag + "; a missing value counts as the mean");
        }
        add(
                all,
                "memory",
                "partialAutocorrelation288Lag2",
                "(r2 - r1 squared) / (1 - r1 squared) of the autocorrelations at lags 1 and 2");
        add(
                all,
                "memory",
                "firstZero288",
                "first lag at which the autocorrelation is not positive; the window when none is");
        add(
                all,
                "memory",
                "decorrelation288",
                "first lag at which the autocorrelation is below 1/e; the window when none is");
        add(all, "change", "meanChange288", "mean size of the changes between neighbouring steps");
        add(all, "change", "changeSpread288", "sample standard deviation of those changes");
        add(all, "change", "largestRise288", "greatest of those changes");
        add(all, "change", "largestFall288", "least of those changes");
        add(all, "change", "riseShare288", "share of those changes that are positive");
        add(all, "change", "equalShare288", "share of those changes that are zero");
        add(
                all,
                "change",
                "changeAutocorrelation288",
                "autocorrelation at lag 1 of the list of those changes");
        add(all, "crossings", "meanCrossings288", "how often the values pass their mean");
        add(all, "crossings", "medianCrossings288", "how often the values pass their median");
        add(all, "crossings", "meanCrossings60", "how often the values pass their mean");
        add(all, "crossings", "turningPoints288", "values above or below both their neighbours");
        add(all, "runs", "longestAbove288", "longest run of values above the mean");
        add(all, "runs", "longestBelow288", "longest run of values below the mean");
        add(all, "runs", "longestEqual288", "longest run of equal values");
        add(all, "runs", "longestRise288", "most rises in a row");
        String scale = "; the scale is 1.4826 medianDeviation288, or spread288 where that is 0";
        add(all, "spikes", "spikes288", "values more than 5 scales above the median" + scale);
        add(all, "spikes", "dips288", "values more than 5 scales below the median" + scale);
        add(all, "spikes", "spikeAge288", "steps since the newest spike; NaN without one");
        add(all, "spikes", "spikeHeight288", "greatest value less median, in scales");
        add(all, "spikes", "dipDepth288", "median less least value, in scales");
        String shift =
                "a shift is a run of places where the means of the 12 values behind and before it"
                        + " differ by more than 1.5 spread288";
        add(all, "level shifts", "levelShifts288", "number of shifts: " + shift);
        add(
                all,
                "level shifts",
                "largestShift288",
                "the largest such difference, with its sign; the first of equals");
        add(all, "level shifts", "shiftAge288", "values behind the newest such place; NaN: none");
        add(all, "entropy", "entropy288", "entropy over 10 equal bins of the range, 0 to 1");
        add(
                all,
                "entropy",
                "permutationEntropy288",
                "entropy of the orders of three neighbours, 0 to 1; the earlier of equals is less");
        add(all, "entropy", "distinctShare288", "number of different values over number of values");
        add(
                all,
                "season",
                "dayStrength",
                "share of the variance of up to 7 days that the means of 24 equal parts of the day"
                        + " explain; needs 2 days");
        add(
                all,
                "season",
                "hourStrength",
                "share of the variance of the last day that the means of the steps of the hour"
                        + " explain; needs 2 hours");
        add(all, "season", "hourAgoChange", "value of the newest step less the one an hour ago");
        add(all, "season", "dayAgoChange", "value of the newest step less the one a day ago");
        add(all, "season", "weekAgoChange", "value of the newest step less the one a week ago");
        add(
                all,
                "season",
                "dayMeanChange",
                "value of the newest step less the mean at its time on up to 7 days before");
        add(all, "bounds", "zeroShare288", "share of values that are 0");
        add(all, "bounds", "negativeShare288", "share of values below 0");
        add(
                all,
                "bounds",
                "atMaxShare288",
                "share of values in the highest hundredth of the range");
        add(all, "bounds", "atMinShare288", "share of values in the lowest hundredth of the range");
        add(all, "missing", "longestGap288", "most steps in a row without a value");
        add(all, "missing", "gaps288", "number of gaps");
        add(all, "now", "levelRatio12", "(mean12 - mean288) / spread288");
        add(all, "now", "levelRatio60", "(mean60 - mean288) / spread288");
        add(all, "now", "spreadRatio12", "spread12 / spread288");
        add(all, "now", "spreadRatio60", "spread60 / spread288");
        add(all, "now", "lastScore288", "(last - mean288) / spread288");
        add(all, "now", "lastRank288", "share of values that are not above the last");
        add(
                all,
                "now",
                "fastMean288",
                "exponentially weighted mean, weight 0.3 for each new value");
        add(all, "now", "slowMean288", "exponentially weighted mean, weight 0.05");
        add(all, "now", "meanGap288", "(fastMean288 - slowMean288) / spread288");
        add(all, "calendar", "daySin", "sine of the newest step's time of day, UTC");
        add(all, "calendar", "dayCos", "cosine of the newest step's time of day, UTC");
        add(all, "calendar", "weekSin", "sine of the time since Monday 00:00 UTC");
        add(all, "calendar", "weekCos", "cosine of the time since Monday 00:00 UTC");
        add(all, "calendar", "weekend", "1 on Saturday and Sunday UTC, else 0");
        add(all, "calendar", "monthSin", "sine of the day's place in its month (first day: 0)");
        add(all, "calendar", "monthCos", "cosine of the day's place in its month");
        add(all, "calendar", "yearSin", "sine of the day's place in its year (first day: 0)");
        add(all, "calendar", "yearCos", "cosine of the day's place in its year");
        for (String name : Catch22.NAMES) {
            add(all, "catch22", name, "as the public reference defines it, over 288 steps");
        }
        return all;
    }

    private static void add(List<Feature> all, String group, String name, String definition) {
        all.add(new Feature(name, group, definition));
    }

    private static String quantileName(double share, int steps) {
        return "quantile%02d".formatted(Math.round(100 * share)) + "Of" + steps;
    }

    private static String quantileText(double share) {
        return share + " quantile, exact by selection, linear between the ranks (n - 1) p";
    }

    private static String hash() {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (Feature feature : FEATURES) {
                String line = feature.name() + "\t" + feature.definition() + "\n";
                digest.update(line.getBytes(StandardCharsets.UTF_8));
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /// The catalogue as a table for the documentation.
    public static String markdown() {
        StringBuilder text =
                new StringBuilder("| # | name | group | definition |\n|---|---|---|---|\n");
        for (int k = 0; k < COUNT; k++) {
            Feature feature = FEATURES.get(k);
            text.append(
                    "| %d | `%s` | %s | %s |\n"
                            .formatted(k, feature.name(), feature.group(), feature.definition()));
        }
        return text.toString();
    }
}
