package io.novacron.wire.column.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The vector kernel gives what the scalar one gives, bit by bit.
class ColumnKernelTwinTest {
    private static final float[] DIVISORS = {1, 10, 100, 1_000};

    private final ColumnKernel scalar = new ScalarColumnKernel();
    private ColumnKernel vector = scalar;

    @BeforeEach
    void vectorsAreLongEnough() {
        assumeThat(VectorColumnKernel.isFast()).as("vectors of 256 bits or more").isTrue();
        vector = new VectorColumnKernel();
    }

    @Test
    void theFasterOneIsPicked() {
        assertThat(ColumnKernel.best().name()).startsWith("vector of ");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 7, 8, 9, 15, 16, 17, 31, 32, 33, 50, 63, 64, 65, 1_031})
    void vectorAgreesWithScalarAtEveryTailLength(int count) {
        var random = new Random(count);
        for (int width = 1; width <= 32; width++) {
            var block = new byte[5 + (count * width + 7) / 8 + ColumnKernel.SLACK];
            random.nextBytes(block);
            for (int i = 0; i < block.length / 9; i++) {
                Arrays.fill(block, 8 * i, 8 * i + 4, (byte) 0xFF); // the code of all ones, often
            }
            int base = random.nextInt() >> random.nextInt(32);
            float divisor = DIVISORS[random.nextInt(4)];
            float scale = Math.scalb(1f, random.nextInt(254) - 126);
            boolean missing = random.nextBoolean();

            var expected = new float[count];
            var actual = new float[count];
            scalar.floatBits(block, 5, width, base, missing, expected, count);
            vector.floatBits(block, 5, width, base, missing, actual, count);
            assertSameBits(actual, expected);
            scalar.quotients(block, 5, width, base, divisor, missing, expected, count);
            vector.quotients(block, 5, width, base, divisor, missing, actual, count);
            assertSameBits(actual, expected);
            scalar.products(block, 5, width, base, scale, missing, expected, count);
            vector.products(block, 5, width, base, scale, missing, actual, count);
            assertSameBits(actual, expected);
        }
    }

    /// Every number up to 2^24 is a float32 of its own; above, quotients repeat the same mantissas.
    @Test
    void correctedReciprocalsAreQuotients() {
        int count = 1 << 16;
        var block = new byte[2 * count + ColumnKernel.SLACK];
        for (int code = 0; code < count; code++) {
            block[2 * code] = (byte) code;
            block[2 * code + 1] = (byte) (code >> 8);
        }
        var expected = new float[count];
        var actual = new float[count];
        for (float divisor : DIVISORS) {
            for (int base = -count; base < 1 << 24; base += count) {
                scalar.quotients(block, 0, 16, base, divisor, false, expected, count);
                vector.quotients(block, 0, 16, base, divisor, false, actual, count);
                assertSameBits(actual, expected);
            }
            for (int base = 1 << 24; base > 0; base += 997 * count) {
                scalar.quotients(block, 0, 16, -base, divisor, false, expected, count);
                vector.quotients(block, 0, 16, -base, divisor, false, actual, count);
                assertSameBits(actual, expected);
            }
        }
    }

    private static void assertSameBits(float[] actual, float[] expected) {
        for (int i = 0; i < expected.length; i++) {
            if (Float.floatToRawIntBits(actual[i]) != Float.floatToRawIntBits(expected[i])) {
                assertThat(actual[i]).as("sample %d", i).isEqualTo(expected[i]);
            }
        }
    }
}
