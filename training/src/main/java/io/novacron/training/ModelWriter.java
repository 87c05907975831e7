package io.novacron.training;

import io.novacron.inference.ModelPackage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// Writes a model's directory aside and renames it, so that a reader never sees half of one.
final class ModelWriter {
    private ModelWriter() {}

    /// The version after the highest one under `root`.
    static int nextVersion(Path root) throws IOException {
        Path models = root.resolve(ModelPackage.FORECAST_MODEL);
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

    /// Writes `<root>/<name>/<version>`; that directory must not exist yet.
    static Path write(Path root, TrainingRun run) throws IOException, TrainingException {
        Path models = root.resolve(run.card().name());
        Path directory = models.resolve(Integer.toString(run.card().version()));
        if (Files.exists(directory)) {
            throw new TrainingException(
                    "%s exists already, a version is never overwritten. Maybe choose another --out?"
                            .formatted(directory));
        }
        Files.createDirectories(models);
        Path aside = models.resolve(".new-" + run.card().version());
        deleteIfThere(aside); // an earlier run may have died here
        Files.createDirectory(aside); // not a temporary directory: those are closed to other users
        try {
            Files.write(aside.resolve(ModelPackage.MODEL_FILE), run.model());
            Files.write(aside.resolve(ModelPackage.CARD_FILE), run.card().toJson());
            Files.move(aside, directory, StandardCopyOption.ATOMIC_MOVE);
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
