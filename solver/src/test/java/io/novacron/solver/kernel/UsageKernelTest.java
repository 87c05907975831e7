package io.novacron.solver.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class UsageKernelTest {
    private static final int CAPACITY = 32_000_000;
    private static final int ROWS = 4;
    private static final double SERIES = 3e-5; // relative, as its Javadoc says

    private final UsageKernel scalar = new UsageKernel.Scalar();
    private final UsageKernel vector = new VectorUsageKernel(0);

    @Property(tries = 300, seed = "20261121")
    void twinsAgreeToTheLastBit(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 120) int times) {
        var random = new SplittableRandom(seed);
        int length = UsageKernel.padded(times);
        int[] use = rows(random, times, CAPACITY);
        int[] demand = rows(random, times, CAPACITY / 8);
        int added = random.nextInt(ROWS) * length;
        int removed = random.nextInt(ROWS) * length;
        int row = random.nextInt(ROWS) * length;
        float perUnit = 1f / CAPACITY;

        int growth = vector.growth(use, row, demand, added, removed, length, CAPACITY / 2, perUnit);

        assertThat(growth)
                .isEqualTo(
                        scalar.growth(
                                use, row, demand, added, removed, length, CAPACITY / 2, perUnit));
        assertThat(vector.highest(use, row, demand, added, removed, length))
                .isEqualTo(scalar.highest(use, row, demand, added, removed, length));
    }

    @Property(tries = 300, seed = "20261121")
    void growthIsThatOfTheExponential(@ForAll long seed) {
        var random = new SplittableRandom(seed);
        int times = 1 + random.nextInt(120);
        int length = UsageKernel.padded(times);
        int[] use = rows(random, times, CAPACITY);
        int[] none = new int[length];
        double expected = 0;
        int highest = 0;
        for (int time = 0; time < times; time++) {
            double busy = (double) use[time] / CAPACITY;
            expected += StrictMath.expm1(Math.max(0, busy - 0.5));
            highest = Math.max(highest, use[time]);
        }

        double growth =
                (double) vector.growth(use, 0, none, 0, 0, length, CAPACITY / 2, 1f / CAPACITY)
                        / UsageKernel.GROWTH_UNITS;

        assertThat(growth).isCloseTo(expected, within(2 * SERIES * times));
        assertThat(vector.highest(use, 0, none, 0, 0, length)).isEqualTo(highest);
    }

    private static int[] rows(SplittableRandom random, int times, int end) {
        int length = UsageKernel.padded(times);
        var rows = new int[ROWS * length];
        for (int row = 0; row < ROWS; row++) {
            for (int time = 0; time < times; time++) {
                rows[row * length + time] = random.nextInt(end);
            }
        }
        return rows;
    }
}
