package io.novacron.inference.serving;

import ai.onnxruntime.OrtException;
import io.novacron.inference.ModelPackage;
import io.novacron.inference.ModelRejectedException;
import io.novacron.inference.ModelTrust;
import io.novacron.inference.ensemble.StackModel;
import java.nio.file.Files;
import java.nio.file.Path;

/// A verified stacked model:
/// `<root>/forecast-stack/<version>/{model.onnx,card.json,card.json.ed25519}`. The signature fits,
/// the hash fits, the features are ours.
public final class StackPackage {
    public static final String NAME = "forecast-stack";
    private static final int MAX_MODEL_BYTES = 64 << 20;
    private static final int MAX_CARD_BYTES = 1 << 20;
    private static final int MAX_SIGNATURE_BYTES = 1 << 10;

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
        Path directory = directory(root, version);
        byte[] card =
                ModelPackage.readFile(directory.resolve(ModelPackage.CARD_FILE), MAX_CARD_BYTES);
        Path signed = directory.resolve(ModelTrust.SIGNATURE_FILE);
        byte[] signature =
                Files.exists(signed)
                        ? ModelPackage.readFile(signed, MAX_SIGNATURE_BYTES)
                        : new byte[0];
        byte[] onnx =
                ModelPackage.readFile(directory.resolve(ModelPackage.MODEL_FILE), MAX_MODEL_BYTES);
        return of(card, signature, onnx, trust, directory.toString());
    }

    /// Verifies a package from memory.
    public static StackPackage of(
            byte[] cardJson, byte[] signature, byte[] onnx, ModelTrust trust, String where)
            throws ModelRejectedException {
        trust.verify(cardJson, signature, where);
        StackCard card = StackCard.parse(cardJson, where);
        card.check(where);
        String actual = ModelPackage.sha256(onnx);
        if (!actual.equalsIgnoreCase(card.modelSha256())) {
            throw new ModelRejectedException(
                    ("%s: the hash of %s is %s, the card says %s."
                                    + " Maybe the copy was cut off, or card and model are not a pair?")
                            .formatted(where, ModelPackage.MODEL_FILE, actual, card.modelSha256()));
        }
        return new StackPackage(card, onnx, where);
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
