package io.novacron.inference.kernel;

/// How many values a few series side by side have, and when: exact sums over chunks of a long
/// window.
///
/// A chunk is at most 60 steps. Its three sums come packed in one integer: `count + 64 * time +
/// 65536 * square`, where time is the step less 30, so at most 60, between -465 and 435, and at
/// most 18,010.
final class ChunkCounts {
    static final int CHUNK = 60;
    static final int MIDDLE = CHUNK / 2;
    static final int TIME_SHIFT = 6;
    static final int SQUARE_SHIFT = 16;
    static final int COUNT_BITS = (1 << TIME_SHIFT) - 1;
    private static final int WIDEST = 64; // lanes, more than any vector has

    /// Where the sums of the chunk at hand are put.
    final int[] packed = new int[WIDEST];

    private final long[] counts = new long[WIDEST];
    private final long[] times = new long[WIDEST];
    private final long[] squares = new long[WIDEST];

    /// What a value in step `k` of a chunk adds.
    static int unit(int k) {
        int time = k - MIDDLE;
        return 1 + (time << TIME_SHIFT) + ((time * time) << SQUARE_SHIFT);
    }

    /// Adds the packed sums of the chunk that begins at step `from`.
    void add(int from, int lanes) {
        long middle = from + MIDDLE;
        for (int lane = 0; lane < lanes; lane++) {
            int sums = packed[lane];
            long count = sums & COUNT_BITS;
            int time = (sums << SQUARE_SHIFT) >> (SQUARE_SHIFT + TIME_SHIFT);
            int square = (sums - (time << TIME_SHIFT)) >> SQUARE_SHIFT;
            counts[lane] += count;
            times[lane] += time + middle * count;
            squares[lane] += square + middle * (2L * time + middle * count);
        }
    }

    /// Writes number, sum and centred sum of squares of the times, and begins anew.
    void finish(int lanes, float[] count, float[] sum, float[] centredSquares, int index) {
        for (int lane = 0; lane < lanes; lane++) {
            count[index + lane] = (float) counts[lane];
            sum[index + lane] = (float) times[lane];
            centredSquares[index + lane] =
                    ScalarKernels.timeSquares(counts[lane], times[lane], squares[lane]);
            counts[lane] = 0;
            times[lane] = 0;
            squares[lane] = 0;
        }
    }
}
