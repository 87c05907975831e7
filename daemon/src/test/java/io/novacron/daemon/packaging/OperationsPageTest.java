package io.novacron.daemon.packaging;

import static org.assertj.core.api.Assertions.assertThat;

import io.novacron.daemon.config.ByteSize;
import io.novacron.daemon.config.DaemonConfig;
import io.novacron.daemon.config.Durations;
import io.novacron.daemon.config.Percent;
import io.novacron.daemon.security.ListenAddress;
import io.novacron.ingest.remotewrite.RemoteWriteCounter;
import io.novacron.ingest.statistics.Counter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// `docs/operations.md` names every property with its default, and every counter.
class OperationsPageTest {
    private final String page = read();

    @Test
    void everyPropertyHasARowWithItsDefault() {
        List<String> expected = new ArrayList<>();
        collect("", DaemonConfig.DEFAULT, expected);
        List<String> documented =
                Pattern.compile("(?m)^\\| `([a-z][a-z.-]*)` \\| (?:`([^`]*)`)? ?\\|")
                        .matcher(section("## Configuration", "### Labels"))
                        .results()
                        .map(row -> row.group(1) + "=" + (row.group(2) == null ? "" : row.group(2)))
                        .toList();
        assertThat(documented).containsExactlyElementsOf(expected);
    }

    @Test
    void everyIngestCounterHasARow() {
        for (Counter counter : Counter.values()) {
            String name = "novacron_ingest_" + counter.name().toLowerCase(Locale.ROOT) + "_total";
            assertThat(page).contains("| `" + name + "` | " + counter.help() + " |");
        }
    }

    @Test
    void everyRowOfDegradationIsHeldByTests() throws Exception {
        Map<String, String> tests = new HashMap<>();
        try (Stream<Path> files = Files.walk(Checkout.root())) {
            for (Path file :
                    files.filter(path -> path.getFileName().toString().endsWith("Test.java"))
                            .toList()) {
                tests.put(
                        file.getFileName().toString().replace(".java", ""), Files.readString(file));
            }
        }
        List<String> rows =
                section("## Degradation", "## Counters")
                        .lines()
                        .filter(line -> line.startsWith("| ") && !line.startsWith("| what"))
                        .toList();
        assertThat(rows).hasSizeGreaterThan(10);
        for (String row : rows) {
            List<MatchResult> named =
                    Pattern.compile("`(\\w+Test)\\.(\\w+)`").matcher(row).results().toList();
            assertThat(named).as(row).isNotEmpty();
            for (MatchResult test : named) {
                assertThat(tests.getOrDefault(test.group(1), ""))
                        .as(test.group())
                        .contains("void " + test.group(2) + "(");
            }
        }
    }

    @Test
    void everyRemoteWriteCounterHasARow() {
        for (RemoteWriteCounter counter : RemoteWriteCounter.values()) {
            String name =
                    "novacron_remote_write_" + counter.name().toLowerCase(Locale.ROOT) + "_total";
            assertThat(page).contains("| `" + name + "` | " + counter.help() + " |");
        }
    }

    private static void collect(String path, Record record, List<String> rows) {
        for (var component : record.getClass().getRecordComponents()) {
            String name = path + kebab(component.getName());
            Object value;
            try {
                value = component.getAccessor().invoke(record);
            } catch (ReflectiveOperationException e) {
                throw new AssertionError(e);
            }
            switch (value) {
                case Duration duration -> rows.add(name + "=" + Durations.format(duration));
                case ByteSize size -> rows.add(name + "=" + size);
                case Percent percent -> rows.add(name + "=" + percent);
                case ListenAddress address -> rows.add(name + "=" + address);
                case Record inner -> collect(name + ".", inner, rows);
                case Enum<?> constant ->
                        rows.add(name + "=" + constant.name().toLowerCase(Locale.ROOT));
                default -> rows.add(name + "=" + value);
            }
        }
    }

    private static String kebab(String camel) {
        return camel.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    }

    private String section(String from, String to) {
        return page.substring(page.indexOf(from), page.indexOf(to));
    }

    private static String read() {
        try {
            return Files.readString(Checkout.root().resolve("docs/operations.md"));
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
