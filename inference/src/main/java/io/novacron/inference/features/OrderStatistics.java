package io.novacron.inference.features;

import java.util.Arrays;

/// Values of given rank, found by selection: no sort, no allocation.
///
/// Values are counted into equal bins of their range; the bin that holds the rank is refined in the
/// same way until it is small or all its values are equal. So a rank costs one pass over the values
/// and little more, and ties cost nothing. Owned by one thread.
final class OrderStatistics {
    private static final int BINS = 256;
    private static final int SMALL = 24;

    private final int[] ends = new int[BINS + 1]; // of the bins of the first level, as ranks
    private final int[] counts = new int[BINS];
    private double[] grouped = new double[0]; // the values, bin by bin
    private double[] inner = new double[0];
    private double[] spare = new double[0];
    private double least;
    private double greatest;
    private int count;

    void ensure(int most) {
        if (grouped.length < most) {
            grouped = new double[most];
            inner = new double[most];
            spare = new double[most];
        }
    }

    /// Takes the first `size` of `values`, which lie between `min` and `max` and are finite.
    void load(double[] values, int size, double min, double max) {
        count = size;
        least = min;
        greatest = max;
        if (!(min < max)) {
            return;
        }
        double scale = scale(min, max);
        Arrays.fill(counts, 0);
        for (int i = 0; i < size; i++) {
            counts[bin(values[i], min, scale)]++;
        }
        int end = 0;
        for (int bin = 0; bin < BINS; bin++) {
            ends[bin] = end;
            end += counts[bin];
            counts[bin] = ends[bin];
        }
        ends[BINS] = end;
        for (int i = 0; i < size; i++) {
            grouped[counts[bin(values[i], min, scale)]++] = values[i];
        }
    }

    private static double scale(double min, double max) {
        return (BINS - 1) / (max - min);
    }

    private static int bin(double value, double min, double scale) {
        return (int) ((value - min) * scale);
    }

    /// The value of rank `rank`, 0 for the least.
    double at(int rank) {
        if (rank <= 0 || !(least < greatest)) {
            return least;
        }
        if (rank >= count - 1) {
            return greatest;
        }
        int bin = binOf(rank);
        int from = ends[bin];
        int size = ends[bin + 1] - from;
        System.arraycopy(grouped, from, inner, 0, size);
        return select(size, rank - from);
    }

    private int binOf(int rank) {
        int low = 0;
        int high = BINS - 1;
        while (low < high) {
            int middle = (low + high + 1) / 2;
            if (ends[middle] <= rank) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    /// Value of rank `rank` among the first `size` of `inner`.
    private double select(int size, int rank) {
        int left = size;
        int wanted = rank;
        while (left > SMALL) {
            double min = inner[0];
            double max = min;
            for (int i = 1; i < left; i++) {
                min = Math.min(min, inner[i]);
                max = Math.max(max, inner[i]);
            }
            double scale = scale(min, max);
            if (!(min < max) || scale == Double.POSITIVE_INFINITY) {
                break; // equal, or nearer than can be told apart by bins
            }
            Arrays.fill(counts, 0);
            for (int i = 0; i < left; i++) {
                counts[bin(inner[i], min, scale)]++;
            }
            int bin = 0;
            while (wanted >= counts[bin]) {
                wanted -= counts[bin++];
            }
            int kept = 0;
            for (int i = 0; i < left; i++) {
                if (bin(inner[i], min, scale) == bin) {
                    spare[kept++] = inner[i];
                }
            }
            double[] swapped = inner;
            inner = spare;
            spare = swapped;
            left = kept;
        }
        for (int i = 1; i < left; i++) {
            double value = inner[i];
            int at = i;
            for (; at > 0 && inner[at - 1] > value; at--) {
                inner[at] = inner[at - 1];
            }
            inner[at] = value;
        }
        return inner[wanted];
    }
}
