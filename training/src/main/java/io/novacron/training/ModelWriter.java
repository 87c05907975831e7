package io.novacron.training;

import io.novacron.inference.ModelPackage;
import io.novacron.inference.ModelTrust;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Writes a model's directory aside and renames it, so that a reader never sees half of one.
final class ModelWriter {
    private ModelWriter() {}

    /// The version after the highest one under `root`.
    static int nextVersion(Path root, String name) throws IOException {
        Path models = root.resolve(name);
        if (!Files.isDirectory(models)) {
            return 1;
        }
        try (Stream<Path> versions = Files.list(models)) {
            return 1
                    + versions.map(version -> version.getFileName().toString())
                            .filter(version -> version.matches("[0-9]{1,9}"))
                            .mapToInt(Integer::parseInt)
                            .max()
                            .orElse(0);
        }
    }

    /// Writes `<root>/<name>/<version>` with a card, its model and, with a key, the signature; that
    /// directory must not exist yet.
    static Path write(
            Path root, String name, int version, byte[] card, byte[] onnx, @Nullable PrivateKey key)
            throws IOException, TrainingException {
        Path models = root.resolve(name);
        Path directory = models.resolve(Integer.toString(version));
        if (Files.exists(directory)) {
            throw new TrainingException(
                    "%s exists already, a version is never overwritten. Maybe choose another --out?"
                            .formatted(directory));
        }
        Files.createDirectories(models);
        Path aside = models.resolve(".new-" + version);
        deleteIfThere(aside); // an earlier run may have died here
        Files.createDirectory(aside); // not a temporary directory: those are closed to other users
        try {
            Files.write(aside.resolve(ModelPackage.MODEL_FILE), onnx);
            Files.write(aside.resolve(ModelPackage.CARD_FILE), card);
            if (key != null) {
                Files.write(aside.resolve(ModelTrust.SIGNATURE_FILE), ModelTrust.sign(card, key));
            }
            Files.move(aside, directory, StandardCopyOption.ATOMIC_MOVE);
        } catch (GeneralSecurityException e) {
            throw new TrainingException("the card cannot be signed: " + e.getMessage(), e);
        } finally {
            deleteIfThere(aside);
        }
        return directory;
    }

    private static void deleteIfThere(Path directory) throws IOException {
        if (Files.exists(directory)) {
            List<Path> paths;
            try (Stream<Path> walk = Files.walk(directory)) {
                paths = walk.sorted(Comparator.reverseOrder()).toList();
            }
            for (Path path : paths) {
                Files.delete(path);
            }
        }
    }
}
