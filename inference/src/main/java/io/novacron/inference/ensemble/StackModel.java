package io.novacron.inference.ensemble;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.novacron.inference.ModelRejectedException;
import io.novacron.inference.Quantiles;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Map;

/// A quantile model over rows of [StackFeatures], in ONNX Runtime on the calling thread.
public final class StackModel implements AutoCloseable {
    /// Levels the model is trained for; those in between are interpolated.
    public static final float[] LEVELS = {.1f, .3f, .5f, .7f, .9f};

    private static final int BLOCK_ROWS = 4_096;

    private final OrtSession session;
    private final int width;

    private StackModel(OrtSession session, int width) {
        this.session = session;
        this.width = width;
    }

    /// Opens a model of `width` columns and tries it on one row.
    public static StackModel open(byte[] onnx, int width) throws ModelRejectedException {
        try (var options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(1);
            options.setInterOpNumThreads(1);
            options.addConfigEntry("session.intra_op.allow_spinning", "0");
            var model =
                    new StackModel(
                            OrtEnvironment.getEnvironment().createSession(onnx, options), width);
            float[] answer = new float[LEVELS.length];
            model.run(new float[width], 1, answer);
            if (!Float.isFinite(answer[0])) {
                model.close();
                throw new ModelRejectedException(
                        "the stacked model gives %s on a row of zeros. Maybe its training went wrong?"
                                .formatted(answer[0]));
            }
            return model;
        } catch (OrtException e) {
            throw new ModelRejectedException(
                    "ONNX Runtime refuses the stacked model of %d columns: %s. Maybe it was trained for other members?"
                            .formatted(width, e.getMessage()),
                    e);
        }
    }

    /// Answers [#LEVELS] for each of the first `rows` rows, ascending.
    public void run(float[] features, int rows, float[] answers) throws OrtException {
        for (int from = 0; from < rows; from += BLOCK_ROWS) {
            int count = Math.min(BLOCK_ROWS, rows - from);
            var view = FloatBuffer.wrap(features, from * width, count * width);
            try (var input =
                            OnnxTensor.createTensor(
                                    OrtEnvironment.getEnvironment(),
                                    view,
                                    new long[] {count, width});
                    var result = session.run(Map.of("features", input))) {
                float[][] block = (float[][]) result.get(0).getValue();
                for (int row = 0; row < count; row++) {
                    Arrays.sort(block[row]);
                    System.arraycopy(
                            block[row], 0, answers, (from + row) * LEVELS.length, LEVELS.length);
                }
            }
        }
    }

    /// Spreads one answer to nine quantiles of the metric.
    public static void spread(float[] answers, int offset, float base, float scale, float[] out) {
        for (int level = 0; level < Quantiles.COUNT; level++) {
            int below = level / 2;
            float answer =
                    level % 2 == 0
                            ? answers[offset + below]
                            : (answers[offset + below] + answers[offset + below + 1]) / 2;
            out[level] = StackFeatures.fromTarget(answer, base, scale);
        }
    }

    @Override
    public void close() {
        try {
            session.close();
        } catch (OrtException e) {
            throw new IllegalStateException("ONNX Runtime session did not close", e);
        }
    }
}
