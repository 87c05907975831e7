package io.novacron.inference.features;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.DoubleStream;

/// The features of [FeatureSet] by their definitions: lists, sorts and full sums, one feature after
/// another. The specification of [FeatureExtractor]; catch22 has its own.
final class SlowFeatures {
    private record Sample(int step, double value) {}

    private final double[] series; // NaN is missing
    private final int stepSeconds;
    private final Map<String, Double> out = new LinkedHashMap<>();

    private SlowFeatures(double[] series, int stepSeconds) {
        this.series = series;
        this.stepSeconds = stepSeconds;
    }

    static Map<String, Double> of(double[] series, int stepSeconds, long endTimeMs) {
        var slow = new SlowFeatures(series, stepSeconds);
        slow.windows();
        slow.distribution();
        slow.memory();
        slow.changes();
        slow.crossings();
        slow.spikes();
        slow.shifts();
        slow.entropies();
        slow.season();
        slow.rest();
        slow.calendar(endTimeMs);
        return slow.out;
    }

    private double get(String name) {
        return Objects.requireNonNull(out.get(name));
    }

    private List<Sample> window(int steps) {
        List<Sample> samples = new ArrayList<>();
        int first = Math.max(0, series.length - steps);
        for (int step = first; step < series.length; step++) {
            if (!Double.isNaN(series[step])) {
                samples.add(new Sample(step - first, series[step]));
            }
        }
        return samples;
    }

    private int length(int steps) {
        return Math.min(steps, series.length);
    }

    private static double[] values(List<Sample> samples) {
        return samples.stream().mapToDouble(Sample::value).toArray();
    }

    private static double[] times(List<Sample> samples) {
        return samples.stream().mapToDouble(Sample::step).toArray();
    }

    private static double mean(double... x) {
        return DoubleStream.of(x).sum() / x.length;
    }

    /// Sum of products around the means.
    private static double cross(double[] x, double[] y) {
        double meanX = mean(x);
        double meanY = mean(y);
        double sum = 0;
        for (int i = 0; i < x.length; i++) {
            sum += (x[i] - meanX) * (y[i] - meanY);
        }
        return sum;
    }

    private static double spread(double[] x) {
        return x.length > 1 ? Math.sqrt(cross(x, x) / (x.length - 1)) : Double.NaN;
    }

    private static boolean varies(double[] x) {
        return DoubleStream.of(x).distinct().count() > 1;
    }

    private static double min(double[] x) {
        return DoubleStream.of(x).min().orElse(Double.NaN);
    }

    private static double max(double[] x) {
        return DoubleStream.of(x).max().orElse(Double.NaN);
    }

    private static double quantile(double[] x, double share) {
        if (x.length == 0) {
            return Double.NaN;
        }
        double[] sorted = x.clone();
        Arrays.sort(sorted);
        double rank = (x.length - 1) * share;
        int low = (int) Math.floor(rank);
        int high = (int) Math.ceil(rank);
        return sorted[low] * (1 - (rank - low)) + sorted[high] * (rank - low);
    }

    private double autocorrelation(int steps, int lag) {
        int first = series.length - length(steps);
        double[] x = values(window(steps));
        if (lag >= length(steps) || !varies(x)) {
            return Double.NaN;
        }
        double mean = mean(x);
        double sum = 0;
        for (int step = first; step + lag < series.length; step++) {
            double left = Double.isNaN(series[step]) ? 0 : series[step] - mean;
            double right = Double.isNaN(series[step + lag]) ? 0 : series[step + lag] - mean;
            sum += left * right;
        }
        return sum / cross(x, x);
    }

    private void windows() {
        for (int steps : new int[] {12, 60, 288}) {
            double[] x = values(window(steps));
            double[] t = times(window(steps));
            out.put("mean" + steps, mean(x));
            out.put("spread" + steps, spread(x));
            out.put("min" + steps, min(x));
            out.put("max" + steps, max(x));
            out.put("slope" + steps, x.length > 1 ? cross(t, x) / cross(t, t) : Double.NaN);
            out.put("autocorrelation" + steps, autocorrelation(steps, 1));
            out.put("missing" + steps, 1 - x.length / (double) length(steps));
        }
    }

    private void distribution() {
        List<Sample> samples = window(288);
        double[] x = values(samples);
        double[] t = times(samples);
        int n = x.length;
        out.put("last", n == 0 ? Double.NaN : x[n - 1]);
        out.put("lastAge", n == 0 ? Double.NaN : length(288) - 1 - t[n - 1]);
        int change = n - 1;
        while (change > 0 && x[change - 1] == x[n - 1]) {
            change--;
        }
        out.put("changeAge288", n == 0 ? Double.NaN : length(288) - 1 - t[change]);
        for (double share : new double[] {.05, .1, .25, .5, .75, .9, .95, .99}) {
            String name = "quantile%02dOf288".formatted(Math.round(share * 100));
            out.put(name, quantile(x, share));
        }
        double[] recent = values(window(60));
        out.put("quantile10Of60", quantile(recent, .1));
        out.put("quantile50Of60", quantile(recent, .5));
        out.put("quantile90Of60", quantile(recent, .9));
        out.put("quartileRange288", quantile(x, .75) - quantile(x, .25));
        double median = quantile(x, .5);
        out.put(
                "medianDeviation288",
                quantile(DoubleStream.of(x).map(v -> Math.abs(v - median)).toArray(), .5));
        double mean = mean(x);
        out.put("variation288", mean == 0 ? Double.NaN : spread(x) / Math.abs(mean));
        out.put("skewness288", varies(x) ? moment(x, 3) / Math.pow(moment(x, 2), 1.5) : Double.NaN);
        out.put(
                "kurtosis288",
                varies(x) ? moment(x, 4) / Math.pow(moment(x, 2), 2) - 3 : Double.NaN);
        double low = quantile(x, .1);
        double high = quantile(x, .9);
        out.put(
                "trimmedMean288",
                mean(
                        DoubleStream.of(x)
                                .filter(v -> v >= low - 1e-9 && v <= high + 1e-9)
                                .toArray()));
        out.put("curvature60", curvature(window(60)));
        out.put("curvature288", curvature(samples));
        double explained = cross(t, x) * cross(t, x) / cross(t, t) / cross(x, x);
        out.put("lineShare288", varies(x) ? explained : Double.NaN);
        int half = length(288) / 2;
        double[] early = values(samples.stream().filter(sample -> sample.step() < half).toList());
        double[] late = values(samples.stream().filter(sample -> sample.step() >= half).toList());
        out.put("halfShift288", mean(late) - mean(early));
    }

    private static double moment(double[] x, int power) {
        double mean = mean(x);
        return mean(DoubleStream.of(x).map(v -> Math.pow(v - mean, power)).toArray());
    }

    /// By the three normal equations.
    private static double curvature(List<Sample> samples) {
        if (samples.size() < 3) {
            return Double.NaN;
        }
        double[] x = values(samples);
        double[] t = times(samples);
        double[] square = DoubleStream.of(t).map(v -> v * v).toArray();
        double tt = cross(t, t);
        double ts = cross(t, square);
        double ss = cross(square, square);
        double tx = cross(t, x);
        double sx = cross(square, x);
        return (tt * sx - ts * tx) / (tt * ss - ts * ts);
    }

    private void memory() {
        for (int lag : new int[] {2, 3, 6, 12, 24, 48, 72, 96, 144}) {
            out.put("autocorrelation288Lag" + lag, autocorrelation(288, lag));
        }
        double r1 = autocorrelation(288, 1);
        double r2 = autocorrelation(288, 2);
        out.put("partialAutocorrelation288Lag2", (r2 - r1 * r1) / (1 - r1 * r1));
        boolean defined = varies(values(window(288)));
        int zero = 0;
        while (zero < length(288) && autocorrelation(288, zero) > 0) {
            zero++;
        }
        int fall = 0;
        while (fall < length(288) && autocorrelation(288, fall) >= 1 / Math.E) {
            fall++;
        }
        out.put("firstZero288", defined ? zero : Double.NaN);
        out.put("decorrelation288", defined ? fall : Double.NaN);
    }

    private void changes() {
        List<Sample> samples = window(288);
        List<Double> list = new ArrayList<>();
        for (int i = 1; i < samples.size(); i++) {
            if (samples.get(i).step() == samples.get(i - 1).step() + 1) {
                list.add(samples.get(i).value() - samples.get(i - 1).value());
            }
        }
        double[] d = list.stream().mapToDouble(Double::doubleValue).toArray();
        out.put("meanChange288", mean(DoubleStream.of(d).map(Math::abs).toArray()));
        out.put("changeSpread288", spread(d));
        out.put("largestRise288", max(d));
        out.put("largestFall288", min(d));
        out.put("riseShare288", DoubleStream.of(d).filter(v -> v > 0).count() / (double) d.length);
        out.put(
                "equalShare288",
                DoubleStream.of(d).filter(v -> v == 0).count() / (double) d.length);
        double mean = mean(d);
        double sum = 0;
        for (int i = 1; i < d.length; i++) {
            sum += (d[i] - mean) * (d[i - 1] - mean);
        }
        out.put("changeAutocorrelation288", varies(d) ? sum / cross(d, d) : Double.NaN);
    }

    private static double passes(double[] x, double level) {
        int count = 0;
        for (int i = 1; i < x.length; i++) {
            count += (x[i] > level) == (x[i - 1] > level) ? 0 : 1;
        }
        return x.length == 0 ? Double.NaN : count;
    }

    private interface Link {
        boolean joins(double before, double now);
    }

    /// Most links in a row between neighbours.
    private static int links(double[] x, Link link) {
        int most = 0;
        for (int from = 0; from < x.length; from++) {
            int to = from;
            while (to + 1 < x.length && link.joins(x[to], x[to + 1])) {
                to++;
            }
            most = Math.max(most, to - from);
        }
        return most;
    }

    private void crossings() {
        double[] x = values(window(288));
        double[] recent = values(window(60));
        boolean some = x.length > 0;
        double mean = mean(x);
        out.put("meanCrossings288", passes(x, mean));
        out.put("medianCrossings288", passes(x, quantile(x, .5)));
        out.put("meanCrossings60", passes(recent, mean(recent)));
        int turns = 0;
        for (int i = 1; i + 1 < x.length; i++) {
            turns += Math.signum(x[i] - x[i - 1]) * Math.signum(x[i + 1] - x[i]) < 0 ? 1 : 0;
        }
        out.put("turningPoints288", some ? turns : Double.NaN);
        double[] above =
                varies(x) ? DoubleStream.of(x).map(v -> v > mean ? 1 : 0).toArray() : new double[0];
        double[] below =
                varies(x) ? DoubleStream.of(x).map(v -> v < mean ? 1 : 0).toArray() : new double[0];
        out.put("longestAbove288", some ? ones(above) : Double.NaN);
        out.put("longestBelow288", some ? ones(below) : Double.NaN);
        out.put("longestEqual288", some ? links(x, (a, b) -> a == b) + 1 : Double.NaN);
        out.put("longestRise288", some ? links(x, (a, b) -> b > a) : Double.NaN);
    }

    private static double ones(double[] flags) {
        boolean any = DoubleStream.of(flags).anyMatch(v -> v == 1);
        return any ? links(flags, (a, b) -> a == 1 && b == 1) + 1 : 0;
    }

    private void spikes() {
        List<Sample> samples = window(288);
        double[] x = values(samples);
        double median = quantile(x, .5);
        double deviation = get("medianDeviation288");
        double scale = deviation > 0 ? 1.4826 * deviation : spread(x);
        List<Sample> high = samples.stream().filter(s -> s.value() > median + 5 * scale).toList();
        out.put("spikes288", x.length > 0 ? high.size() : Double.NaN);
        out.put(
                "dips288",
                x.length > 0
                        ? DoubleStream.of(x).filter(v -> v < median - 5 * scale).count()
                        : Double.NaN);
        out.put(
                "spikeAge288",
                high.isEmpty() ? Double.NaN : length(288) - 1 - high.getLast().step());
        out.put("spikeHeight288", varies(x) ? (max(x) - median) / scale : Double.NaN);
        out.put("dipDepth288", varies(x) ? (median - min(x)) / scale : Double.NaN);
    }

    private void shifts() {
        double[] x = values(window(288));
        double limit = 1.5 * spread(x);
        List<Integer> places = new ArrayList<>();
        double largest = 0;
        for (int i = 12; i + 12 <= x.length; i++) {
            double difference =
                    mean(Arrays.copyOfRange(x, i, i + 12)) - mean(Arrays.copyOfRange(x, i - 12, i));
            if (varies(x) && Math.abs(difference) > limit) {
                places.add(i);
            }
            if (varies(x) && Math.abs(difference) > Math.abs(largest) + 1e-9) {
                largest = difference;
            }
        }
        long runs = places.stream().filter(place -> !places.contains(place - 1)).count();
        boolean enough = x.length >= 24;
        out.put("levelShifts288", enough ? runs : Double.NaN);
        out.put("largestShift288", enough ? largest : Double.NaN);
        out.put("shiftAge288", places.isEmpty() ? Double.NaN : x.length - places.getLast());
    }

    private static double entropy(Map<?, Integer> counts, int kinds) {
        double total = counts.values().stream().mapToInt(Integer::intValue).sum();
        double sum = 0;
        for (int count : counts.values()) {
            sum -= count / total * Math.log(count / total);
        }
        return sum / Math.log(kinds);
    }

    private void entropies() {
        double[] x = values(window(288));
        Map<Integer, Integer> bins = new HashMap<>();
        for (double value : x) {
            int bin = varies(x) ? (int) ((value - min(x)) / (max(x) - min(x)) * 10) : 0;
            bins.merge(Math.min(bin, 9), 1, Integer::sum);
        }
        out.put("entropy288", x.length > 0 ? entropy(bins, 10) : Double.NaN);
        Map<List<Integer>, Integer> orders = new HashMap<>();
        for (int i = 0; i + 2 < x.length; i++) {
            List<Integer> order = new ArrayList<>(List.of(0, 1, 2));
            int at = i;
            order.sort((a, b) -> Double.compare(x[at + a] + 0.0, x[at + b] + 0.0)); // stable
            orders.merge(order, 1, Integer::sum);
        }
        out.put("permutationEntropy288", x.length > 2 ? entropy(orders, 6) : Double.NaN);
        out.put(
                "distinctShare288",
                DoubleStream.of(x).map(v -> v + 0.0).distinct().count() / (double) x.length);
    }

    private double at(int age) {
        return age < series.length ? series[series.length - 1 - age] : Double.NaN;
    }

    private double strength(int span, int period, int parts) {
        Map<Integer, List<Double>> byPart = new HashMap<>();
        List<Double> all = new ArrayList<>();
        for (int age = 0; age < span; age++) {
            if (!Double.isNaN(at(age))) {
                int part = age % period * parts / period;
                byPart.computeIfAbsent(part, key -> new ArrayList<>()).add(at(age));
                all.add(at(age));
            }
        }
        double[] x = all.stream().mapToDouble(Double::doubleValue).toArray();
        double inside = 0;
        for (List<Double> part : byPart.values()) {
            double[] values = part.stream().mapToDouble(Double::doubleValue).toArray();
            inside += cross(values, values);
        }
        return varies(values(window(288))) && varies(x) ? 1 - inside / cross(x, x) : Double.NaN;
    }

    private void season() {
        int day = 86_400 % stepSeconds == 0 ? 86_400 / stepSeconds : 0;
        int hour = 3_600 % stepSeconds == 0 ? 3_600 / stepSeconds : 0;
        int steps = series.length;
        out.put(
                "dayStrength",
                day > 1 && steps >= 2 * day
                        ? strength(Math.min(steps, 7 * day), day, 24)
                        : Double.NaN);
        out.put(
                "hourStrength",
                hour > 1 && steps >= 2 * hour
                        ? strength(Math.min(steps, day == 0 ? 24 * hour : day), hour, hour)
                        : Double.NaN);
        double last = at(0);
        out.put("hourAgoChange", hour == 0 ? Double.NaN : last - at(hour));
        out.put("dayAgoChange", day == 0 ? Double.NaN : last - at(day));
        out.put("weekAgoChange", day == 0 ? Double.NaN : last - at(7 * day));
        List<Double> days = new ArrayList<>();
        for (int back = 1; back <= 7 && day > 0; back++) {
            if (!Double.isNaN(at(back * day))) {
                days.add(at(back * day));
            }
        }
        out.put("dayMeanChange", last - mean(days.stream().mapToDouble(v -> v).toArray()));
    }

    private void rest() {
        List<Sample> samples = window(288);
        double[] x = values(samples);
        double n = x.length;
        double margin = (max(x) - min(x)) / 100;
        out.put("zeroShare288", DoubleStream.of(x).filter(v -> v == 0).count() / n);
        out.put("negativeShare288", DoubleStream.of(x).filter(v -> v < 0).count() / n);
        out.put("atMaxShare288", DoubleStream.of(x).filter(v -> v >= max(x) - margin).count() / n);
        out.put("atMinShare288", DoubleStream.of(x).filter(v -> v <= min(x) + margin).count() / n);
        int longest = 0;
        int gaps = 0;
        int run = 0;
        for (int step = series.length - length(288); step < series.length; step++) {
            run = Double.isNaN(series[step]) ? run + 1 : 0;
            gaps += run == 1 ? 1 : 0;
            longest = Math.max(longest, run);
        }
        out.put("longestGap288", (double) longest);
        out.put("gaps288", (double) gaps);
        double spread = varies(x) ? spread(x) : Double.NaN;
        double mean = mean(x);
        out.put("levelRatio12", (get("mean12") - mean) / spread);
        out.put("levelRatio60", (get("mean60") - mean) / spread);
        out.put("spreadRatio12", get("spread12") / spread);
        out.put("spreadRatio60", get("spread60") / spread);
        out.put("lastScore288", (get("last") - mean) / spread);
        double last = get("last");
        out.put("lastRank288", DoubleStream.of(x).filter(v -> v <= last).count() / n);
        double fast = weighted(x, 0.3);
        double slow = weighted(x, 0.05);
        out.put("fastMean288", fast);
        out.put("slowMean288", slow);
        out.put("meanGap288", (fast - slow) / spread);
    }

    private static double weighted(double[] x, double weight) {
        double level = x.length == 0 ? Double.NaN : x[0];
        for (int i = 1; i < x.length; i++) {
            level = (1 - weight) * level + weight * x[i];
        }
        return level;
    }

    private void calendar(long endTimeMs) {
        ZonedDateTime time = Instant.ofEpochMilli(endTimeMs).atZone(ZoneOffset.UTC);
        double day = time.toLocalTime().toSecondOfDay() / 86_400.0;
        int weekday = time.getDayOfWeek().getValue(); // Monday is 1
        circle("day", day);
        circle("week", (weekday - 1 + day) / 7);
        out.put("weekend", weekday > 5 ? 1.0 : 0.0);
        circle("month", (time.getDayOfMonth() - 1) / (double) time.toLocalDate().lengthOfMonth());
        circle("year", (time.getDayOfYear() - 1) / (double) time.toLocalDate().lengthOfYear());
    }

    private void circle(String name, double share) {
        out.put(name + "Sin", Math.sin(2 * Math.PI * share));
        out.put(name + "Cos", Math.cos(2 * Math.PI * share));
    }
}
