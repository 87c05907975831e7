package io.novacron.inference.features;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;

/// catch22 by its definitions and nothing else: every sum in full, every median by a sort, no
/// result shared between features. The specification that the fast version is held against.
final class SlowCatch22 {
    private final double[] y;
    private final int n;

    private SlowCatch22(double[] z) {
        y = z;
        n = z.length;
    }

    static double[] of(double[] values) {
        double mean = Arrays.stream(values).sum() / values.length;
        double squares = Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum();
        double deviation = Math.sqrt(squares / (values.length - 1));
        double[] z = Arrays.stream(values).map(v -> (v - mean) / deviation).toArray();
        return new SlowCatch22(z).all();
    }

    private double[] all() {
        return new double[] {
            histogramMode(5),
            histogramMode(10),
            oneOverE(),
            firstMinimum(),
            mutualInformation(),
            timeReversal(),
            largeChanges(),
            longestAboveMean(),
            transitionVariance(),
            periodicity(),
            embeddingDistance(),
            gaussianInformation(),
            firstZero(changes()) / (double) firstZero(y),
            outliers(1),
            outliers(-1),
            lowFrequencyArea(),
            longestFall(),
            motifEntropy(),
            scaling(1, true),
            scaling(2, false),
            centroid(),
            threeStepError()
        };
    }

    private static double mean(double[] values) {
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        return sum / values.length;
    }

    private static double deviation(double[] values) {
        double mean = mean(values);
        double sum = 0;
        for (double value : values) {
            sum += (value - mean) * (value - mean);
        }
        return Math.sqrt(sum / (values.length - 1));
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    private double[] changes() {
        double[] changes = new double[n - 1];
        for (int i = 0; i < n - 1; i++) {
            changes[i] = y[i + 1] - y[i];
        }
        return changes;
    }

    private static double autocorrelation(double[] x, int lag) {
        double mean = mean(x);
        double product = 0;
        double squares = 0;
        for (int i = 0; i < x.length; i++) {
            squares += (x[i] - mean) * (x[i] - mean);
            if (i + lag < x.length) {
                product += (x[i] - mean) * (x[i + lag] - mean);
            }
        }
        return product / squares;
    }

    private static int firstZero(double[] x) {
        int lag = 0;
        while (lag < x.length && autocorrelation(x, lag) > 0) {
            lag++;
        }
        return lag;
    }

    private double histogramMode(int bins) {
        double min = Arrays.stream(y).min().orElseThrow();
        double max = Arrays.stream(y).max().orElseThrow();
        double width = (max - min) / bins;
        int[] counts = new int[bins];
        for (double value : y) {
            counts[Math.min(bins - 1, (int) ((value - min) / width))]++;
        }
        int most = Arrays.stream(counts).max().orElseThrow();
        double sum = 0;
        int modes = 0;
        for (int bin = 0; bin < bins; bin++) {
            if (counts[bin] == most) {
                sum += min + (bin + 0.5) * width;
                modes++;
            }
        }
        return sum / modes;
    }

    private double oneOverE() {
        for (int lag = 0; lag < n - 2; lag++) {
            double now = autocorrelation(y, lag);
            double later = autocorrelation(y, lag + 1);
            if (later < 1 / Math.E) {
                return lag + (1 / Math.E - now) / (later - now);
            }
        }
        return n;
    }

    private double firstMinimum() {
        for (int lag = 1; lag < n - 1; lag++) {
            double now = autocorrelation(y, lag);
            if (now < autocorrelation(y, lag - 1) && now < autocorrelation(y, lag + 1)) {
                return lag;
            }
        }
        return n;
    }

    private double mutualInformation() {
        double min = Arrays.stream(y).min().orElseThrow();
        double max = Arrays.stream(y).max().orElseThrow();
        double width = (max - min + 0.2) / 5;
        double[][] joint = new double[5][5];
        for (int i = 0; i + 2 < n; i++) {
            joint[bin(y[i], min, width)][bin(y[i + 2], min, width)] += 1.0 / (n - 2);
        }
        double information = 0;
        for (int i = 0; i < 5; i++) {
            for (int j = 0; j < 5; j++) {
                double row = 0;
                double column = 0;
                for (int k = 0; k < 5; k++) {
                    row += joint[i][k];
                    column += joint[k][j];
                }
                if (joint[i][j] > 0) {
                    information += joint[i][j] * Math.log(joint[i][j] / (row * column));
                }
            }
        }
        return information;
    }

    private static int bin(double value, double min, double width) {
        int bin = 0;
        while (bin < 4 && value >= min + width * (bin + 1) - 0.1) {
            bin++;
        }
        return bin;
    }

    private double timeReversal() {
        return Arrays.stream(changes()).map(c -> c * c * c).sum() / (n - 1);
    }

    private double largeChanges() {
        return Arrays.stream(changes()).filter(c -> Math.abs(c) * 1000 > 40).count()
                / (double) (n - 1);
    }

    private double longestAboveMean() {
        double mean = mean(y);
        List<Integer> breaks = new ArrayList<>(List.of(0));
        for (int i = 0; i < n - 1; i++) {
            if (y[i] < mean || i == n - 2) {
                breaks.add(i);
            }
        }
        return longestGap(breaks);
    }

    private double longestFall() {
        List<Integer> breaks = new ArrayList<>(List.of(0));
        for (int i = 0; i < n - 1; i++) {
            if (y[i + 1] > y[i] || i == n - 2) {
                breaks.add(i);
            }
        }
        return longestGap(breaks);
    }

    private static int longestGap(List<Integer> breaks) {
        int longest = 0;
        for (int i = 1; i < breaks.size(); i++) {
            longest = Math.max(longest, breaks.get(i) - breaks.get(i - 1));
        }
        return longest;
    }

    private static double quantile(double[] values, double share) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        double half = 0.5 / sorted.length;
        if (share < half) {
            return sorted[0];
        }
        if (share > 1 - half) {
            return sorted[sorted.length - 1];
        }
        double at = sorted.length * share - 0.5;
        int left = (int) Math.floor(at);
        return sorted[left] + (at - left) * (sorted[left + 1] - sorted[left]);
    }

    private static int[] thirds(double[] values) {
        double low = quantile(values, 1.0 / 3);
        double high = quantile(values, 2.0 / 3);
        return Arrays.stream(values).mapToInt(v -> v <= low ? 0 : v <= high ? 1 : 2).toArray();
    }

    private static double[][] transitions(int[] letters) {
        double[][] shares = new double[3][3];
        for (int i = 0; i + 1 < letters.length; i++) {
            shares[letters[i]][letters[i + 1]] += 1.0 / (letters.length - 1);
        }
        return shares;
    }

    private double motifEntropy() {
        double entropy = 0;
        for (double[] row : transitions(thirds(y))) {
            for (double share : row) {
                entropy -= share > 0 ? share * Math.log(share) : 0;
            }
        }
        return entropy;
    }

    private double transitionVariance() {
        int every = firstZero(y);
        double[] sampled = new double[(n - 1) / every + 1];
        for (int i = 0; i < sampled.length; i++) {
            sampled[i] = y[i * every];
        }
        double[][] shares = transitions(thirds(sampled));
        double trace = 0;
        for (int column = 0; column < 3; column++) {
            double[] values = {shares[0][column], shares[1][column], shares[2][column]};
            trace += Math.pow(deviation(values), 2);
        }
        return trace;
    }

    /// Solves a small system by elimination with pivots.
    private static double[] solve(double[][] a, double[] b) {
        int size = b.length;
        for (int i = 0; i < size; i++) {
            int pivot = i;
            for (int j = i; j < size; j++) {
                pivot = Math.abs(a[j][i]) > Math.abs(a[pivot][i]) ? j : pivot;
            }
            double[] row = a[i];
            a[i] = a[pivot];
            a[pivot] = row;
            double value = b[i];
            b[i] = b[pivot];
            b[pivot] = value;
            for (int j = i + 1; j < size; j++) {
                double factor = a[j][i] / a[i][i];
                for (int k = i; k < size; k++) {
                    a[j][k] -= factor * a[i][k];
                }
                b[j] -= factor * b[i];
            }
        }
        double[] x = new double[size];
        for (int i = size - 1; i >= 0; i--) {
            double sum = b[i];
            for (int j = i + 1; j < size; j++) {
                sum -= a[i][j] * x[j];
            }
            x[i] = sum / a[i][i];
        }
        return x;
    }

    private double periodicity() {
        int joint = n / 2 - 1;
        double[][] basis = new double[n][];
        for (int i = 0; i < n; i++) {
            double t = i / (double) n;
            double late = Math.max(0, (i - joint) / (double) n);
            basis[i] = new double[] {1, t, t * t, t * t * t, late * late * late};
        }
        double[][] normal = new double[5][5];
        double[] right = new double[5];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < 5; j++) {
                right[j] += basis[i][j] * y[i];
                for (int k = 0; k < 5; k++) {
                    normal[j][k] += basis[i][j] * basis[i][k];
                }
            }
        }
        double[] weights = solve(normal, right);
        double[] rest = y.clone();
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < 5; j++) {
                rest[i] -= weights[j] * basis[i][j];
            }
        }
        int count = (int) Math.ceil(n / 3.0);
        double[] covariances = new double[count];
        for (int lag = 1; lag <= count; lag++) {
            for (int i = 0; i + lag < n; i++) {
                covariances[lag - 1] += rest[i] * rest[i + lag] / (n - lag);
            }
        }
        TreeSet<Integer> troughs = new TreeSet<>();
        for (int i = 1; i < count - 1; i++) {
            double in = covariances[i] - covariances[i - 1];
            double out = covariances[i + 1] - covariances[i];
            if (in < 0 && out > 0) {
                troughs.add(i);
            }
            if (in > 0 && out < 0 && !troughs.isEmpty()) {
                double rise = covariances[i] - covariances[troughs.last()];
                if (rise >= 0.01 && covariances[i] >= 0) {
                    return i;
                }
            }
        }
        return 0;
    }

    private double embeddingDistance() {
        int delay = (int) Math.min(firstZero(y), Math.floor(n / 10.0));
        double[] distances = new double[n - delay - 1];
        for (int i = 0; i < distances.length; i++) {
            distances[i] = Math.hypot(y[i + 1] - y[i], y[i + delay + 1] - y[i + delay]);
        }
        double deviation = deviation(distances);
        if (deviation < 0.001) {
            return 0;
        }
        double mean = mean(distances);
        double min = Arrays.stream(distances).min().orElseThrow();
        double max = Arrays.stream(distances).max().orElseThrow();
        int bins = (int) Math.ceil((max - min) / (3.5 * deviation / Math.cbrt(distances.length)));
        double width = (max - min) / bins;
        double[] shares = new double[bins];
        for (double distance : distances) {
            int bin = Math.min(bins - 1, (int) ((distance - min) / width));
            shares[bin] += 1.0 / distances.length;
        }
        double sum = 0;
        for (int bin = 0; bin < bins; bin++) {
            double centre = min + (bin + 0.5) * width;
            sum += Math.abs(shares[bin] - Math.exp(-centre / mean) / mean);
        }
        return sum / bins;
    }

    private double gaussianInformation() {
        int lags = (int) Math.min(40, Math.ceil(n / 2.0));
        double[] information = new double[lags];
        for (int lag = 1; lag <= lags; lag++) {
            double[] head = Arrays.copyOfRange(y, 0, n - lag);
            double[] tail = Arrays.copyOfRange(y, lag, n);
            double headMean = mean(head);
            double tailMean = mean(tail);
            double product = 0;
            for (int i = 0; i < head.length; i++) {
                product += (head[i] - headMean) * (tail[i] - tailMean);
            }
            double correlation = product / (deviation(head) * deviation(tail) * (head.length - 1));
            information[lag - 1] = -0.5 * Math.log(1 - correlation * correlation);
        }
        for (int i = 1; i < lags - 1; i++) {
            if (information[i] < information[i - 1] && information[i] < information[i + 1]) {
                return i;
            }
        }
        return lags;
    }

    private double outliers(int sign) {
        double top = Double.NEGATIVE_INFINITY;
        int nonNegative = 0;
        for (double value : y) {
            top = Math.max(top, sign * value);
            nonNegative += sign * value >= 0 ? 1 : 0;
        }
        if (top < 0.01) {
            return 0;
        }
        List<Double> medians = new ArrayList<>();
        for (int threshold = 0; threshold * 0.01 <= top; threshold++) {
            List<Double> positions = new ArrayList<>();
            for (int i = 0; i < n; i++) {
                if (sign * y[i] >= threshold * 0.01) {
                    positions.add(i + 1.0);
                }
            }
            if (threshold > 0 && (positions.size() - 1) * 100.0 / nonNegative <= 2) {
                break;
            }
            medians.add(median(toArray(positions)) / (n / 2.0) - 1);
        }
        Collections.sort(medians);
        return median(toArray(medians));
    }

    private static double[] toArray(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).toArray();
    }

    /// One-sided density of the spectrum of the series, padded to a power of two.
    private double[] density() {
        int size = 1;
        while (size < n) {
            size *= 2;
        }
        double[] density = new double[size / 2 + 1];
        for (int bin = 0; bin < density.length; bin++) {
            double real = 0;
            double imaginary = 0;
            for (int i = 0; i < n; i++) {
                double angle = 2 * Math.PI * ((long) bin * i % size) / size;
                real += y[i] * Math.cos(angle);
                imaginary -= y[i] * Math.sin(angle);
            }
            int sides = bin == 0 || bin == size / 2 ? 1 : 2;
            density[bin] = sides * (real * real + imaginary * imaginary) / n / (2 * 3.14159265359);
        }
        return density;
    }

    private double lowFrequencyArea() {
        double[] density = density();
        double sum = 0;
        for (int bin = 0; bin < density.length / 5; bin++) {
            sum += density[bin];
        }
        return sum * 2 * 3.14159265359 / (2 * (density.length - 1));
    }

    private double centroid() {
        double[] density = density();
        double half = Arrays.stream(density).sum() / 2;
        double sum = 0;
        for (int bin = 0; bin < density.length; bin++) {
            sum += density[bin];
            if (sum > half) {
                return bin * 2 * 3.14159265359 / (2 * (density.length - 1));
            }
        }
        return 0;
    }

    /// Level and slope of the line fitted to some points.
    private static double[] line(double[] x, double[] z, int from, int to) {
        double meanX = mean(Arrays.copyOfRange(x, from, to));
        double meanZ = mean(Arrays.copyOfRange(z, from, to));
        double cross = 0;
        double squares = 0;
        for (int i = from; i < to; i++) {
            cross += (x[i] - meanX) * (z[i] - meanZ);
            squares += (x[i] - meanX) * (x[i] - meanX);
        }
        return new double[] {meanZ - cross / squares * meanX, cross / squares};
    }

    private double scaling(int every, boolean range) {
        TreeMap<Integer, Double> byScale = new TreeMap<>();
        double step = (Math.log(n / 2) - Math.log(5)) / 49;
        for (int i = 0; i < 50; i++) {
            byScale.put((int) Math.round(Math.exp(Math.log(5) + i * step)), 0.0);
        }
        if (byScale.size() < 12) {
            return 0;
        }
        double[] sums = new double[n / every];
        for (int i = 0; i < sums.length; i++) {
            sums[i] = (i == 0 ? 0 : sums[i - 1]) + y[i * every];
        }
        for (int scale : List.copyOf(byScale.keySet())) {
            byScale.put(scale, fluctuation(sums, scale, range));
        }
        int count = byScale.size();
        double[] x = byScale.keySet().stream().mapToDouble(Math::log).toArray();
        double[] z = byScale.values().stream().mapToDouble(Math::log).toArray();
        double least = Double.NaN;
        int best = 0;
        for (int points = 6; points <= count - 6; points++) {
            double error = distance(x, z, 0, points) + distance(x, z, points - 1, count);
            if (points == 6 || error < least) {
                least = error;
                best = points;
            }
        }
        return best / (double) count;
    }

    private static double distance(double[] x, double[] z, int from, int to) {
        double[] line = line(x, z, from, to);
        double sum = 0;
        for (int i = from; i < to; i++) {
            sum += Math.pow(line[0] + line[1] * x[i] - z[i], 2);
        }
        return Math.sqrt(sum);
    }

    private static double fluctuation(double[] sums, int scale, boolean range) {
        double[] times = new double[sums.length];
        for (int i = 0; i < times.length; i++) {
            times[i] = i;
        }
        double total = 0;
        int windows = sums.length / scale;
        for (int window = 0; window < windows; window++) {
            int from = window * scale;
            double[] line = line(times, sums, from, from + scale);
            double[] rest = new double[scale];
            for (int k = 0; k < scale; k++) {
                rest[k] = sums[from + k] - line[0] - line[1] * times[from + k];
            }
            if (range) {
                double min = Arrays.stream(rest).min().orElseThrow();
                double max = Arrays.stream(rest).max().orElseThrow();
                total += (max - min) * (max - min);
            } else {
                total += Arrays.stream(rest).map(r -> r * r).sum();
            }
        }
        return Math.sqrt(total / (range ? windows : windows * scale));
    }

    private double threeStepError() {
        double[] errors = new double[n - 3];
        for (int i = 0; i < n - 3; i++) {
            errors[i] = y[i + 3] - (y[i] + y[i + 1] + y[i + 2]) / 3;
        }
        return deviation(errors);
    }
}
