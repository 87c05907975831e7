package io.novacron.inference.member.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Comparator;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AnalogKernelsTwinTest {
    private static final float DECAY = .8f;

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3, 7, 8, 15, 16, 17, 31, 33, 63, 64, 65, 127, 1_031, 8_000})
    void vectorAdvancesLikeScalarBitForBit(int lags) {
        var random = new Random(lags);
        float[] past = floats(random, lags + 5);
        float[] scalar = floats(random, lags);
        float[] vector = scalar.clone();

        AnalogKernels.scalar().advance(scalar, past, 5, lags, .3f, DECAY);
        AnalogKernels.best().advance(vector, past, 5, lags, .3f, DECAY);

        assertThat(vector).isEqualTo(scalar);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 8, 16, 31, 32, 33, 64, 65, 700, 2_048, 2_079, 8_000})
    void bothFindTheNearestInOrder(int lags) {
        var random = new Random(lags);
        float[] distances = new float[lags];
        float[] penalties = new float[lags];
        for (int i = 0; i < lags; i++) {
            distances[i] = random.nextInt(50); // many ties
            penalties[i] = random.nextInt(4) / 4f;
        }
        distances[lags / 2] = Float.NaN;
        int from = lags / 5;
        int[] expected =
                IntStream.range(from, lags)
                        .filter(i -> !Float.isNaN(distances[i]))
                        .boxed()
                        .sorted(
                                Comparator.comparing(
                                        (Integer i) -> Math.fma(.2f, distances[i], penalties[i])))
                        .limit(32)
                        .mapToInt(Integer::intValue)
                        .toArray(); // the sort is stable: of equal scores the lower index first

        for (var kernels : new AnalogKernels[] {AnalogKernels.scalar(), AnalogKernels.best()}) {
            int[] nearest = new int[32];
            int count =
                    kernels.nearest(distances, penalties, .2f, from, lags, nearest, new float[32]);

            assertThat(Arrays.copyOf(nearest, count)).as(kernels.name()).isEqualTo(expected);
        }
    }

    @Test
    void recursionEqualsTheDirectSum() {
        var random = new Random(3);
        int steps = 400;
        float[] values = floats(random, steps);
        float[] reversed = new float[steps]; // newest first
        int lags = 100;
        float[] distances = new float[lags];
        for (int t = 0; t < steps; t++) {
            int newest = steps - 1 - t;
            reversed[newest] = values[t];
            int known = Math.min(t, lags);
            AnalogKernels.best().advance(distances, reversed, newest + 1, known, values[t], DECAY);
        }

        int last = steps - 1;
        for (int lag = 1; lag <= lags; lag++) {
            double direct = 0;
            for (int k = 0; last - k - lag >= 0; k++) {
                double difference = values[last - k] - values[last - k - lag];
                direct += Math.pow(DECAY, k) * difference * difference;
            }
            assertThat((double) distances[lag - 1]).isCloseTo(direct, within(1e-4 * direct));
        }
    }

    @Test
    void refusesRangesOutsideTheArrays() {
        float[] ten = new float[10];
        for (var kernels : new AnalogKernels[] {AnalogKernels.scalar(), AnalogKernels.best()}) {
            assertThatThrownBy(() -> kernels.advance(ten, ten, 1, 10, 0, DECAY))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> kernels.nearest(ten, ten, 1, 0, 10, new int[4], new float[3]))
                    .isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    private static float[] floats(Random random, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }
}
