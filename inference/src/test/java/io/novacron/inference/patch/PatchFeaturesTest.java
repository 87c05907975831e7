package io.novacron.inference.patch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.novacron.inference.Bounds;
import io.novacron.inference.ModelRejectedException;
import io.novacron.inference.member.History;
import io.novacron.inference.member.Target;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class PatchFeaturesTest {
    private static final int DAY = 288;
    private final PatchFeatures features = new PatchFeatures();

    private static History history(float... values) {
        var history = new History(Bounds.PERCENT, 1, DAY, PatchFeatures.REACH + 24);
        for (float value : values) {
            history.append(value);
        }
        return history;
    }

    private static float[] noise(int steps, long seed) {
        var random = new Random(seed);
        float[] values = new float[steps];
        for (int i = 0; i < steps; i++) {
            values[i] = 10 + 10 * random.nextFloat();
        }
        return values;
    }

    private float[] row(float... values) {
        float[] row = new float[PatchFeatures.WIDTH];
        assertThat(features.write(history(values), row, 0)).isTrue();
        return row;
    }

    @Test
    void columnsAreWhereTheLayoutSaysTheyAre() {
        float[] values = noise(9 * DAY, 1);
        float[] row = row(values);
        int newest = values.length - 1;
        float median = features.base(Target.at(DAY));
        float scale = features.scale();
        assertThat(features.base(Target.at(1))).isEqualTo(values[newest]);

        int lastPatch = (PatchFeatures.PATCHES - 1) * PatchFeatures.PATCH_WIDTH;
        assertThat(row[lastPatch + 11]).isEqualTo(asinh((values[newest] - median) / scale));
        assertThat(row[0]).isEqualTo(asinh((values[newest - DAY + 1] - median) / scale));
        // the mean of the newest hour a day ago: beside the newest patch, and as a target's hour
        double mean = 0;
        for (int step = 0; step < 12; step++) {
            mean += values[newest - DAY - step] / 12;
        }
        float expected = asinh((float) (mean - median) / scale);
        int hoursInADay = PatchFeatures.SEQUENCE + 12 + 7;
        assertThat(row[lastPatch + 12]).isCloseTo(expected, within());
        assertThat(row[hoursInADay + 1]).isCloseTo(expected, within());
        // an hour ahead, a day ago
        double next = 0;
        for (int step = 1; step <= 12; step++) {
            next += values[newest - DAY + step] / 12;
        }
        assertThat(row[PatchFeatures.SEQUENCE + 12])
                .isCloseTo(asinh((float) (next - median) / scale), within());
        // a day ahead, a week ago
        assertThat(row[hoursInADay + 8 + 6])
                .isEqualTo(asinh((values[newest - 7 * DAY] - median) / scale));
    }

    private static Offset<Float> within() {
        return Offset.offset(1e-4f);
    }

    private static float asinh(float x) {
        return (float) Math.copySign(Math.log(Math.abs(x) + Math.sqrt((double) x * x + 1)), x);
    }

    @Test
    void whatIsOlderThanItsReachChangesNothing() {
        float[] values = noise(PatchFeatures.REACH + 30, 2);
        float[] other = values.clone();
        for (int i = 0; i < values.length - PatchFeatures.REACH; i++) {
            other[i] = 90;
        }
        assertThat(row(other)).isEqualTo(row(values));
        other[values.length - PatchFeatures.REACH] = 90;
        assertThat(row(other)).as("the test can fail").isNotEqualTo(row(values));
    }

    @Test
    void theSameShapeInAnotherSizeIsNearlyTheSameRow() {
        float[] values = noise(9 * DAY, 3);
        float[] doubled = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            doubled[i] = 2 * values[i];
        }
        float[] one = row(values);
        float[] two = row(doubled);
        for (int i = 0; i < PatchFeatures.SEQUENCE; i++) {
            assertThat(two[i]).isCloseTo(one[i], Offset.offset(.15f));
        }
    }

    @Test
    void gapsAreMissingAndNothingIsInfinite() {
        float[] values = noise(3 * DAY, 4);
        for (int i = 0; i < values.length; i += 3) {
            values[i] = Float.NaN;
        }
        values[5] = Float.POSITIVE_INFINITY;
        values[values.length - 2] = 1e30f;
        float[] row = row(values);
        int missing = 0;
        for (float value : row) {
            assertThat(Float.isInfinite(value)).isFalse();
            missing += Float.isNaN(value) ? 1 : 0;
        }
        // a third of the values, the days before the trace began
        assertThat(missing).isBetween(150, 300);
    }

    @Test
    void aConstantSeriesHasAScale() {
        float[] values = new float[2 * DAY];
        Arrays.fill(values, 7);
        float[] row = row(values);
        assertThat(features.scale()).isEqualTo(.3f);
        assertThat(row[0]).isZero();
    }

    @Test
    void aSeriesWithoutValuesIsNotAsked() {
        float[] row = new float[PatchFeatures.WIDTH];
        assertThat(features.write(history(noise(20, 5)), row, 0)).isFalse();
        float[] silent = new float[2 * DAY];
        Arrays.fill(silent, Float.NaN);
        assertThat(features.write(history(silent), row, 0)).isFalse();
    }

    @Test
    void whatIsNoModelIsRefused() {
        assertThatThrownBy(() -> PatchModel.open(new byte[] {1, 2, 3}, List.of(Target.at(1))))
                .isInstanceOf(ModelRejectedException.class)
                .hasMessageContaining("Maybe it was trained for other targets?");
    }
}
