package io.novacron.solver.search;

/// Random numbers for search: xoroshiro128++ seeded by SplitMix64 (Blackman, Vigna, "Scrambled
/// linear pseudorandom number generators", 2021). The same seed gives the same numbers anywhere.
/// Not thread-safe: each walk has its own.
public final class SearchRandom {
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;
    private static final int TABLE_BITS = 12;
    private static final double[] MINUS_LOG = minusLog();

    private long state0;
    private long state1;

    public SearchRandom(long seed) {
        state0 = mix(seed + GOLDEN);
        state1 = mix(seed + GOLDEN + GOLDEN);
    }

    private static long mix(long value) {
        long mixed = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
        return mixed ^ (mixed >>> 31);
    }

    private static double[] minusLog() {
        var table = new double[1 << TABLE_BITS];
        for (int index = 0; index < table.length; index++) {
            table[index] = -StrictMath.log((index + 0.5) / table.length);
        }
        return table;
    }

    public long nextLong() {
        long first = state0;
        long second = state1;
        long result = Long.rotateLeft(first + second, 17) + first;
        second ^= first;
        state0 = Long.rotateLeft(first, 49) ^ second ^ (second << 21);
        state1 = Long.rotateLeft(second, 28);
        return result;
    }

    /// @return a number in [0, bound); the bias is below bound / 2^32
    public int below(int bound) {
        return (int) (((nextLong() >>> 32) * bound) >>> 32);
    }

    /// @return a number in [0, 1)
    public double share() {
        return (nextLong() >>> 11) * 0x1p-53;
    }

    /// @return a number from the exponential distribution of mean 1, to 12 bits
    public double exponential() {
        return MINUS_LOG[(int) (nextLong() >>> (64 - TABLE_BITS))];
    }
}
