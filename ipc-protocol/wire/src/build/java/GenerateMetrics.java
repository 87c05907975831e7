import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/// Writes the constants of `Metrics.java` from the metric catalogue, at every build.
///
/// Run as `java GenerateMetrics.java CATALOGUE.csv OUTPUT_FOLDER`, with nothing on the class path.
final class GenerateMetrics {
    private static final String HEADER =
            """
            package io.novacron.wire.catalogue;

            import javax.annotation.processing.Generated;

            /// The ids of the metrics, generated from `metrics.csv`.
            @Generated("GenerateMetrics")
            public final class Metrics {
            """;

    public static void main(String[] arguments) throws IOException {
        var source = new StringBuilder(HEADER);
        int maxId = 0;
        var lines = Files.readAllLines(Path.of(arguments[0]));
        for (String line : lines.subList(1, lines.size())) {
            String[] cells = line.split(",", 12);
            int id = Integer.parseInt(cells[0]);
            maxId = Math.max(maxId, id);
            source.append("    /// `%s`, in %s.%n".formatted(cells[1], cells[2]));
            source.append(
                    "    public static final int %s = %d;%n%n"
                            .formatted(cells[1].replace('.', '_').toUpperCase(Locale.ROOT), id));
        }
        source.append("    /// The highest id.%n".formatted());
        source.append("    public static final int MAX_ID = %d;%n%n".formatted(maxId));
        source.append("    private Metrics() {}\n}\n");
        var file = Path.of(arguments[1], "io", "novacron", "wire", "catalogue", "Metrics.java");
        Files.createDirectories(file.getParent());
        Files.writeString(file, source);
    }
}
