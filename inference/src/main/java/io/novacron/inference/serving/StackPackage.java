package io.novacron.inference.serving;

import ai.onnxruntime.OrtException;
import io.novacron.inference.ModelFiles;
import io.novacron.inference.ModelRejectedException;
import io.novacron.inference.ModelTrust;
import io.novacron.inference.ensemble.StackModel;
import java.nio.file.Path;

/// A verified stacked model:
/// `<root>/forecast-stack/<version>/{model.onnx,card.json,card.json.ed25519}`. The signature fits,
/// the hash fits, the features are ours.
public final class StackPackage {
    public static final String NAME = "forecast-stack";

    private final StackCard card;
    private final byte[] onnx;
    private final String where;

    private StackPackage(StackCard card, byte[] onnx, String where) {
        this.card = card;
        this.onnx = onnx;
        this.where = where;
    }

    /// Folder of one version.
    public static Path directory(Path root, int version) {
        return root.resolve(NAME).resolve(Integer.toString(version));
    }

    /// Reads and verifies one version.
    public static StackPackage read(Path root, int version, ModelTrust trust)
            throws ModelRejectedException {
        return of(ModelFiles.read(directory(root, version), trust));
    }

    /// Verifies a package from memory.
    public static StackPackage of(
            byte[] cardJson, byte[] signature, byte[] onnx, ModelTrust trust, String where)
            throws ModelRejectedException {
        return of(ModelFiles.of(cardJson, signature, onnx, trust, where));
    }

    private static StackPackage of(ModelFiles files) throws ModelRejectedException {
        StackCard card = files.card(StackCard.class);
        card.check(files.where());
        files.checkHash(card.modelSha256());
        return new StackPackage(card, files.model(), files.where());
    }

    public StackCard card() {
        return card;
    }

    /// Opens a session and tries it on rows with and without missing values.
    public RowModel open() throws ModelRejectedException {
        StackModel model = StackModel.open(onnx, RowWriter.WIDTH);
        var rows = new float[3 * RowWriter.WIDTH];
        for (int i = 0; i < RowWriter.WIDTH; i++) {
            rows[i] = Float.NaN;
            rows[2 * RowWriter.WIDTH + i] = i % 2 == 0 ? 1 : -1;
        }
        var answers = new float[3 * StackModel.LEVELS.length];
        try {
            model.run(rows, 3, answers);
        } catch (OrtException e) {
            model.close();
            throw new ModelRejectedException(
                    "%s: ONNX Runtime cannot run it: %s".formatted(where, e.getMessage()), e);
        }
        for (float answer : answers) {
            if (!Float.isFinite(answer)) {
                model.close();
                throw new ModelRejectedException(
                        "%s: the model gives %s on a probe row. Maybe its training went wrong?"
                                .formatted(where, answer));
            }
        }
        return new OnnxRows(model);
    }

    /// ONNX Runtime behind the small interface.
    private record OnnxRows(StackModel model) implements RowModel {
        @Override
        public void run(float[] features, int rows, float[] answers) throws RowModelException {
            try {
                model.run(features, rows, answers);
            } catch (OrtException e) {
                throw new RowModelException(String.valueOf(e.getMessage()), e);
            }
        }

        @Override
        public void close() {
            model.close();
        }
    }
}
