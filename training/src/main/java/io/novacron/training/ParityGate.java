package io.novacron.training;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;

/// Holds an exported model back unless ONNX Runtime and the trainer agree on many rows.
///
/// @param rows rows compared
/// @param maxDifference largest absolute difference of any quantile
record ParityGate(int rows, double maxDifference) {
    static final int MIN_ROWS = 10_000;
    static final double LIMIT = 1e-4;

    /// The trainer's side: answers `count` rows.
    @FunctionalInterface
    interface Trainer {
        float[][] predict(float[] features, int count) throws TrainingException;
    }

    /// Compares on the given rows, repeated to at least [#MIN_ROWS]; of every second row a tenth of
    /// the features is blanked, so that missing values take every branch.
    static ParityGate check(QuantileTrees trees, byte[] onnx, Rows sample, long seed)
            throws TrainingException {
        return check(trees, onnx, sample.features(), sample.count(), seed);
    }

    /// The same over `count` rows of as many columns as the trees have.
    static ParityGate check(QuantileTrees trees, byte[] onnx, float[] given, int count, long seed)
            throws TrainingException {
        return check(trees::predict, trees.width(), 0, onnx, given, count, seed);
    }

    /// The same for any trainer whose rows have `width` columns. Of each answer, groups of `group`
    /// values are sorted before they are compared, 0 for all of them.
    static ParityGate check(
            Trainer trainer, int width, int group, byte[] onnx, float[] given, int count, long seed)
            throws TrainingException {
        if (count == 0) {
            throw new TrainingException("there are no rows to compare trainer and ONNX Runtime on");
        }
        int rows = Math.max(MIN_ROWS, count);
        float[] features = new float[rows * width];
        var random = new Random(seed);
        for (int row = 0; row < rows; row++) {
            System.arraycopy(given, row % count * width, features, row * width, width);
            for (int feature = 0; row % 2 == 1 && feature < width; feature++) {
                if (random.nextInt(10) == 0) {
                    features[row * width + feature] = Float.NaN;
                }
            }
        }
        float[][] expected = trainer.predict(features, rows);
        float[][] actual = run(onnx, features, rows, width);
        double largest = 0;
        for (int row = 0; row < rows; row++) {
            // XGBoost sorts crossed quantiles itself, the graph does not
            sort(expected[row], group);
            sort(actual[row], group);
            for (int level = 0; level < expected[row].length; level++) {
                double difference = Math.abs((double) expected[row][level] - actual[row][level]);
                if (!(difference < LIMIT)) { // also true for NaN
                    throw new TrainingException(
                            ("trainer and ONNX Runtime differ: row %d, quantile %d: %s against %s,"
                                            + " the limit is %s. The model is not written")
                                    .formatted(
                                            row,
                                            level,
                                            expected[row][level],
                                            actual[row][level],
                                            LIMIT));
                }
                largest = Math.max(largest, difference);
            }
        }
        return new ParityGate(rows, largest);
    }

    private static void sort(float[] answer, int group) {
        int step = group == 0 ? answer.length : group;
        for (int from = 0; from < answer.length; from += step) {
            Arrays.sort(answer, from, from + step);
        }
    }

    private static float[][] run(byte[] onnx, float[] features, int rows, int width)
            throws TrainingException {
        var environment = OrtEnvironment.getEnvironment();
        long[] shape = {rows, width};
        try (var options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(1);
            try (var session = environment.createSession(onnx, options);
                    var input =
                            OnnxTensor.createTensor(
                                    environment, FloatBuffer.wrap(features), shape);
                    var result = session.run(Map.of("features", input))) {
                return (float[][]) result.get(0).getValue();
            }
        } catch (OrtException e) {
            throw new TrainingException(
                    "ONNX Runtime refuses the exported model: " + e.getMessage(), e);
        }
    }
}
