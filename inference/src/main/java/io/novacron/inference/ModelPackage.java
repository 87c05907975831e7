package io.novacron.inference;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.stream.Stream;

/// A verified pair of `model.onnx` and `card.json`: the hash fits, the features are ours.
///
/// On disk: `<root>/<name>/<version>/{model.onnx,card.json}`, the version a whole number, the
/// highest one serves. One small model is in the jar, so that a fresh installation has one.
public final class ModelPackage {
    /// Name of the forecast model, and of its directory.
    public static final String FORECAST_MODEL = "forecast-gbt";

    public static final String MODEL_FILE = "model.onnx";
    public static final String CARD_FILE = "card.json";
    private static final int MAX_MODEL_BYTES = 64 << 20;
    private static final int MAX_CARD_BYTES = 1 << 20;

    private final ModelCard card;
    private final byte[] model;
    private final String where;

    private ModelPackage(ModelCard card, byte[] model, String where) {
        this.card = card;
        this.model = model;
        this.where = where;
    }

    public ModelCard card() {
        return card;
    }

    /// Where the package came from, for messages.
    public String where() {
        return where;
    }

    byte[] model() {
        return model;
    }

    /// Verifies a card and a model from memory.
    public static ModelPackage of(byte[] cardJson, byte[] model, String where)
            throws ModelRejectedException {
        return of(new ModelFiles(cardJson, model, where));
    }

    private static ModelPackage of(ModelFiles files) throws ModelRejectedException {
        ModelCard card = files.card(ModelCard.class);
        card.check(files.where());
        files.checkHash(card.modelSha256());
        return new ModelPackage(card, files.model(), files.where());
    }

    /// Reads one version's directory, which must not be signed.
    public static ModelPackage read(Path directory) throws ModelRejectedException {
        return read(directory, ModelTrust.UNSIGNED);
    }

    /// Reads one version's directory if its signature is trusted.
    public static ModelPackage read(Path directory, ModelTrust trust)
            throws ModelRejectedException {
        return of(ModelFiles.read(directory, trust));
    }

    /// Reads the highest version of a model under a root.
    public static ModelPackage latest(Path root, String name) throws ModelRejectedException {
        return latest(root, name, ModelTrust.UNSIGNED);
    }

    /// Reads the highest version of a model under a root if its signature is trusted.
    public static ModelPackage latest(Path root, String name, ModelTrust trust)
            throws ModelRejectedException {
        Path directory = root.resolve(name);
        int newest = -1;
        try (Stream<Path> versions = Files.list(directory)) {
            newest =
                    versions.map(version -> version.getFileName().toString())
                            .filter(version -> version.matches("[0-9]{1,9}"))
                            .mapToInt(Integer::parseInt)
                            .max()
                            .orElse(-1);
        } catch (IOException e) {
            throw new ModelRejectedException(
                    "%s: cannot be listed (%s). Maybe ./novacron train --out %s has not run yet?"
                            .formatted(directory, e, root),
                    e);
        }
        if (newest < 0) {
            throw new ModelRejectedException(
                    "%s: holds no version. Maybe ./novacron train --out %s has not run yet?"
                            .formatted(directory, root));
        }
        return read(directory.resolve(Integer.toString(newest)), trust);
    }

    /// The model that comes with the product.
    public static ModelPackage bundled() throws ModelRejectedException {
        String folder = "models/" + FORECAST_MODEL + "/1/";
        return of(
                resource(folder + CARD_FILE, MAX_CARD_BYTES),
                resource(folder + MODEL_FILE, MAX_MODEL_BYTES),
                "bundled " + folder);
    }

    /// SHA-256 in hex.
    public static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /// All of a file, at most `limit` bytes.
    public static byte[] readFile(Path file, int limit) throws ModelRejectedException {
        try (InputStream in = Files.newInputStream(file)) {
            return bounded(in, file.toString(), limit);
        } catch (IOException e) {
            throw new ModelRejectedException("%s: cannot be read: %s".formatted(file, e), e);
        }
    }

    private static byte[] resource(String name, int limit) throws ModelRejectedException {
        try (InputStream in = ModelPackage.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new ModelRejectedException(
                        "%s: is not in the jar. Maybe the build left resources out?"
                                .formatted(name));
            }
            return bounded(in, name, limit);
        } catch (IOException e) {
            throw new ModelRejectedException("%s: cannot be read: %s".formatted(name, e), e);
        }
    }

    private static byte[] bounded(InputStream in, String name, int limit)
            throws IOException, ModelRejectedException {
        byte[] bytes = in.readNBytes(limit + 1);
        if (bytes.length > limit) {
            throw new ModelRejectedException(
                    "%s: has more than the %d bytes allowed".formatted(name, limit));
        }
        return bytes;
    }
}
