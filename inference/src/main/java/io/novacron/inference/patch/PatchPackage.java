package io.novacron.inference.patch;

import io.novacron.inference.ModelFiles;
import io.novacron.inference.ModelRejectedException;
import io.novacron.inference.ModelTrust;
import java.nio.file.Path;

/// A verified patch network:
/// `<root>/forecast-lstm/<version>/{model.onnx,card.json,card.json.ed25519}`. The signature fits,
/// the hash fits, the columns are ours.
public final class PatchPackage {
    public static final String NAME = "forecast-lstm";

    /// What the card calls it.
    public static final String KIND = "patch-lstm";

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
        return of(ModelFiles.read(root.resolve(NAME).resolve(Integer.toString(version)), trust));
    }

    /// Verifies a package from memory.
    public static PatchPackage of(
            byte[] cardJson, byte[] signature, byte[] onnx, ModelTrust trust, String where)
            throws ModelRejectedException {
        return of(ModelFiles.of(cardJson, signature, onnx, trust, where));
    }

    private static PatchPackage of(ModelFiles files) throws ModelRejectedException {
        PatchCard card = files.card(PatchCard.class);
        card.check(files.where());
        files.checkHash(card.modelSha256());
        return new PatchPackage(card, files.model(), files.where());
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
