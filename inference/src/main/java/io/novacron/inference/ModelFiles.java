package io.novacron.inference;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Card and model of one version, of whatever kind, whose signature is trusted:
/// `{model.onnx,card.json,card.json.ed25519}`. What the card says is for the kind to check.
public final class ModelFiles {
    /// Reads and writes cards: what a card lacks is a mistake, what it has beside is not.
    public static final JsonMapper CARDS =
            JsonMapper.builder()
                    .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
                    .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
                    .build();

    private static final int MAX_MODEL_BYTES = 64 << 20;
    private static final int MAX_CARD_BYTES = 1 << 20;
    private static final int MAX_SIGNATURE_BYTES = 1 << 10;

    private final byte[] card;
    private final byte[] model;
    private final String where;

    ModelFiles(byte[] card, byte[] model, String where) {
        this.card = card;
        this.model = model;
        this.where = where;
    }

    /// Reads one version's directory.
    public static ModelFiles read(Path directory, ModelTrust trust) throws ModelRejectedException {
        byte[] card =
                ModelPackage.readFile(directory.resolve(ModelPackage.CARD_FILE), MAX_CARD_BYTES);
        Path signed = directory.resolve(ModelTrust.SIGNATURE_FILE);
        byte[] signature =
                Files.exists(signed)
                        ? ModelPackage.readFile(signed, MAX_SIGNATURE_BYTES)
                        : new byte[0];
        trust.verify(card, signature, directory.toString());
        byte[] model =
                ModelPackage.readFile(directory.resolve(ModelPackage.MODEL_FILE), MAX_MODEL_BYTES);
        return new ModelFiles(card, model, directory.toString());
    }

    /// The same from memory.
    public static ModelFiles of(
            byte[] card, byte[] signature, byte[] model, ModelTrust trust, String where)
            throws ModelRejectedException {
        trust.verify(card, signature, where);
        return new ModelFiles(card, model, where);
    }

    /// Where they came from, for messages.
    public String where() {
        return where;
    }

    /// Of `model.onnx`.
    public byte[] model() {
        return model;
    }

    /// The card as a record of its kind.
    public <T> T card(Class<T> kind) throws ModelRejectedException {
        return card(kind, card, where);
    }

    /// @throws ModelRejectedException unless the model has the hash, in hex, that its card says
    public void checkHash(String expected) throws ModelRejectedException {
        String actual = ModelPackage.sha256(model);
        if (!actual.equalsIgnoreCase(expected)) {
            throw new ModelRejectedException(
                    ("%s: the hash of %s is %s, the card says %s."
                                    + " Maybe the copy was cut off, or card and model are not a pair?")
                            .formatted(where, ModelPackage.MODEL_FILE, actual, expected));
        }
    }

    static <T> T card(Class<T> kind, byte[] json, String where) throws ModelRejectedException {
        try {
            T card = CARDS.readValue(json, kind);
            if (card == null) {
                throw new ModelRejectedException(where + ": the card is empty");
            }
            return card;
        } catch (IOException e) {
            String what =
                    e instanceof JsonProcessingException parsing
                            ? parsing.getOriginalMessage()
                            : String.valueOf(e.getMessage());
            throw new ModelRejectedException(
                    "%s: the card cannot be read: %s. Maybe it was cut off?".formatted(where, what),
                    e);
        }
    }
}
