package io.novacron.training.history;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;

import io.novacron.ingest.fleet.Entity;
import io.novacron.ingest.fleet.FleetView;
import io.novacron.ingest.fleet.Resolution;
import io.novacron.ingest.fleet.Statistic;
import io.novacron.wire.catalogue.Metric;
import io.novacron.wire.catalogue.MetricCatalogue;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.duckdb.DuckDBAppender;
import org.duckdb.DuckDBConnection;
import org.jspecify.annotations.Nullable;

/// A folder of days, each one partition that is written once and never changed:
///
/// | path | one row per | columns |
/// |---|---|---|
/// | `samples/date=D/part-N.parquet` | entity and 5 minutes with any value | `entity` UUID, `kind`, `time` (start of the 5 minutes, UTC), and for each forecast metric its mean and `…_max`, FLOAT, null where missing |
/// | `entities/date=D/entities.parquet` | entity at the end of the day's last tick seen | `entity`, `kind`, `name`, `host`, `vcpus`, `memory_bytes`, `disk_bytes`, `labels`, `first_seen`, `slot`, `generation` |
///
/// Days are those of UTC. A day appears by one rename of each of the two, the samples last. One
/// process at a time, which a lock on the folder holds others to; one thread.
public final class HistoryArchive {
    /// The samples of all days.
    public static final String SAMPLES = "samples";

    static final String ENTITIES = "entities";
    private static final String PARTITION = "date=";
    private static final String UNFINISHED = ".unfinished";
    private static final int ENTITIES_PER_FILE = 5_000;
    private static final Duration DAY = Duration.ofDays(1);
    private static final long STEP_MS = Resolution.FIVE_MINUTES.stepMs();
    private static final int DAY_STEPS = (int) (DAY.toMillis() / STEP_MS);
    private static final String COPY = " (FORMAT parquet, COMPRESSION zstd)";

    private final Path folder;
    private final List<Metric> metrics;

    /// @param folder made when it is not there
    public HistoryArchive(Path folder, MetricCatalogue catalogue) {
        this.folder = folder;
        metrics = List.copyOf(catalogue.forecastMetrics());
    }

    /// What one run did.
    ///
    /// @param days written by it
    /// @param rows of samples in them
    /// @param bytes of their files
    /// @param deleted days that were older than what is kept
    public record Result(List<LocalDate> days, long rows, long bytes, List<LocalDate> deleted) {}

    /// Writes each day that is over at the view's time, of which the store still has something, and
    /// that is not there yet; then deletes days older than `keepDays` before the view's.
    ///
    /// @throws IOException when a file cannot be written, or another process is at it
    public Result write(FleetView view, int keepDays, Consumer<String> progress)
            throws IOException {
        Files.createDirectories(folder);
        try (FileChannel lockFile =
                        FileChannel.open(
                                folder.resolve(".lock"),
                                StandardOpenOption.CREATE,
                                StandardOpenOption.WRITE);
                FileLock _ = lock(lockFile)) {
            return writeLocked(view, keepDays, progress);
        } catch (SQLException e) {
            throw new IOException("%s: cannot be written: %s".formatted(folder, e.getMessage()), e);
        }
    }

    private FileLock lock(FileChannel file) throws IOException {
        FileLock lock;
        try {
            lock = file.tryLock();
        } catch (OverlappingFileLockException e) {
            lock = null; // held by this process
        }
        if (lock == null) {
            throw new IOException(
                    "%s: another process writes to it. Maybe wait until it is done?"
                            .formatted(folder));
        }
        return lock;
    }

    private Result writeLocked(FleetView view, int keepDays, Consumer<String> progress)
            throws IOException, SQLException {
        Path unfinished = folder.resolve(UNFINISHED);
        delete(unfinished);
        long endMs = view.windowEndMs(Resolution.FIVE_MINUTES);
        long startMs = endMs - STEP_MS * Resolution.FIVE_MINUTES.steps();
        List<LocalDate> days = new ArrayList<>();
        long rows = 0;
        long bytes = 0;
        LocalDate open = dayOf(endMs);
        LocalDate firstKept = open.minusDays(keepDays);
        for (LocalDate day = dayOf(startMs); day.isBefore(open); day = day.plusDays(1)) {
            if (day.isBefore(firstKept) || Files.exists(partition(SAMPLES, day))) {
                continue;
            }
            Files.createDirectories(unfinished);
            long dayRows = writeDay(view, day, Math.max(startMs, startOf(day)), unfinished);
            if (dayRows > 0) {
                bytes += publish(unfinished, day);
                days.add(day);
                rows += dayRows;
                progress.accept("%s: %,d rows".formatted(day, dayRows));
            }
            delete(unfinished);
        }
        List<LocalDate> deleted = deleteBefore(firstKept);
        return new Result(List.copyOf(days), rows, bytes, deleted);
    }

    private static LocalDate dayOf(long timeMs) {
        return LocalDate.ofInstant(Instant.ofEpochMilli(timeMs), ZoneOffset.UTC);
    }

    private static long startOf(LocalDate day) {
        return day.atStartOfDay().toInstant(ZoneOffset.UTC).toEpochMilli();
    }

    private Path partition(String table, LocalDate day) {
        return folder.resolve(table).resolve(PARTITION + day);
    }

    /// @return rows of samples; without any, no file counts
    private long writeDay(FleetView view, LocalDate day, long fromMs, Path into)
            throws IOException, SQLException {
        List<Entity> entities = entities(view);
        Path samples = Files.createDirectories(into.resolve(SAMPLES));
        Path about = Files.createDirectories(into.resolve(ENTITIES));
        long rows = 0;
        try (Connection connection = DuckDb.open(into.resolve("spill"));
                Statement statement = connection.createStatement()) {
            statement.execute(sampleTable());
            int files = 0;
            for (int first = 0; first < entities.size(); first += ENTITIES_PER_FILE) {
                int last = Math.min(entities.size(), first + ENTITIES_PER_FILE);
                long written = 0;
                try (DuckDBAppender rowsOf = appender(connection, SAMPLES)) {
                    for (Entity entity : entities.subList(first, last)) {
                        written += append(view, entity, fromMs, startOf(day), rowsOf);
                    }
                }
                if (written > 0) {
                    String file = String.format(Locale.ROOT, "part-%04d.parquet", files++);
                    copy(statement, SAMPLES, samples.resolve(file));
                    statement.execute("TRUNCATE samples");
                    rows += written;
                }
            }
            if (rows > 0) {
                writeEntities(connection, statement, view, entities, about);
            }
        }
        return rows;
    }

    /// All of the view, by identity.
    private static List<Entity> entities(FleetView view) {
        List<Entity> entities = new ArrayList<>();
        for (int slot = 0; slot < view.slotCount(); slot++) {
            Entity entity = view.entity(slot);
            if (entity != null) {
                entities.add(entity);
            }
        }
        entities.sort(Comparator.comparing(Entity::uuid));
        return entities;
    }

    private String sampleTable() {
        var sql =
                new StringBuilder(
                        "CREATE TABLE samples(entity UUID, kind VARCHAR, time TIMESTAMP_MS");
        for (Metric metric : metrics) {
            sql.append(", ").append(DuckDb.name(metric.columnName())).append(" FLOAT");
            sql.append(", ").append(DuckDb.name(maxOf(metric.columnName()))).append(" FLOAT");
        }
        return sql.append(')').toString();
    }

    /// The column of maxima beside one of means.
    public static String maxOf(String column) {
        return column + "_max";
    }

    private static DuckDBAppender appender(Connection connection, String table)
            throws SQLException {
        return connection.unwrap(DuckDBConnection.class).createAppender(table);
    }

    private static void copy(Statement statement, String table, Path file) throws SQLException {
        statement.execute("COPY " + table + " TO " + DuckDb.literal(file.toString()) + COPY);
    }

    private long append(FleetView view, Entity entity, long fromMs, long dayMs, DuckDBAppender rows)
            throws SQLException {
        int steps = (int) ((view.windowEndMs(Resolution.FIVE_MINUTES) - fromMs) / STEP_MS);
        int ofDay = (int) ((dayMs + DAY.toMillis() - fromMs) / STEP_MS);
        var columns = new float[2 * metrics.size()][steps];
        for (int i = 0; i < metrics.size(); i++) {
            int id = metrics.get(i).id();
            window(view, id, Statistic.MEAN, entity.slot(), columns[2 * i]);
            window(view, id, Statistic.MAX, entity.slot(), columns[2 * i + 1]);
        }
        long appended = 0;
        for (int step = 0; step < Math.min(ofDay, DAY_STEPS); step++) {
            if (isEmpty(columns, step)) {
                continue;
            }
            rows.beginRow().append(entity.uuid()).append(kindOf(entity));
            rows.appendEpochMillis(fromMs + step * STEP_MS);
            for (float[] column : columns) {
                if (Float.isNaN(column[step])) {
                    rows.appendNull();
                } else {
                    rows.append(column[step]);
                }
            }
            rows.endRow();
            appended++;
        }
        return appended;
    }

    private static void window(
            FleetView view, int metricId, Statistic statistic, int slot, float[] out) {
        view.copyWindow(metricId, Resolution.FIVE_MINUTES, statistic, slot, 1, out.length, out);
    }

    private static boolean isEmpty(float[][] columns, int step) {
        for (float[] column : columns) {
            if (!Float.isNaN(column[step])) {
                return false;
            }
        }
        return true;
    }

    private static String kindOf(Entity entity) {
        return entity.kind().name().toLowerCase(Locale.ROOT);
    }

    private static void writeEntities(
            Connection connection,
            Statement statement,
            FleetView view,
            List<Entity> entities,
            Path into)
            throws SQLException {
        statement.execute(
                """
                CREATE TABLE entities(
                    entity UUID, kind VARCHAR, name VARCHAR, host UUID, vcpus INTEGER,
                    memory_bytes BIGINT, disk_bytes BIGINT, labels MAP(VARCHAR, VARCHAR),
                    first_seen TIMESTAMP_MS, slot INTEGER, generation INTEGER)
                """);
        try (DuckDBAppender rows = appender(connection, ENTITIES)) {
            for (Entity entity : entities) {
                rows.beginRow().append(entity.uuid()).append(kindOf(entity));
                rows.append(entity.name());
                UUID host = hostOf(view, entity);
                if (host == null) {
                    rows.appendNull();
                } else {
                    rows.append(host);
                }
                rows.append(entity.vcpus()).append(entity.memoryBytes()).append(entity.diskBytes());
                rows.append(entity.labels()).appendEpochMillis(entity.firstSeenMs());
                rows.append(entity.slot()).append(entity.generation()).endRow();
            }
        }
        copy(statement, ENTITIES, into.resolve("entities.parquet"));
    }

    private static @Nullable UUID hostOf(FleetView view, Entity entity) {
        Entity host = view.entity(entity.hostSlot());
        return host == null ? null : host.uuid();
    }

    /// @return bytes of the day's files
    private long publish(Path unfinished, LocalDate day) throws IOException {
        long bytes = 0;
        for (String table : List.of(ENTITIES, SAMPLES)) {
            Path made = unfinished.resolve(table);
            try (Stream<Path> files = Files.list(made)) {
                for (Path file : files.toList()) {
                    bytes += Files.size(file);
                    force(file);
                }
            }
            force(made);
            Path partition = partition(table, day);
            Path days = Files.createDirectories(folder.resolve(table));
            delete(partition); // entities of a day whose samples were never published
            Files.move(made, partition, ATOMIC_MOVE);
            force(days);
        }
        return bytes;
    }

    private static void force(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private List<LocalDate> deleteBefore(LocalDate first) throws IOException {
        List<LocalDate> deleted = new ArrayList<>();
        for (String table : List.of(SAMPLES, ENTITIES)) {
            Path days = folder.resolve(table);
            if (!Files.isDirectory(days)) {
                continue;
            }
            List<Path> partitions;
            try (Stream<Path> all = Files.list(days)) {
                partitions = all.sorted().toList();
            }
            for (Path partition : partitions) {
                LocalDate day = dayOf(partition);
                if (day != null && day.isBefore(first)) {
                    delete(partition);
                    if (table.equals(SAMPLES)) {
                        deleted.add(day);
                    }
                }
            }
        }
        return List.copyOf(deleted);
    }

    /// The day of a partition; null for what somebody else put there.
    private static @Nullable LocalDate dayOf(Path partition) {
        String name = partition.getFileName().toString();
        try {
            return name.startsWith(PARTITION)
                    ? LocalDate.parse(name.substring(PARTITION.length()))
                    : null;
        } catch (DateTimeParseException e) {
            return null;
        }
    }

    private static void delete(Path tree) throws IOException {
        if (!Files.exists(tree)) {
            return;
        }
        try (Stream<Path> files = Files.walk(tree)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
