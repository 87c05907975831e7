package io.novacron.inference.patch;

import io.novacron.inference.ModelPackage;
import io.novacron.inference.ModelRejectedException;
import io.novacron.inference.ModelTrust;
import java.nio.file.Files;
import java.nio.file.Path;

/// A verified patch network:
/// `<root>/forecast-lstm/<version>/{model.onnx,card.json,card.json.ed25519}`. The signature fits,
/// the hash fits, the columns are ours.
public final class PatchPackage {
    public static final String NAME = "forecast-lstm";

    /// What the card calls it.
    public static final String KIND = "patch-lstm";

    private static final int MAX_MODEL_BYTES = 64 << 20;
    private static final int MAX_CARD_BYTES = 1 << 20;
    private static final int MAX_SIGNATURE_BYTES = 1 << 10;

    private final PatchCard card;
    private final byte[] onnx;
    private final String where;

    private PatchPackage(PatchCard card, byte[] onnx, String where) {
        this.card = card;
        this.onnx = onnx;
        this.where = where;
    }

    /// Reads and verifies one version.
    public static PatchPackage read(Path root, int version, ModelTrust trust)
            throws ModelRejectedException {
        Path directory = root.resolve(NAME).resolve(Integer.toString(version));
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
    public static PatchPackage of(
            byte[] cardJson, byte[] signature, byte[] onnx, ModelTrust trust, String where)
            throws ModelRejectedException {
        trust.verify(cardJson, signature, where);
        PatchCard card = PatchCard.parse(cardJson, where);
        card.check(where);
        String actual = ModelPackage.sha256(onnx);
        if (!actual.equalsIgnoreCase(card.modelSha256())) {
            throw new ModelRejectedException(
                    ("%s: the hash of %s is %s, the card says %s."
                                    + " Maybe the copy was cut off, or card and model are not a pair?")
                            .formatted(where, ModelPackage.MODEL_FILE, actual, card.modelSha256()));
        }
        return new PatchPackage(card, onnx, where);
    }

    public PatchCard card() {
        return card;
    }

    /// Opens a session and tries it on rows with and without missing values.
    public PatchModel open() throws ModelRejectedException {
        try {
            return PatchModel.open(onnx, card.targets());
        } catch (ModelRejectedException e) {
            throw new ModelRejectedException(where + ": " + e.getMessage(), e);
        }
    }
}
