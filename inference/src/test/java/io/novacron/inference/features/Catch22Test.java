package io.novacron.inference.features;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.sun.management.ThreadMXBean;
import io.novacron.inference.kernel.BlockKernels;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Catch22Test {
    private static final double TOLERANCE = 1e-6;

    /// What the public reference (pycatch22, its test `test_output.txt`) gives for its series
    /// `test_input.txt` of 270 values, in the order of [Catch22#NAMES].
    private static final double[] REFERENCE_270 = {
        -0.6147991148452683,
        -0.7822544655522088,
        32.502605476936466,
        77,
        1.0063890779937608,
        1.782472611547055e-05,
        0.31970260223048325,
        88,
        0.08000000000000003,
        0,
        7.135078608788558,
        40,
        0.8478260869565217,
        0.40740740740740744,
        -0.23703703703703705,
        0.9931387788742458,
        83,
        1.2105878172438547,
        0.29545454545454547,
        0.75,
        0.03681553890925782,
        0.08029384289850561
    };

    /// The same for the first twelve values (`testShort_output.txt`).
    private static final double[] REFERENCE_12 = {
        0.022699494958050126,
        0.022699494958050237,
        2.675241846131576,
        8,
        1.366158847569202,
        0.019643781964449922,
        1,
        5,
        0.16666666666666669,
        0,
        0.5115250313179017,
        6,
        0.6,
        0.75,
        -0.5833333333333333,
        2.3111159332646834e-33,
        1,
        1.499030672979008,
        0,
        0,
        0.39269908169875,
        0.05070841167816654
    };

    @Test
    void agreesWithThePublishedReference() throws IOException {
        double[] series = reference();
        compare(new Catch22().of(series), REFERENCE_270, "270");
        compare(new Catch22().of(Arrays.copyOf(series, 12)), REFERENCE_12, "12");
    }

    @Test
    void theSlowVersionAgreesWithThePublishedReference() throws IOException {
        double[] series = reference();
        compare(SlowCatch22.of(series), REFERENCE_270, "270");
        compare(SlowCatch22.of(Arrays.copyOf(series, 12)), REFERENCE_12, "12");
    }

    private static double[] reference() throws IOException {
        try (InputStream in =
                Objects.requireNonNull(
                        Catch22Test.class.getResourceAsStream("catch22-reference-270.txt"))) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
            return Arrays.stream(text.split("\\s+")).mapToDouble(Double::parseDouble).toArray();
        }
    }

    private static void compare(double[] actual, double[] expected, String what) {
        for (int feature = 0; feature < Catch22.COUNT; feature++) {
            assertThat(actual[feature])
                    .as("%s of %s", Catch22.NAMES.get(feature), what)
                    .isCloseTo(expected[feature], within(TOLERANCE));
        }
    }

    @Property(tries = 100, seed = "22")
    void agreesWithTheSlowVersion(@ForAll long seed, @ForAll @IntRange(min = 12, max = 400) int n) {
        double[] series = series(seed, n);
        compare(new Catch22().of(series), SlowCatch22.of(series), "seed " + seed + " n " + n);
    }

    /// Noise, walks, waves and spikes in varying shares, without ties.
    private static double[] series(long seed, int n) {
        var random = new Random(seed);
        double wave = random.nextInt(3) * random.nextDouble() * 5;
        double pace = random.nextInt(2) * random.nextDouble();
        double trend = random.nextInt(2) * random.nextGaussian() * 0.05;
        int period = 5 + random.nextInt(100);
        int spikes = 10 + random.nextInt(90);
        double[] series = new double[n];
        double level = 100 * random.nextDouble();
        for (int i = 0; i < n; i++) {
            level += pace * random.nextGaussian() + trend;
            series[i] =
                    level
                            + wave * Math.sin(2 * Math.PI * i / period)
                            + random.nextGaussian()
                            + (random.nextInt(spikes) == 0 ? 10 : 0);
        }
        return series;
    }

    @ParameterizedTest
    @ValueSource(ints = {12, 13, 60, 255, 256, 257, 288})
    void vectorEqualsScalarBitForBitInBlocksOfAnySize(int n) {
        for (int series : new int[] {1, 7, 8, 9, 21}) {
            float[] values = new float[n * series];
            for (int i = 0; i < series; i++) {
                double[] one = series(i, n);
                for (int step = 0; step < n; step++) {
                    values[step * series + i] = (float) one[step];
                }
            }
            values[5 * series] = Float.NaN; // a gap to fill
            double[] vector = compute(new Catch22(), values, series, n);
            double[] scalar = compute(new Catch22(BlockKernels.scalar()), values, series, n);
            assertThat(vector).isEqualTo(scalar);
        }
    }

    private static double[] compute(Catch22 catch22, float[] values, int series, int n) {
        double[] out = new double[series * Catch22.COUNT];
        catch22.compute(values, series, 0, series, 0, n, out);
        return out;
    }

    @Test
    void aSeriesDoesNotDependOnItsNeighbours() {
        int n = 288;
        float[] values = new float[n * 8];
        for (int i = 0; i < 8; i++) {
            double[] one = series(i, n);
            for (int step = 0; step < n; step++) {
                values[step * 8 + i] = i == 3 ? Float.NaN : i == 4 ? 1e30f : (float) one[step];
            }
        }
        double[] all = compute(new Catch22(), values, 8, n);
        float[] alone = new float[n];
        for (int step = 0; step < n; step++) {
            alone[step] = values[step * 8 + 6];
        }
        double[] one = compute(new Catch22(), alone, 1, n);
        assertThat(Arrays.copyOfRange(all, 6 * Catch22.COUNT, 7 * Catch22.COUNT)).isEqualTo(one);
    }

    @Test
    void refusesNothingAndSaysNaNWhereThereIsNoZScore() {
        int n = 100;
        float[][] cases = new float[5][n];
        Arrays.fill(cases[0], Float.NaN);
        Arrays.fill(cases[1], 7);
        Arrays.fill(cases[2], Float.POSITIVE_INFINITY);
        Arrays.fill(cases[3], Float.NaN);
        cases[3][40] = 1; // one sample
        for (int step = 0; step < n; step++) {
            cases[4][step] = step % 4 == 0 ? Float.NaN : step; // a quarter missing
        }
        for (float[] values : cases) {
            assertThat(compute(new Catch22(), values, 1, n)).containsOnly(Double.NaN);
        }
        assertThat(compute(new Catch22(), new float[11], 1, 11)).containsOnly(Double.NaN);
        assertThat(new Catch22().of(new double[] {1, 2, Double.NaN})).containsOnly(Double.NaN);
        assertThat(new Catch22().of(new double[100])).containsOnly(Double.NaN);
    }

    @Test
    void scaleAndLevelDoNotMatter() {
        double[] series = series(11, 288);
        double[] features = new Catch22().of(series);
        compare(
                new Catch22().of(Arrays.stream(series).map(v -> v * 1e30).toArray()),
                features,
                "1e30");
        compare(
                new Catch22().of(Arrays.stream(series).map(v -> v / 1024 - 5).toArray()),
                features,
                "small, negative");
    }

    @Test
    void aStepHasFiniteFeatures() {
        double[] series = new double[288];
        Arrays.fill(series, 150, 288, 10);
        for (double feature : new Catch22().of(series)) {
            assertThat(feature).isFinite();
        }
    }

    @Test
    void fillsAGapByAStraightLine() {
        double[] series = series(3, 60);
        float[] values = new float[60];
        for (int step = 0; step < 60; step++) {
            values[step] = (float) series[step];
        }
        float[] filled = values.clone();
        filled[20] = values[19] + (values[22] - values[19]) / 3;
        filled[21] = values[19] + (values[22] - values[19]) * 2 / 3;
        filled[59] = values[58];
        values[20] = Float.NaN;
        values[21] = Float.NEGATIVE_INFINITY;
        values[59] = Float.NaN;
        double[] expected = compute(new Catch22(), filled, 1, 60);
        double[] actual = compute(new Catch22(), values, 1, 60);
        for (int feature = 0; feature < Catch22.COUNT; feature++) {
            assertThat(actual[feature]).isCloseTo(expected[feature], within(1e-4));
        }
    }

    @Test
    void refusesAWindowOutsideTheMatrix() {
        assertThatThrownBy(() ->
                        new Catch22().compute(new float[100], 1, 0, 1, 0, 101, new double[22]))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() ->
                        new Catch22().compute(new float[100], 1, 0, 1, 0, 100, new double[21]))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void theScalarWayAllocatesNothing() {
        float[] values = new float[8 * 288];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) Math.sin(i) + i % 7;
        }
        var catch22 = new Catch22(BlockKernels.scalar());
        double[] out = new double[8 * Catch22.COUNT];
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        catch22.compute(values, 8, 0, 8, 0, 288, out);
        threads.getCurrentThreadAllocatedBytes();
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int round = 0; round < 10; round++) {
            catch22.compute(values, 8, 0, 8, 0, 288, out);
        }
        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(1_000);
    }
}
