package io.novacron.inference;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One ONNX Runtime session on the calling thread, with buffers that live as long as it does.
///
/// Input and output are direct buffers pinned for the session; a full block reuses its tensors, the
/// last block of a batch wraps a shorter view of the same memory. No spinning, no threads of its
/// own: the caller's thread does the work and its CPU time is the cost.
final class OnnxQuantileModel implements QuantileModel {
    /// Rows in one run: 200 KB of features, which stays in the second-level cache.
    static final int BLOCK_ROWS = 1024;

    private static final String INPUT = "features";
    private static final String OUTPUT = "quantiles";

    private final ModelCard card;
    private final OrtSession session;
    private final FloatBuffer input;
    private final FloatBuffer output;
    private @Nullable Block fullBlock;

    private OnnxQuantileModel(ModelCard card, OrtSession session) {
        this.card = card;
        this.session = session;
        this.input = direct(BLOCK_ROWS * ForecastFeatures.COUNT);
        this.output = direct(BLOCK_ROWS * card.quantiles().size());
    }

    private static FloatBuffer direct(int floats) {
        return ByteBuffer.allocateDirect(floats * Float.BYTES)
                .order(ByteOrder.nativeOrder())
                .asFloatBuffer();
    }

    /// Opens a session, checks its shape and tries it on rows with and without missing values.
    static OnnxQuantileModel open(ModelPackage model) throws ModelRejectedException {
        OnnxQuantileModel opened = null;
        try {
            var environment = OrtEnvironment.getEnvironment();
            try (var options = new OrtSession.SessionOptions()) {
                options.setIntraOpNumThreads(1);
                options.setInterOpNumThreads(1);
                options.setExecutionMode(OrtSession.SessionOptions.ExecutionMode.SEQUENTIAL);
                options.addConfigEntry("session.intra_op.allow_spinning", "0");
                options.addConfigEntry("session.inter_op.allow_spinning", "0");
                OrtSession session = environment.createSession(model.model(), options);
                opened = new OnnxQuantileModel(model.card(), session);
            }
            opened.checkShape(model.where());
            opened.probe(model.where());
            return opened;
        } catch (OrtException | QuantileModelException e) {
            close(opened);
            throw new ModelRejectedException(
                    "%s: ONNX Runtime refuses the model: %s. Maybe the file is damaged?"
                            .formatted(model.where(), e.getMessage()),
                    e);
        } catch (ModelRejectedException e) {
            close(opened);
            throw e;
        }
    }

    private static void close(@Nullable OnnxQuantileModel opened) {
        if (opened != null) {
            opened.close();
        }
    }

    private void checkShape(String where) throws OrtException, ModelRejectedException {
        checkNode(where, session.getInputInfo(), INPUT, ForecastFeatures.COUNT);
        checkNode(where, session.getOutputInfo(), OUTPUT, card.quantiles().size());
    }

    private static void checkNode(String where, Map<String, NodeInfo> nodes, String name, int width)
            throws ModelRejectedException {
        boolean fits =
                nodes.size() == 1
                        && nodes.get(name) instanceof NodeInfo node
                        && node.getInfo() instanceof TensorInfo tensor
                        && tensor.type == OnnxJavaType.FLOAT
                        && tensor.getShape().length == 2
                        && tensor.getShape()[1] == width;
        if (!fits) {
            throw new ModelRejectedException(
                    "%s: the model must have one tensor '%s' of floats [rows, %d], it has %s"
                            .formatted(where, name, width, nodes.values()));
        }
    }

    private void probe(String where) throws QuantileModelException, ModelRejectedException {
        float[] features = new float[3 * ForecastFeatures.COUNT];
        for (int feature = 0; feature < ForecastFeatures.COUNT; feature++) {
            features[feature] = Float.NaN;
            features[2 * ForecastFeatures.COUNT + feature] = feature % 2 == 0 ? 1 : -1;
        }
        float[] quantiles = new float[3 * card.quantiles().size()];
        run(features, 3, quantiles);
        for (float quantile : quantiles) {
            if (!Float.isFinite(quantile)) {
                throw new ModelRejectedException(
                        "%s: the model gives %s on a probe row. Maybe its training went wrong?"
                                .formatted(where, quantile));
            }
        }
    }

    @Override
    public ModelCard card() {
        return card;
    }

    @Override
    public void run(float[] features, int rows, float[] quantiles) throws QuantileModelException {
        int width = card.quantiles().size();
        try {
            for (int from = 0; from < rows; from += BLOCK_ROWS) {
                int count = Math.min(BLOCK_ROWS, rows - from);
                input.put(
                        0, features, from * ForecastFeatures.COUNT, count * ForecastFeatures.COUNT);
                runBlock(count);
                output.get(0, quantiles, from * width, count * width);
            }
        } catch (OrtException e) {
            throw new QuantileModelException(String.valueOf(e.getMessage()), e);
        }
    }

    private void runBlock(int rows) throws OrtException {
        if (rows == BLOCK_ROWS) {
            if (fullBlock == null) {
                fullBlock = new Block(rows);
            }
            fullBlock.run();
        } else {
            try (var block = new Block(rows)) {
                block.run();
            }
        }
    }

    @Override
    public void close() {
        try {
            if (fullBlock != null) {
                fullBlock.close();
                fullBlock = null;
            }
            session.close();
        } catch (OrtException e) {
            throw new IllegalStateException("ONNX Runtime session did not close", e);
        }
    }

    /// Tensors over the first rows of the pinned buffers.
    private final class Block implements AutoCloseable {
        private final OnnxTensor in;
        private final OnnxTensor out;
        private final Map<String, OnnxTensor> inputs;
        private final Map<String, OnnxTensor> outputs;

        Block(int rows) throws OrtException {
            int width = card.quantiles().size();
            in = tensor(input, rows, ForecastFeatures.COUNT);
            out = tensor(output, rows, width);
            inputs = Map.of(INPUT, in);
            outputs = Map.of(OUTPUT, out);
        }

        private static OnnxTensor tensor(FloatBuffer buffer, int rows, int width)
                throws OrtException {
            FloatBuffer view = buffer.slice(0, rows * width);
            return OnnxTensor.createTensor(
                    OrtEnvironment.getEnvironment(), view, new long[] {rows, width});
        }

        void run() throws OrtException {
            session.run(inputs, Set.of(), outputs).close(); // pinned outputs stay open
        }

        @Override
        public void close() {
            in.close();
            out.close();
        }
    }
}
