package io.novacron.inference.patch;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.novacron.inference.ModelRejectedException;
import io.novacron.inference.member.Target;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The patch network in ONNX Runtime, on the calling thread.
///
/// Rows go through in blocks of [#BLOCK_ROWS] over buffers that live as long as the model. One
/// thread at a time.
public final class PatchModel implements AutoCloseable {
    /// Rows of a block: what it works on stays in the second-level cache.
    public static final int BLOCK_ROWS = 256;

    private static final String INPUT = "features";
    private static final String OUTPUT = "quantiles";
    private static final float[] ALL_LEVELS = {.1f, .3f, .5f, .7f, .9f};

    /// Levels of an answer; those in between are interpolated, as for a stacked model.
    public static final int LEVELS = ALL_LEVELS.length;

    private final OrtSession session;
    private final List<Target> targets;
    private final FloatBuffer input = direct(BLOCK_ROWS * PatchFeatures.WIDTH);
    private final FloatBuffer output;

    private PatchModel(OrtSession session, List<Target> targets) {
        this.session = session;
        this.targets = List.copyOf(targets);
        this.output = direct(BLOCK_ROWS * targets.size() * LEVELS);
    }

    private static FloatBuffer direct(int floats) {
        return ByteBuffer.allocateDirect(floats * Float.BYTES)
                .order(ByteOrder.nativeOrder())
                .asFloatBuffer();
    }

    /// Opens a model that was trained for `targets` and tries it on rows with and without values.
    public static PatchModel open(byte[] onnx, List<Target> targets) throws ModelRejectedException {
        PatchModel model = null;
        try (var options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(1);
            options.setInterOpNumThreads(1);
            options.addConfigEntry("session.intra_op.allow_spinning", "0");
            model =
                    new PatchModel(
                            OrtEnvironment.getEnvironment().createSession(onnx, options), targets);
            model.probe();
            return model;
        } catch (OrtException | IllegalArgumentException e) {
            close(model);
            throw new ModelRejectedException(
                    "ONNX Runtime refuses the patch network for %d targets: %s. Maybe it was trained for other targets?"
                            .formatted(targets.size(), e.getMessage()),
                    e);
        } catch (ModelRejectedException e) {
            close(model);
            throw e;
        }
    }

    private static void close(@Nullable PatchModel model) {
        if (model != null) {
            model.close();
        }
    }

    private void probe() throws OrtException, ModelRejectedException {
        float[] rows = new float[3 * PatchFeatures.WIDTH];
        for (int i = 0; i < PatchFeatures.WIDTH; i++) {
            rows[i] = Float.NaN;
            rows[2 * PatchFeatures.WIDTH + i] = i % 2 == 0 ? 1 : -1;
        }
        float[] answers = new float[3 * width()];
        run(rows, 3, answers);
        for (float answer : answers) {
            if (!Float.isFinite(answer)) {
                throw new ModelRejectedException(
                        "the patch network gives %s on a probe row. Maybe its training went wrong?"
                                .formatted(answer));
            }
        }
    }

    /// The level of a quantile, by its number below [#LEVELS].
    public static float level(int number) {
        return ALL_LEVELS[number];
    }

    /// What it was trained to forecast, in order.
    public List<Target> targets() {
        return targets;
    }

    /// Answers to a row: [#LEVELS] for each target.
    public int width() {
        return targets.size() * LEVELS;
    }

    /// Answers the first `rows` rows of [PatchFeatures]: `answers[row * width() + target * 5 +
    /// level]`, ascending by level.
    public void run(float[] features, int rows, float[] answers) throws OrtException {
        for (int from = 0; from < rows; from += BLOCK_ROWS) {
            int count = Math.min(BLOCK_ROWS, rows - from);
            input.put(0, features, from * PatchFeatures.WIDTH, count * PatchFeatures.WIDTH);
            try (var in = tensor(input, count, PatchFeatures.WIDTH);
                    var out = tensor(output, count, width())) {
                session.run(Map.of(INPUT, in), Set.of(), Map.of(OUTPUT, out)).close();
            }
            output.get(0, answers, from * width(), count * width());
        }
        for (int at = 0; at < rows * width(); at += LEVELS) {
            Arrays.sort(answers, at, at + LEVELS);
        }
    }

    private static OnnxTensor tensor(FloatBuffer buffer, int rows, int width) throws OrtException {
        return OnnxTensor.createTensor(
                OrtEnvironment.getEnvironment(),
                buffer.slice(0, rows * width),
                new long[] {rows, width});
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
