package io.novacron.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.data.Offset.offset;

import io.novacron.ingest.fleet.FleetView;
import io.novacron.training.history.DuckDb;
import io.novacron.training.history.FleetDays;
import io.novacron.training.history.HistoryArchive;
import io.novacron.wire.catalogue.MetricCatalogue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ParquetHistoryTest {
    private static final long START_MS = Instant.parse("2026-03-02T00:00:00Z").toEpochMilli();

    @TempDir private Path folder;

    private TraceFolder read() throws TrainingException {
        return read(100, 28);
    }

    private TraceFolder read(int maxEntities, int days) throws TrainingException {
        return TraceFolder.read(folder, new ReadOptions(300, 0, maxEntities, days));
    }

    /// A file with the rows of a query.
    private void write(String name, String sql) throws SQLException {
        try (Connection connection = DuckDb.open(folder.resolve("spill"));
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "COPY (%s) TO %s (FORMAT parquet)"
                            .formatted(sql, DuckDb.literal(folder.resolve(name).toString())));
        }
    }

    private Trace only(TraceFolder read) {
        assertThat(read.traces()).hasSize(1);
        return read.traces().getFirst();
    }

    @Test
    void archivedDaysComeBackAsTraces() throws Exception {
        Instant start = Instant.ofEpochMilli(START_MS);
        try (var days = new FleetDays(start).until(start.plusSeconds(2 * 86_400 + 300));
                FleetView view = days.pin()) {
            new HistoryArchive(folder, MetricCatalogue.INSTANCE).write(view, 400, line -> {});
        }
        TraceFolder read = read();
        assertThat(read.traces())
                .extracting(Trace::metric)
                .containsExactly("cpu_usage_percent", "memory_usage_percent");
        Trace cpu = read.traces().getFirst();
        assertThat(cpu.entities())
                .containsExactly(
                        FleetDays.SECOND.toString(),
                        FleetDays.FIRST.toString(),
                        FleetDays.HOST.toString());
        assertThat(cpu.steps()).isEqualTo(2 * 288);
        assertThat(cpu.startTimeMs()).as("the end of the first step").isEqualTo(START_MS + 300_000);
        for (int step = 0; step < cpu.steps(); step++) {
            boolean silent = step % 12 < 2;
            for (int i = 0; i < 3; i++) {
                double expected = 0;
                for (int minute = 1; minute <= 5; minute++) {
                    long endMs = START_MS + step * 300_000L + minute * 60_000L;
                    expected += FleetDays.cpu(2 - i, endMs) / 5;
                }
                if (i == 0 && silent) {
                    assertThat(cpu.at(step, i)).isNaN();
                } else {
                    assertThat((double) cpu.at(step, i)).isCloseTo(expected, offset(.01));
                }
            }
        }
        assertThat(read.traces().getLast().entities())
                .as("without the vm that reports none")
                .hasSize(2);
        assertThat(read.sha256()).isEqualTo(read().sha256());
    }

    @Test
    void longFormIsReadByMetric() throws Exception {
        write(
                "a.parquet",
                """
                SELECT * FROM (VALUES
                  ('vm1', TIMESTAMP '2026-03-02 00:00:00', 'cpu_percent', 1.0, 7),
                  ('vm1', TIMESTAMP '2026-03-02 00:02:30', 'cpu_percent', 3.0, 7),
                  ('vm1', TIMESTAMP '2026-03-02 00:05:00', 'cpu_percent', 'inf'::DOUBLE, 7),
                  ('vm2', TIMESTAMP '2026-03-02 00:10:00', 'cpu_percent', 5.0, 7),
                  ('vm2', TIMESTAMP '2026-03-02 00:10:00', 'network''s', 9.0, 7))
                t(entity, time, metric, value, host)
                """);
        List<Trace> traces = read().traces();
        assertThat(traces).extracting(Trace::metric).containsExactly("cpu_percent", "network's");
        Trace cpu = traces.getFirst();
        assertThat(cpu.values())
                .as("mean of a step; what is not finite is missing")
                .containsExactly(2, Float.NaN, Float.NaN, Float.NaN, Float.NaN, 5);
        assertThat(traces.getLast().entities()).containsExactly("vm2");
    }

    @Test
    void anyNumberIsAMetricInWideFormButMaximaBesideTheirMeans() throws Exception {
        write(
                "a.parquet",
                """
                SELECT 7 AS entity, 1772409600000 AS time, 1 AS a, 2.5::DECIMAL(4, 1) AS b, 9 AS a_max, 8 AS c_max,
                       'x' AS host
                """);
        assertThat(read().traces()).extracting(Trace::metric).containsExactly("a", "b", "c_max");
    }

    @Test
    void filesNeedNotHaveTheSameMetrics() throws Exception {
        write("a.parquet", "SELECT 'vm1' AS entity, 1772409600000 AS time, 1.0 AS a");
        write("b.parquet", "SELECT 'vm1' AS entity, 1772409900000 AS time, 2.0 AS b");
        List<Trace> traces = read().traces();
        assertThat(traces.getFirst().values()).containsExactly(1, Float.NaN);
        assertThat(traces.getLast().values()).containsExactly(Float.NaN, 2);
    }

    @Test
    void onlyTheLastDaysAreRead() throws Exception {
        write(
                "a.parquet",
                "SELECT 'vm' || i % 2 AS entity, 1772409600000 + i * 3600000 AS time, i AS v FROM range(240) r(i)");
        Trace trace = only(read(100, 2));
        assertThat(trace.steps()).isEqualTo(2 * 288);
        assertThat(trace.startTimeMs())
                .isEqualTo(START_MS + 239 * 3_600_000L + 600_000 - 2 * 86_400_000L);
    }

    @Test
    void asManyEntitiesAreDrawnAsAreWantedAlwaysTheSame() throws Exception {
        write(
                "a.parquet",
                "SELECT 'vm' || i AS entity, 1772409600000 AS time, i AS v FROM range(1000) r(i)");
        List<String> drawn = only(read(20, 28)).entities();
        assertThat(drawn).hasSize(20).isSorted();
        assertThat(only(read(20, 28)).entities()).isEqualTo(drawn);
        assertThat(only(read(10, 28)).entities()).isSubsetOf(Set.copyOf(drawn));
    }

    @Test
    void mistakesAreNamed() throws Exception {
        write("a.parquet", "SELECT 'vm1' AS entity, 1.0 AS v");
        assertThatThrownBy(this::read)
                .isInstanceOf(TrainingException.class)
                .hasMessageContaining("have no column time (a timestamp or milliseconds")
                .hasMessageContaining("only [entity, v]");
        write("a.parquet", "SELECT 'vm1' AS entity, 'noon' AS time, 1.0 AS v");
        assertThatThrownBy(this::read).hasMessageContaining("column time is a VARCHAR, must be");
        write("a.parquet", "SELECT 'vm1' AS entity, 1 AS time, 'x' AS v");
        assertThatThrownBy(this::read).hasMessageContaining("have 0 metrics");
        write("a.parquet", "SELECT 'vm1' AS entity, 1 AS time, 1.0 AS v WHERE false");
        assertThatThrownBy(this::read).hasMessageContaining("hold no row");
        write("a.parquet", "SELECT 'vm1' AS entity, 1 AS time, NULL::FLOAT AS v");
        assertThatThrownBy(this::read).hasMessageContaining("no metric has a value");
        Files.writeString(folder.resolve("cpu.csv"), "vm1,1\n");
        assertThatThrownBy(this::read)
                .hasMessageContaining("holds both")
                .hasMessageContaining("cpu.csv");
    }

    @Test
    void whatIsNoParquetIsSaidToBeNone() throws IOException {
        Files.writeString(folder.resolve("a.parquet"), "hardly");
        assertThatThrownBy(this::read)
                .isInstanceOf(TrainingException.class)
                .hasMessageContaining("cannot be read")
                .hasMessageContaining("a.parquet");
    }

    @Test
    void aGridThatIsTooLargeSaysWhatToDo() throws Exception {
        write(
                "a.parquet",
                "SELECT i AS entity, 1772409600000 + (i % 2) * 3600000 * 24 * 400 AS time, i AS v FROM range(10000) r(i)");
        assertThatThrownBy(() -> read(100_000, 3_660))
                .isInstanceOf(TrainingException.class)
                .hasMessageContaining("10000 entities")
                .hasMessageContaining("Maybe use --days or --max-entities?");
    }
}
