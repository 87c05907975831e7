package io.novacron.inference.features;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/// Selects features on training rows: drops those that are constant, missing, duplicate or
/// unhelpful. The same rows, target and seed give the same selection.
///
/// A feature helps when the mutual information of its ten equally full bins (missing values are a
/// bin of their own) with ten bins of the target is greater than the greatest that any feature has
/// with a shuffled target, over some shuffles: better than luck. Bins see any dependence, not just
/// lines. Of two features whose ranks agree (Spearman's correlation of at least 0.999 in size, and
/// the same rows missing) the first of the catalogue stays.
public final class FeatureSelector {
    private static final int BINS = 10;
    private static final int SHUFFLES = 5;
    private static final int MIN_ROWS = 100;
    private static final double MAX_MISSING = 0.95;
    private static final double SAME_RANKS = 0.999;

    private final long seed;

    public FeatureSelector(long seed) {
        this.seed = seed;
    }

    /// What was selected of some features.
    ///
    /// @param kept their numbers, ascending
    /// @param dropped names of the others, each with its reason
    /// @param relevance information about the target of each kept feature, in nats
    public record Selected(
            List<Integer> kept, Map<String, String> dropped, Map<String, Double> relevance) {}

    /// Selects from `rows` (`rows[row * FeatureSet.COUNT + feature]`, NaN is missing) for
    /// `targets`, one finite value a row. Only rows from before the held-back time may be given.
    public FeatureSelection select(float[] rows, float[] targets) {
        Selected selected = select(FeatureSet.names(), rows, targets);
        return new FeatureSelection(
                FeatureSet.sha256(),
                hash(rows, targets),
                targets.length,
                selected.kept().stream().map(FeatureSet.names()::get).toList(),
                selected.dropped(),
                selected.relevance());
    }

    /// The same for features of any names: `rows[row * names.size() + feature]`.
    public Selected select(List<String> names, float[] rows, float[] targets) {
        int count = targets.length;
        int width = names.size();
        if (count < MIN_ROWS || rows.length != (long) count * width) {
            throw new IllegalArgumentException(
                    ("rows.length=%d must be targets.length=%d times %d features, with at least"
                                    + " %d rows. Maybe the rows are of another feature set?")
                            .formatted(rows.length, count, width, MIN_ROWS));
        }
        for (int row = 0; row < count; row++) {
            if (!Float.isFinite(targets[row])) {
                throw new IllegalArgumentException(
                        "targets[%d]=%s must be finite. Maybe rows without a target were kept?"
                                .formatted(row, targets[row]));
            }
        }
        Map<String, String> dropped = new LinkedHashMap<>();
        List<Integer> candidates = new ArrayList<>();
        List<double[]> ranks = new ArrayList<>();
        for (int feature = 0; feature < width; feature++) {
            float[] column = column(rows, width, count, feature);
            String name = names.get(feature);
            String reason = worthless(column);
            double[] rank = reason == null ? ranks(column) : new double[0];
            for (int k = 0; k < candidates.size() && reason == null; k++) {
                if (sameRanks(rank, ranks.get(k))) {
                    reason = "duplicate of " + names.get(candidates.get(k));
                }
            }
            if (reason == null) {
                candidates.add(feature);
                ranks.add(rank);
            } else {
                dropped.put(name, reason);
            }
        }
        return judge(names, targets, candidates, ranks, dropped);
    }

    private Selected judge(
            List<String> names,
            float[] targets,
            List<Integer> candidates,
            List<double[]> ranks,
            Map<String, String> dropped) {
        byte[] targetBins = bins(ranks(targets));
        List<byte[]> featureBins = ranks.stream().map(FeatureSelector::bins).toList();
        double luck = 0;
        var random = new SplittableRandom(seed);
        for (int shuffle = 0; shuffle < SHUFFLES; shuffle++) {
            byte[] shuffled = shuffled(targetBins, random);
            for (byte[] bins : featureBins) {
                luck = Math.max(luck, information(bins, shuffled));
            }
        }
        List<Integer> kept = new ArrayList<>();
        Map<String, Double> relevance = new LinkedHashMap<>();
        for (int k = 0; k < candidates.size(); k++) {
            String name = names.get(candidates.get(k));
            double information = information(featureBins.get(k), targetBins);
            if (information > luck) {
                kept.add(candidates.get(k));
                relevance.put(name, information);
            } else {
                dropped.put(
                        name,
                        "unhelpful: %.4g nats about the target, luck gives %.4g"
                                .formatted(information, luck));
            }
        }
        return new Selected(List.copyOf(kept), dropped, relevance);
    }

    private static float[] column(float[] rows, int width, int count, int feature) {
        float[] column = new float[count];
        for (int row = 0; row < count; row++) {
            column[row] = rows[row * width + feature];
        }
        return column;
    }

    private static @Nullable String worthless(float[] column) {
        int missing = 0;
        float min = Float.POSITIVE_INFINITY;
        float max = Float.NEGATIVE_INFINITY;
        for (float value : column) {
            if (Float.isNaN(value)) {
                missing++;
            } else {
                min = Math.min(min, value);
                max = Math.max(max, value);
            }
        }
        if (missing > MAX_MISSING * column.length) {
            return "missing in %d of %d rows".formatted(missing, column.length);
        }
        return min == max && missing == 0 ? "constant " + min : null;
    }

    /// Mean ranks from 0 on, NaN where a value is missing.
    private static double[] ranks(float[] column) {
        long[] order = new long[column.length];
        for (int row = 0; row < column.length; row++) {
            int bits = Float.floatToIntBits(column[row] + 0f); // one zero
            int ordered = bits ^ ((bits >> 31) & Integer.MAX_VALUE);
            order[row] = (long) ordered << 32 | row; // NaN comes last
        }
        Arrays.sort(order);
        double[] ranks = new double[column.length];
        int from = 0;
        while (from < order.length) {
            int to = from;
            while (to < order.length && order[to] >> 32 == order[from] >> 32) {
                to++;
            }
            double rank =
                    Float.isNaN(column[(int) order[from]]) ? Double.NaN : (from + to - 1) / 2.0;
            for (int k = from; k < to; k++) {
                ranks[(int) order[k]] = rank;
            }
            from = to;
        }
        return ranks;
    }

    private static boolean sameRanks(double[] left, double[] right) {
        double leftSum = 0;
        double rightSum = 0;
        int count = 0;
        for (int row = 0; row < left.length; row++) {
            if (Double.isNaN(left[row]) != Double.isNaN(right[row])) {
                return false;
            }
            if (!Double.isNaN(left[row])) {
                leftSum += left[row];
                rightSum += right[row];
                count++;
            }
        }
        double cross = 0;
        double leftSquares = 0;
        double rightSquares = 0;
        for (int row = 0; row < left.length; row++) {
            if (!Double.isNaN(left[row])) {
                double a = left[row] - leftSum / count;
                double b = right[row] - rightSum / count;
                cross += a * b;
                leftSquares += a * a;
                rightSquares += b * b;
            }
        }
        double correlation = cross / Math.sqrt(leftSquares * rightSquares);
        boolean bothConstant = leftSquares == 0 && rightSquares == 0; // only their gaps tell
        return Math.abs(correlation) >= SAME_RANKS || bothConstant;
    }

    /// Equally full bins of ranks; the last bin is for missing values.
    private static byte[] bins(double[] ranks) {
        int valid = 0;
        for (double rank : ranks) {
            valid += Double.isNaN(rank) ? 0 : 1;
        }
        byte[] bins = new byte[ranks.length];
        for (int row = 0; row < bins.length; row++) {
            bins[row] =
                    Double.isNaN(ranks[row])
                            ? (byte) BINS
                            : (byte) Math.min(BINS - 1, (int) (ranks[row] * BINS / valid));
        }
        return bins;
    }

    private static byte[] shuffled(byte[] bins, SplittableRandom random) {
        byte[] shuffled = bins.clone();
        for (int last = shuffled.length - 1; last > 0; last--) {
            int other = random.nextInt(last + 1);
            byte value = shuffled[last];
            shuffled[last] = shuffled[other];
            shuffled[other] = value;
        }
        return shuffled;
    }

    /// Mutual information of two binned columns, in nats.
    private static double information(byte[] left, byte[] right) {
        int[][] joint = new int[BINS + 1][BINS + 1];
        int[] leftCounts = new int[BINS + 1];
        int[] rightCounts = new int[BINS + 1];
        for (int row = 0; row < left.length; row++) {
            joint[left[row]][right[row]]++;
            leftCounts[left[row]]++;
            rightCounts[right[row]]++;
        }
        double information = 0;
        for (int i = 0; i <= BINS; i++) {
            for (int j = 0; j <= BINS; j++) {
                if (joint[i][j] > 0) {
                    double ratio =
                            joint[i][j]
                                    * (double) left.length
                                    / ((double) leftCounts[i] * rightCounts[j]);
                    information += joint[i][j] / (double) left.length * StrictMath.log(ratio);
                }
            }
        }
        return information;
    }

    private static String hash(float[] rows, float[] targets) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(bytes(rows));
            digest.update(bytes(targets));
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private static byte[] bytes(float[] values) {
        ByteBuffer buffer = ByteBuffer.allocate(Float.BYTES * values.length);
        buffer.asFloatBuffer().put(values);
        return buffer.array();
    }
}
