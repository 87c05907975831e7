package io.novacron.training;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import ai.djl.training.optimizer.Adam;
import ai.djl.training.tracker.Tracker;
import io.novacron.inference.patch.PatchFeatures;
import io.novacron.inference.patch.PatchModel;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/// The patch network in PyTorch: an LSTM over patches, then one hidden layer over its last state
/// and the figures of the whole, beside a linear path. Missing values are zero and flagged in as
/// many columns again.
///
/// One thread, here and in PyTorch, so that the same seed gives the same bits. Close it: its memory
/// is not the heap's.
final class PatchNetwork implements AutoCloseable {
    static final int LEVELS = PatchModel.LEVELS;

    /// Weights in the order of [#weights], in PyTorch's layouts: `[out, in]`, and gates in the
    /// order input, forget, cell, output.
    enum Weight {
        INPUT,
        STATE,
        INPUT_BIAS,
        STATE_BIAS,
        HIDDEN,
        HIDDEN_BIAS,
        OUT,
        OUT_BIAS,
        LINEAR
    }

    private static final int GATES = 4;
    private static final float MAX_GRADIENT = 1;

    private final NDManager manager;
    private final int hidden;
    private final int outputs;
    private final NDArray[] weights;

    PatchNetwork(int hidden, int targets, long seed) throws TrainingException {
        this.hidden = hidden;
        this.outputs = targets * LEVELS;
        this.manager = engine().newBaseManager(Device.cpu());
        var random = new Random(seed);
        this.weights = new NDArray[Weight.values().length];
        for (Weight weight : Weight.values()) {
            long[] shape = shape(weight, hidden, outputs);
            int length = 1;
            for (long dimension : shape) {
                length *= (int) dimension;
            }
            float[] values = new float[length];
            double bound = bound(weight, hidden);
            for (int i = 0; i < length; i++) {
                values[i] = (float) ((2 * random.nextDouble() - 1) * bound);
            }
            NDArray array = manager.create(values, new Shape(shape));
            array.setRequiresGradient(true);
            weights[weight.ordinal()] = array;
        }
    }

    /// Why PyTorch cannot be used here, or null where it can. The first call loads it.
    static @Nullable String unavailable() {
        try {
            engine();
            return null;
        } catch (TrainingException e) {
            return e.getMessage();
        }
    }

    private static Engine engine() throws TrainingException {
        System.setProperty("ai.djl.offline", "true");
        System.setProperty("OPT_OUT_TRACKING", "true");
        System.setProperty("ai.djl.pytorch.num_threads", "1");
        System.setProperty("ai.djl.pytorch.num_interop_threads", "1");
        try {
            return Engine.getEngine("PyTorch");
        } catch (EngineException
                | LinkageError
                | IllegalStateException
                | IllegalArgumentException e) {
            throw new TrainingException(
                    "PyTorch cannot be loaded: %s. Maybe this is not Linux on x86-64, or the home folder cannot be written?"
                            .formatted(e.getMessage()),
                    e);
        }
    }

    /// PyTorch's version.
    String version() {
        return manager.getEngine().getVersion();
    }

    private static long[] shape(Weight weight, int hidden, int outputs) {
        int joined = joined(hidden);
        return switch (weight) {
            case INPUT -> new long[] {GATES * hidden, 2 * PatchFeatures.PATCH_WIDTH};
            case STATE -> new long[] {GATES * hidden, hidden};
            case INPUT_BIAS, STATE_BIAS -> new long[] {GATES * hidden};
            case HIDDEN -> new long[] {hidden, joined};
            case HIDDEN_BIAS -> new long[] {hidden};
            case OUT -> new long[] {outputs, hidden};
            case OUT_BIAS -> new long[] {outputs};
            case LINEAR -> new long[] {outputs, joined};
        };
    }

    private static double bound(Weight weight, int hidden) {
        return switch (weight) {
            case INPUT, STATE, INPUT_BIAS, STATE_BIAS, OUT, OUT_BIAS -> 1 / Math.sqrt(hidden);
            case HIDDEN, HIDDEN_BIAS -> 1 / Math.sqrt(joined(hidden));
            case LINEAR -> .1 / Math.sqrt(joined(hidden));
        };
    }

    /// Inputs of the layers after the recurrent one.
    static int joined(int hidden) {
        return hidden + 2 * PatchFeatures.STATICS;
    }

    int hidden() {
        return hidden;
    }

    int outputs() {
        return outputs;
    }

    private NDArray of(Weight weight) {
        return weights[weight.ordinal()];
    }

    /// `[rows, outputs]` for `rows` rows of [PatchFeatures].
    private NDArray forward(NDManager scratch, float[] features, int rows) {
        int width = PatchFeatures.PATCH_WIDTH;
        float[] sequence = new float[rows * PatchFeatures.PATCHES * 2 * width];
        float[] statics = new float[rows * 2 * PatchFeatures.STATICS];
        for (int row = 0; row < rows; row++) {
            int from = row * PatchFeatures.WIDTH;
            for (int patch = 0; patch < PatchFeatures.PATCHES; patch++) {
                fill(
                        features,
                        from + patch * width,
                        width,
                        sequence,
                        (row * PatchFeatures.PATCHES + patch) * 2 * width);
            }
            fill(
                    features,
                    from + PatchFeatures.SEQUENCE,
                    PatchFeatures.STATICS,
                    statics,
                    row * 2 * PatchFeatures.STATICS);
        }
        NDArray patches =
                scratch.create(sequence, new Shape(rows, PatchFeatures.PATCHES, 2L * width));
        NDArray zero = scratch.zeros(new Shape(1, rows, hidden));
        NDList answer =
                patches.getNDArrayInternal()
                        .lstm(
                                patches,
                                new NDList(zero, zero),
                                new NDList(
                                        of(Weight.INPUT),
                                        of(Weight.STATE),
                                        of(Weight.INPUT_BIAS),
                                        of(Weight.STATE_BIAS)),
                                true,
                                1,
                                0,
                                true,
                                false,
                                true);
        NDArray state = answer.get(1).reshape(rows, hidden);
        NDArray joined =
                state.concat(
                        scratch.create(statics, new Shape(rows, 2L * PatchFeatures.STATICS)), 1);
        NDArray between =
                joined.matMul(of(Weight.HIDDEN).transpose()).add(of(Weight.HIDDEN_BIAS)).maximum(0);
        return between.matMul(of(Weight.OUT).transpose())
                .add(of(Weight.OUT_BIAS))
                .add(joined.matMul(of(Weight.LINEAR).transpose()));
    }

    /// Values with zeros for what is missing, then the mask.
    private static void fill(float[] from, int offset, int count, float[] to, int at) {
        for (int i = 0; i < count; i++) {
            float value = from[offset + i];
            boolean missing = Float.isNaN(value);
            to[at + i] = missing ? 0 : value;
            to[at + count + i] = missing ? 1 : 0;
        }
    }

    /// Mean weighted pinball loss.
    private NDArray loss(
            NDManager scratch, NDArray answers, float[] labels, float[] weights, int rows) {
        int targets = outputs / LEVELS;
        float[] above = new float[LEVELS];
        float[] below = new float[LEVELS];
        for (int level = 0; level < LEVELS; level++) {
            above[level] = PatchModel.level(level);
            below[level] = PatchModel.level(level) - 1;
        }
        double sum = 0;
        for (int i = 0; i < rows * targets; i++) {
            sum += weights[i];
        }
        NDArray errors =
                scratch.create(labels, new Shape(rows, targets, 1))
                        .sub(answers.reshape(rows, targets, LEVELS));
        NDArray pinball =
                errors.mul(scratch.create(above)).maximum(errors.mul(scratch.create(below)));
        return pinball.mul(scratch.create(weights, new Shape(rows, targets, 1)))
                .sum()
                .div((float) Math.max(1e-6, sum * LEVELS));
    }

    /// Steps of a training, in order; call [#step] as often as `steps` said.
    final class Teacher {
        private final Adam adam;

        Teacher(float learningRate, int steps) {
            this.adam =
                    Adam.builder()
                            .optLearningRateTracker(
                                    Tracker.cosine()
                                            .setBaseValue(learningRate)
                                            .optFinalValue(learningRate / 10)
                                            .setMaxUpdates(Math.max(1, steps))
                                            .build())
                            .optClipGrad(MAX_GRADIENT)
                            .build();
        }

        /// One step down the gradient of `rows` rows; returns their loss.
        float step(float[] features, float[] labels, float[] rowWeights, int rows) {
            try (NDManager scratch = manager.newSubManager();
                    GradientCollector collector = manager.getEngine().newGradientCollector()) {
                for (NDArray weight : weights) {
                    weight.tempAttach(scratch);
                }
                NDArray loss =
                        loss(scratch, forward(scratch, features, rows), labels, rowWeights, rows);
                collector.backward(loss);
                for (Weight weight : Weight.values()) {
                    try (NDArray gradient = of(weight).getGradient()) {
                        adam.update(weight.name(), of(weight), gradient);
                    }
                }
                collector.zeroGradients();
                return loss.getFloat();
            }
        }
    }

    /// The loss of rows that do not teach.
    float loss(float[] features, float[] labels, float[] rowWeights, int rows) {
        try (NDManager scratch = manager.newSubManager()) {
            for (NDArray weight : weights) {
                weight.tempAttach(scratch);
            }
            return loss(scratch, forward(scratch, features, rows), labels, rowWeights, rows)
                    .getFloat();
        }
    }

    /// Answers `rows` rows, unsorted: one array a row.
    float[][] predict(float[] features, int rows) {
        float[][] answers = new float[rows][];
        int block = 1_024;
        for (int from = 0; from < rows; from += block) {
            int count = Math.min(block, rows - from);
            float[] part =
                    Arrays.copyOfRange(
                            features,
                            from * PatchFeatures.WIDTH,
                            (from + count) * PatchFeatures.WIDTH);
            try (NDManager scratch = manager.newSubManager()) {
                for (NDArray weight : weights) {
                    weight.tempAttach(scratch);
                }
                float[] all = forward(scratch, part, count).toFloatArray();
                for (int row = 0; row < count; row++) {
                    answers[from + row] =
                            Arrays.copyOfRange(all, row * outputs, (row + 1) * outputs);
                }
            }
        }
        return answers;
    }

    /// All weights, in the order of [Weight].
    float[][] weights() {
        float[][] values = new float[weights.length][];
        for (int i = 0; i < values.length; i++) {
            values[i] = weights[i].toFloatArray();
        }
        return values;
    }

    /// Takes weights that [#weights] gave.
    void weights(float[][] values) {
        for (int i = 0; i < values.length; i++) {
            weights[i].set(FloatBuffer.wrap(values[i]));
        }
    }

    @Override
    public void close() {
        manager.close();
    }
}
