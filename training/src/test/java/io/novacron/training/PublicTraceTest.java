package io.novacron.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.novacron.inference.ModelSlot;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/// The bundled model, trained on made traces only, on a slice of a real public trace.
class PublicTraceTest {
    private static final String FOLDER = "bitbrains_rnd";
    private static final long START_MS = Instant.parse("2013-06-30T22:00:00Z").toEpochMilli();

    private static Path data() {
        String set = System.getenv("NOVACRON_DATA");
        if (set != null) {
            return Path.of(set).resolve(FOLDER);
        }
        Path module = Path.of("").toAbsolutePath(); // surefire runs in the module's folder
        Path root = Objects.requireNonNullElse(module.getParent(), module);
        return root.resolve("../shared/data").normalize().resolve(FOLDER);
    }

    @Test
    void theBundledModelHoldsOnARealTrace() throws Exception {
        Path folder = data();
        assumeTrue(
                Files.isDirectory(folder),
                "skipped: %s is not there; set NOVACRON_DATA to the folder of public traces"
                        .formatted(folder));
        TraceFolder read = TraceFolder.read(folder, new ReadOptions(300, START_MS, 40, 28));
        Trace cpu =
                read.traces().stream()
                        .filter(trace -> trace.metric().equals("cpu_usage_percent"))
                        .findFirst()
                        .orElseThrow();
        try (var model = Objects.requireNonNull(ModelSlot.bundled().forecaster())) {
            Map<String, Double> figures = AccuracyTable.measure(List.of(cpu), model);
            assertThat(figures.get("mean.gbt.60m.wql"))
                    .isLessThan(1.1 * figures.getOrDefault("mean.last-value.60m.wql", Double.NaN));
            assertThat(figures.get("mean.gbt.60m.coverage80")).isBetween(.6, .95);
        }
    }
}
