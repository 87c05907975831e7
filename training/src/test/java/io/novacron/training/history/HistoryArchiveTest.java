package io.novacron.training.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.data.Offset.offset;

import io.novacron.ingest.fleet.FleetView;
import io.novacron.wire.catalogue.MetricCatalogue;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HistoryArchiveTest {
    private static final Instant START = Instant.parse("2026-03-02T06:00:00Z");
    private static final LocalDate MONDAY = LocalDate.parse("2026-03-02");
    private static final LocalDate TUESDAY = LocalDate.parse("2026-03-03");
    private static final LocalDate WEDNESDAY = LocalDate.parse("2026-03-04");
    private static final int KEEP = 400;

    @TempDir private Path folder;

    private HistoryArchive.Result write(FleetDays days, int keepDays) throws IOException {
        try (FleetView view = days.pin()) {
            return new HistoryArchive(folder, MetricCatalogue.INSTANCE)
                    .write(view, keepDays, line -> {});
        }
    }

    private Path samples(LocalDate day) {
        return folder.resolve("samples").resolve("date=" + day);
    }

    /// Rows as text, cells joined by spaces.
    private List<String> query(String sql) throws SQLException {
        List<String> lines = new ArrayList<>();
        try (Connection connection = DuckDb.open(folder.resolve("spill"));
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            int columns = rows.getMetaData().getColumnCount();
            while (rows.next()) {
                var line = new StringBuilder();
                for (int i = 1; i <= columns; i++) {
                    line.append(i == 1 ? "" : " ").append(rows.getString(i));
                }
                lines.add(line.toString());
            }
        }
        return lines;
    }

    private String samples() {
        return DuckDb.literal(folder.resolve("samples") + "/*/*.parquet");
    }

    @Test
    void eachDayThatIsOverIsAPartition() throws Exception {
        try (var days =
                new FleetDays(START).until(Instant.parse("2026-03-04T00:04:00Z"))) { // not closed
            assertThat(write(days, KEEP).days()).containsExactly(MONDAY, TUESDAY);
        }
        // 18 and 24 hours, of the second vm ten minutes less in each
        assertThat(
                        query(
                                "SELECT entity, kind, count(*), min(time), max(time) FROM "
                                        + samples()
                                        + " GROUP BY ALL ORDER BY entity"))
                .containsExactly(
                        FleetDays.SECOND + " vm 420 2026-03-02 06:10:00.0 2026-03-03 23:55:00.0",
                        FleetDays.FIRST + " vm 504 2026-03-02 06:00:00.0 2026-03-03 23:55:00.0",
                        FleetDays.HOST + " host 504 2026-03-02 06:00:00.0 2026-03-03 23:55:00.0");
    }

    @Test
    void aRowHoldsMeanAndMaximumOfItsFiveMinutes() throws Exception {
        try (var days = new FleetDays(START).until(Instant.parse("2026-03-03T00:05:00Z"))) {
            write(days, KEEP);
        }
        long startMs = Instant.parse("2026-03-02T13:35:00Z").toEpochMilli();
        double sum = 0;
        double max = 0;
        for (int minute = 1; minute <= 5; minute++) {
            double value = FleetDays.cpu(2, startMs + minute * 60_000L);
            sum += value;
            max = Math.max(max, value);
        }
        String[] row =
                query(
                                "SELECT cpu_usage_percent, cpu_usage_percent_max, memory_usage_percent, disk_throughput_bytes_per_second FROM "
                                        + samples()
                                        + " WHERE kind='vm' AND entity='"
                                        + FleetDays.SECOND
                                        + "' AND time=TIMESTAMP '2026-03-02 13:35:00'")
                        .getFirst()
                        .split(" ");
        assertThat(Double.parseDouble(row[0])).isCloseTo(sum / 5, offset(.01));
        assertThat(Double.parseDouble(row[1])).isCloseTo(max, offset(.01));
        assertThat(row[2]).as("a metric it does not report").isEqualTo("null");
        assertThat(row[3]).as("a metric nobody reports").isEqualTo("null");
    }

    @Test
    void entitiesAreDescribedBesideTheirSamples() throws Exception {
        try (var days = new FleetDays(START).until(Instant.parse("2026-03-03T00:05:00Z"))) {
            write(days, KEEP);
        }
        String file = DuckDb.literal(folder + "/entities/date=2026-03-02/entities.parquet");
        assertThat(
                        query(
                                "SELECT entity, kind, name, host, vcpus, memory_bytes, disk_bytes, labels['zone'], first_seen FROM "
                                        + file
                                        + " ORDER BY name"))
                .containsExactly(
                        FleetDays.HOST
                                + " host host one "
                                + FleetDays.HOST
                                + " 4 1024 4096 z'1 2026-03-02 06:00:00.0",
                        FleetDays.SECOND
                                + " vm vm two "
                                + FleetDays.HOST
                                + " 4 1024 4096 z'1 2026-03-02 06:00:00.0",
                        FleetDays.FIRST
                                + " vm vm's \"one\" "
                                + FleetDays.HOST
                                + " 4 1024 4096 z'1 2026-03-02 06:00:00.0");
    }

    @Test
    void aLaterRunAddsWhatIsNewAndLeavesTheRest() throws Exception {
        try (var days = new FleetDays(START).until(Instant.parse("2026-03-03T00:05:00Z"))) {
            assertThat(write(days, KEEP).days()).containsExactly(MONDAY);
            byte[] monday = Files.readAllBytes(samples(MONDAY).resolve("part-0000.parquet"));
            assertThat(write(days, KEEP).days()).isEmpty();
            days.until(Instant.parse("2026-03-05T00:05:00Z"));
            assertThat(write(days, KEEP).days()).containsExactly(TUESDAY, WEDNESDAY);
            assertThat(samples(MONDAY).resolve("part-0000.parquet")).hasBinaryContent(monday);
        }
    }

    @Test
    void theSameDayIsTheSameBytesWheneverItIsWritten() throws Exception {
        try (var days = new FleetDays(START).until(Instant.parse("2026-03-03T00:05:00Z"))) {
            write(days, KEEP);
            Path file = samples(MONDAY).resolve("part-0000.parquet");
            byte[] first = Files.readAllBytes(file);
            Files.delete(file);
            Files.delete(samples(MONDAY));
            days.until(Instant.parse("2026-03-04T10:00:00Z"));
            assertThat(write(days, KEEP).days()).containsExactly(MONDAY, TUESDAY);
            assertThat(file).hasBinaryContent(first);
        }
    }

    @Test
    void whatAnInterruptedRunLeftIsWrittenAgain() throws Exception {
        Path unfinished = Files.createDirectories(folder.resolve(".unfinished").resolve("samples"));
        Files.writeString(unfinished.resolve("part-0000.parquet"), "half");
        Path entities = Files.createDirectories(folder.resolve("entities/date=2026-03-02"));
        Files.writeString(entities.resolve("entities.parquet"), "of a run that came no further");
        try (var days = new FleetDays(START).until(Instant.parse("2026-03-03T00:05:00Z"))) {
            assertThat(write(days, KEEP).days()).containsExactly(MONDAY);
        }
        assertThat(query("SELECT count(*) FROM " + samples())).containsExactly("612");
        assertThat(query("SELECT count(*) FROM '" + entities + "/entities.parquet'"))
                .containsExactly("3");
        assertThat(folder.resolve(".unfinished")).doesNotExist();
    }

    @Test
    void daysPastTheirTimeAreDeletedAndNothingElse() throws Exception {
        Path mine = Files.createDirectories(folder.resolve("samples/date=unknown"));
        Path old = Files.createDirectories(folder.resolve("samples/date=2025-10-01"));
        Files.writeString(old.resolve("part-0000.parquet"), "old");
        Files.createDirectories(folder.resolve("entities/date=2025-10-01"));
        try (var days = new FleetDays(START).until(Instant.parse("2026-03-05T00:05:00Z"))) {
            assertThat(write(days, KEEP).days()).containsExactly(MONDAY, TUESDAY, WEDNESDAY);
            HistoryArchive.Result result = write(days, 2);
            assertThat(result.days()).isEmpty();
            assertThat(result.deleted()).containsExactly(LocalDate.parse("2025-10-01"), MONDAY);
            assertThat(write(days, 2).days()).as("not written to be deleted again").isEmpty();
        }
        assertThat(folder.resolve("entities/date=2025-10-01")).doesNotExist();
        assertThat(mine).exists();
        assertThat(samples(TUESDAY)).exists();
    }

    @Test
    void twoDoNotWriteAtOnce() throws Exception {
        try (var days = new FleetDays(START).until(Instant.parse("2026-03-03T00:05:00Z"));
                FileChannel other =
                        FileChannel.open(
                                folder.resolve(".lock"),
                                StandardOpenOption.CREATE,
                                StandardOpenOption.WRITE)) {
            other.lock();
            assertThatThrownBy(() -> write(days, KEEP))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("another process writes to it");
        }
    }
}
