package io.novacron.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.novacron.inference.member.Target;
import io.novacron.inference.patch.PatchFeatures;
import io.novacron.inference.patch.PatchModel;
import io.novacron.training.PatchTraining.Trained;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class PatchTrainingTest {
    private static final int DAY = 288;
    private static final int STEPS = 4 * DAY;
    private static final List<Target> TARGETS = List.of(Target.at(1), new Target(1, 12));
    private static final PatchOptions SMALL = new PatchOptions(7, 1_500, 1, 128, 8, .01f);

    @BeforeAll
    static void needsPyTorch() {
        String why = PatchTraining.unavailable();
        assumeTrue(why == null, "skipped: " + why);
    }

    /// Series that jump at each full hour to one of two levels, in turn, with gaps.
    static Trace jumps(long seed) {
        int count = 12;
        var random = new Random(seed);
        float[] values = new float[STEPS * count];
        List<String> names = new ArrayList<>();
        for (int series = 0; series < count; series++) {
            names.add("vm" + series);
            int phase = random.nextInt(24);
            float size = 10 + 5 * random.nextFloat();
            for (int step = 0; step < STEPS; step++) {
                float value =
                        ((step + phase) / 12 % 2 == 0 ? 20 : 20 + size)
                                + (float) random.nextGaussian() * .2f;
                values[step * count + series] = random.nextInt(20) == 0 ? Float.NaN : value;
            }
        }
        return new Trace("cpu_usage_percent", names, values, STEPS, 300, 0);
    }

    private static Trained train(PatchOptions options) throws TrainingException {
        return PatchTraining.train(jumps(1), 1, STEPS, TARGETS, options, _ -> {});
    }

    @Test
    void sameSeedGivesTheSameBytesAndRuntimeAnswersLikeTheTrainer() throws Exception {
        Trained first = train(SMALL);
        Trained second = train(SMALL);
        assertThat(second.onnx()).isEqualTo(first.onnx());
        assertThat(second.int8()).isEqualTo(first.int8());
        // over 10,000 rows, half of them with columns blanked
        assertThat(first.maxDifference()).isBetween(0.0, ParityGate.LIMIT);
        assertThat(first.int8Difference()).isBetween(1e-7, .05);
    }

    @Test
    void anotherSeedGivesOtherWeights() throws Exception {
        try (var one = new PatchNetwork(8, 2, 1);
                var other = new PatchNetwork(8, 2, 2)) {
            assertThat(OnnxPatch.convert(one, OnnxPatch.Precision.FLOAT))
                    .isNotEqualTo(OnnxPatch.convert(other, OnnxPatch.Precision.FLOAT));
        }
    }

    @Test
    void anotherOrderOfGatesDoesNotPassTheGate() throws Exception {
        try (var network = new PatchNetwork(8, 2, 1);
                var other = new PatchNetwork(8, 2, 1)) {
            float[][] weights = network.weights();
            float[] input = weights[PatchNetwork.Weight.INPUT.ordinal()];
            int block = input.length / 4;
            float[] swapped = input.clone(); // forget and output
            System.arraycopy(input, block, swapped, 3 * block, block);
            System.arraycopy(input, 3 * block, swapped, block, block);
            weights[PatchNetwork.Weight.INPUT.ordinal()] = swapped;
            other.weights(weights);
            byte[] onnx = OnnxPatch.convert(other, OnnxPatch.Precision.FLOAT);
            float[] rows = new float[10 * PatchFeatures.WIDTH];
            var random = new Random(3);
            for (int i = 0; i < rows.length; i++) {
                rows[i] = (float) random.nextGaussian();
            }
            assertThatThrownBy(() ->
                            ParityGate.check(
                                    network::predict,
                                    PatchFeatures.WIDTH,
                                    PatchNetwork.LEVELS,
                                    onnx,
                                    rows,
                                    10,
                                    1))
                    .isInstanceOf(TrainingException.class)
                    .hasMessageContaining("differ");
        }
    }

    @Test
    void learnsWhatTheLastValueCannotKnow() throws Exception {
        Trained trained = train(new PatchOptions(7, 2_500, 6, 64, 12, .02f));
        // the loss of a median that knows nothing of jumps is about half of the mean jump
        assertThat(trained.loss()).isLessThan(.12);
        try (PatchModel model = PatchModel.open(trained.onnx(), TARGETS)) {
            assertThat(model.width()).isEqualTo(2 * PatchNetwork.LEVELS);
        }
    }

    @Test
    void noTargetReachesBeyondItsPart() throws Exception {
        Trace trace = jumps(2);
        var part = new PatchWindows.Part(trace, 1, 0, 3 * DAY, STEPS);
        PatchWindows windows = PatchWindows.draw(List.of(part), TARGETS, 2_000, 1);
        windows.check(List.of(part));
        assertThat(windows.taught()).isBetween(1_000, windows.count() - 100);
        var earlier = new PatchWindows.Part(trace, 1, 0, 3 * DAY - 20, STEPS);
        assertThatThrownBy(() -> windows.check(List.of(earlier)))
                .isInstanceOf(TrainingException.class)
                .hasMessageContaining("must be before 844");
        var shorter = new PatchWindows.Part(trace, 1, 0, 3 * DAY, STEPS - 20);
        assertThatThrownBy(() -> windows.check(List.of(shorter)))
                .isInstanceOf(TrainingException.class);
    }

    @Test
    void whatComesAfterTheEndChangesNothing() throws Exception {
        Trace whole = jumps(1);
        float[] changed = whole.values().clone();
        int end = 3 * DAY;
        for (int i = end * whole.series(); i < changed.length; i++) {
            changed[i] = 99;
        }
        Trace other = new Trace(whole.metric(), whole.entities(), changed, STEPS, 300, 0);
        PatchWindows seen = draw(other, end);
        assertThat(seen.rows()).isEqualTo(draw(whole, end).rows()); // NaN equals NaN here
        int[] all = IntStream.range(0, seen.count()).toArray();
        float[][] labels = new float[2][seen.count() * TARGETS.size()];
        for (int i = 0; i < 2; i++) {
            draw(i == 0 ? whole : other, end)
                    .copy(
                            all,
                            0,
                            all.length,
                            new float[seen.count() * PatchFeatures.WIDTH],
                            labels[i],
                            new float[labels[i].length]);
        }
        assertThat(labels[1]).isEqualTo(labels[0]);
        assertThat(draw(other, end + 40).rows())
                .as("the test can fail")
                .isNotEqualTo(draw(whole, end + 40).rows());
    }

    private static PatchWindows draw(Trace trace, int end) {
        return PatchWindows.draw(
                List.of(PatchWindows.Part.until(trace, 1, end)), TARGETS, 1_000, 1);
    }

    @Test
    void tooShortATraceIsRefused() {
        assertThatThrownBy(() ->
                        PatchTraining.train(
                                jumps(1), 1, 40, TARGETS, PatchOptions.DEFAULT, _ -> {}))
                .isInstanceOf(TrainingException.class)
                .hasMessageContaining("Maybe they are too short?");
    }
}
