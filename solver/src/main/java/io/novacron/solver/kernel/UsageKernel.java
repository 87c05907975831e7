package io.novacron.solver.kernel;

/// What colocation asks of rows of whole numbers, one for each time of a day. A row starts at an
/// index that is a multiple of [#LANES], is as long as a multiple of it, and ends in zeros.
///
/// Implementations agree to the last bit: sums are of whole numbers, in any order, and nothing is
/// fused. Not thread-safe: each thread has its own.
public interface UsageKernel {
    int LANES = 16;
    int GROWTH_UNITS = 1 << 20;

    /// Calls that go one by one before vectors begin: until they are compiled, vectors take a
    /// hundred times as long.
    int WARM_UP_CALLS = 20_000;

    /// @return the next multiple of [#LANES]
    static int padded(int length) {
        return Math.ceilDiv(length, LANES) * LANES;
    }

    /// Σ over a row of exp(x) − 1 with x = max(0, use + added − removed − level) · `perUnit`, the
    /// exponential by its series to the fifth power: a time's part is within 3 · 10^-5 for x ≤ 0.5.
    /// It must be below 2,048 / `length`, or the sum is meaningless.
    ///
    /// @return in units of 1 / [#GROWTH_UNITS]
    int growth(
            int[] use,
            int useRow,
            int[] demand,
            int addedRow,
            int removedRow,
            int length,
            int level,
            float perUnit);

    /// @return the most of use + added − removed over a row; at least 0
    int highest(int[] use, int useRow, int[] demand, int addedRow, int removedRow, int length);

    /// @return the fastest kernel that this JVM and processor can run
    static UsageKernel best() {
        boolean hasModule = ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
        return hasModule ? new VectorUsageKernel(WARM_UP_CALLS) : new Scalar();
    }

    /// One time after the other: the specification.
    final class Scalar implements UsageKernel {
        static final float SECOND = 1 / 2f;
        static final float THIRD = 1 / 6f;
        static final float FOURTH = 1 / 24f;
        static final float FIFTH = 1 / 120f;

        @Override
        public int growth(
                int[] use,
                int useRow,
                int[] demand,
                int addedRow,
                int removedRow,
                int length,
                int level,
                float perUnit) {
            int sum = 0;
            for (int time = 0; time < length; time++) {
                int amount =
                        use[useRow + time]
                                + demand[addedRow + time]
                                - demand[removedRow + time]
                                - level;
                float x = Math.max(0, amount) * perUnit;
                float grown = x * (x * (x * (x * (x * FIFTH + FOURTH) + THIRD) + SECOND) + 1f);
                sum += (int) (grown * GROWTH_UNITS);
            }
            return sum;
        }

        @Override
        public int highest(
                int[] use, int useRow, int[] demand, int addedRow, int removedRow, int length) {
            int highest = 0;
            for (int time = 0; time < length; time++) {
                highest =
                        Math.max(
                                highest,
                                use[useRow + time]
                                        + demand[addedRow + time]
                                        - demand[removedRow + time]);
            }
            return highest;
        }
    }
}
