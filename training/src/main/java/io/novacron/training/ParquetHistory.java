package io.novacron.training;

import io.novacron.training.history.DuckDb;
import io.novacron.training.history.HistoryArchive;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/// Traces out of Parquet files: those of a [HistoryArchive], or any with these columns.
///
/// | column | type |
/// |---|---|
/// | `entity` | anything; what prints the same is the same entity |
/// | `time` | a timestamp, or an integer of milliseconds since 1970, of the sample or of the start of its step |
/// | `metric`, `value` | text and number: long form; any other column is left out |
/// | each other number | wide form: a metric named as the column; `X_max` beside `X` is left out |
///
/// Samples of one entity in one step become their mean. What is not finite is missing.
final class ParquetHistory {
    private static final String ENDING = ".parquet";
    private static final int MAX_FILES = 100_000;
    private static final int MAX_METRICS = 64;
    private static final long MAX_CELLS = 1 << 28;
    private static final long DAY_MS = 86_400_000;
    private static final long MS_PER_SECOND = 1_000;
    private static final int FETCH = 2_048;
    private static final Set<String> NUMBERS =
            Set.of("FLOAT", "DOUBLE", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT");

    private final Path folder;
    private final ReadOptions options;
    private final List<Path> files;

    /// A metric and how to ask for its values.
    private record Metric(String name, String value, String where) {}

    private record Column(String name, String type) {
        boolean isNumber() {
            String plain = type.startsWith("U") ? type.substring(1) : type;
            return NUMBERS.contains(plain) || type.startsWith("DECIMAL");
        }
    }

    private ParquetHistory(Path folder, ReadOptions options, List<Path> files) {
        this.folder = folder;
        this.options = options;
        this.files = files;
    }

    /// The files that would be read, by name: those below `samples` where there is such a folder,
    /// else all below.
    static List<Path> files(Path folder) throws IOException {
        Path samples = folder.resolve(HistoryArchive.SAMPLES);
        Path root = Files.isDirectory(samples) ? samples : folder;
        try (Stream<Path> all = Files.walk(root)) {
            return all.filter(file -> file.getFileName().toString().endsWith(ENDING))
                    .filter(Files::isRegularFile)
                    .limit(MAX_FILES)
                    .sorted()
                    .toList();
        }
    }

    /// Reads the last days of the history, on a grid of the options' step.
    ///
    /// @param files from [#files]
    /// @return one trace for each metric with any value, by name
    static List<Trace> read(Path folder, List<Path> files, ReadOptions options)
            throws TrainingException, IOException {
        Path spill = Files.createTempDirectory("novacron-history-");
        try (Connection connection = DuckDb.open(spill);
                Statement statement = connection.createStatement()) {
            statement.setFetchSize(FETCH);
            return new ParquetHistory(folder, options, files).traces(statement);
        } catch (SQLException e) {
            throw new TrainingException(
                    "%s: cannot be read: %s"
                            .formatted(folder, firstLine(String.valueOf(e.getMessage()))),
                    e);
        } finally {
            deleteAll(spill);
        }
    }

    private static void deleteAll(Path spill) throws IOException {
        try (Stream<Path> left = Files.walk(spill)) {
            for (Path path : left.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.delete(path);
            }
        }
    }

    private static String firstLine(String message) {
        return message.lines().findFirst().orElse("");
    }

    private List<Trace> traces(Statement statement) throws SQLException, TrainingException {
        List<Column> columns = columns(statement);
        String time = time(columns);
        statement.execute(
                "CREATE VIEW history AS SELECT CAST(entity AS VARCHAR) AS id, %s AS ms, * FROM %s"
                        .formatted(time, DuckDb.parquet(files)));
        long stepMs = options.stepSeconds() * MS_PER_SECOND;
        long[] range = range(statement, stepMs);
        int steps = (int) ((range[1] - range[0]) / stepMs) + 1;
        List<String> entities = entities(statement, range[0]);
        long cells = (long) entities.size() * steps;
        if (cells > MAX_CELLS) {
            throw new TrainingException(
                    "%s: %d entities × %d steps are more than %d cells. Maybe use --days or --max-entities?"
                            .formatted(folder, entities.size(), steps, MAX_CELLS));
        }
        List<Trace> traces = new ArrayList<>();
        for (Metric metric : metrics(statement, columns)) {
            float[] values = values(statement, metric, range[0], stepMs, entities.size(), steps);
            // a step's time is that of its end, as in the fleet store
            Trace trace =
                    withoutEmpty(
                            new Trace(
                                    metric.name(),
                                    entities,
                                    values,
                                    steps,
                                    options.stepSeconds(),
                                    range[0] + stepMs));
            if (!trace.entities().isEmpty()) {
                traces.add(trace);
            }
        }
        if (traces.isEmpty()) {
            throw new TrainingException(
                    "%s: no metric has a value in the last %d days. Maybe use --days?"
                            .formatted(folder, options.days()));
        }
        return List.copyOf(traces);
    }

    private List<Column> columns(Statement statement) throws SQLException {
        List<Column> columns = new ArrayList<>();
        try (ResultSet rows =
                statement.executeQuery("DESCRIBE SELECT * FROM " + DuckDb.parquet(files))) {
            while (rows.next()) {
                columns.add(new Column(rows.getString(1), rows.getString(2)));
            }
        }
        return columns;
    }

    /// How to ask for the milliseconds of a row.
    private String time(List<Column> columns) throws TrainingException {
        find(columns, "entity", "text, a UUID or a number");
        Column time = find(columns, "time", "a timestamp or milliseconds since 1970");
        if (time.type().startsWith("TIMESTAMP")) {
            return "epoch_ms(CAST(time AS TIMESTAMP))";
        }
        if (time.type().endsWith("INT") || time.type().equals("INTEGER")) {
            return "CAST(time AS BIGINT)";
        }
        throw new TrainingException(
                "%s: column time is a %s, must be a timestamp or milliseconds since 1970"
                        .formatted(folder, time.type()));
    }

    private Column find(List<Column> columns, String name, String what) throws TrainingException {
        for (Column column : columns) {
            if (column.name().equals(name)) {
                return column;
            }
        }
        throw new TrainingException(
                "%s: its Parquet files have no column %s (%s), only %s"
                        .formatted(
                                folder, name, what, columns.stream().map(Column::name).toList()));
    }

    /// Start of the first step and of the last.
    private long[] range(Statement statement, long stepMs) throws SQLException, TrainingException {
        try (ResultSet row = statement.executeQuery("SELECT min(ms), max(ms) FROM history")) {
            row.next();
            long first = row.getLong(1);
            if (row.wasNull()) {
                throw new TrainingException("%s: its Parquet files hold no row".formatted(folder));
            }
            long last = Math.floorDiv(row.getLong(2), stepMs) * stepMs;
            long earliest = last + stepMs - options.days() * DAY_MS;
            return new long[] {Math.max(Math.floorDiv(first, stepMs) * stepMs, earliest), last};
        }
    }

    /// As many as are wanted, drawn by a hash of their names and given by name, into a table too.
    private List<String> entities(Statement statement, long fromMs) throws SQLException {
        statement.execute(
                """
                CREATE TABLE chosen AS SELECT id, CAST(row_number() OVER (ORDER BY id) - 1 AS INTEGER) AS i
                FROM (SELECT DISTINCT id FROM history WHERE ms >= %d AND id IS NOT NULL
                      ORDER BY md5(id), id LIMIT %d)
                """
                        .formatted(fromMs, options.maxEntities()));
        List<String> entities = new ArrayList<>();
        try (ResultSet rows = statement.executeQuery("SELECT id FROM chosen ORDER BY i")) {
            while (rows.next()) {
                entities.add(rows.getString(1));
            }
        }
        return entities;
    }

    private List<Metric> metrics(Statement statement, List<Column> columns)
            throws SQLException, TrainingException {
        Set<String> names = new HashSet<>();
        columns.forEach(column -> names.add(column.name()));
        List<Metric> metrics = new ArrayList<>();
        if (names.contains("metric") && names.contains("value")) {
            try (ResultSet rows =
                    statement.executeQuery(
                            "SELECT DISTINCT CAST(metric AS VARCHAR) AS m FROM history WHERE m IS NOT NULL ORDER BY m LIMIT "
                                    + (MAX_METRICS + 1))) {
                while (rows.next()) {
                    String name = rows.getString(1);
                    metrics.add(new Metric(name, "value", " AND metric=" + DuckDb.literal(name)));
                }
            }
        } else {
            columns.stream()
                    .filter(Column::isNumber)
                    .map(Column::name)
                    .filter(name -> !name.equals("time") && !name.equals("entity"))
                    .filter(name -> !isMaxOfAnother(name, names))
                    .sorted()
                    .forEach(name -> metrics.add(new Metric(name, DuckDb.name(name), "")));
        }
        if (metrics.isEmpty() || metrics.size() > MAX_METRICS) {
            throw new TrainingException(
                    "%s: its Parquet files have %d metrics (columns of numbers, or values of the column metric), must have 1 to %d"
                            .formatted(folder, metrics.size(), MAX_METRICS));
        }
        return metrics;
    }

    private static boolean isMaxOfAnother(String name, Set<String> names) {
        return names.stream().anyMatch(other -> HistoryArchive.maxOf(other).equals(name));
    }

    /// Time-major, NaN where missing.
    private static float[] values(
            Statement statement, Metric metric, long fromMs, long stepMs, int series, int steps)
            throws SQLException {
        var values = new float[series * steps];
        var counts = new short[series * steps];
        Arrays.fill(values, Float.NaN);
        String sql =
                String.format(
                        Locale.ROOT,
                        """
                        SELECT i, CAST((ms - %1$d) // %2$d AS INTEGER) AS s, CAST(%3$s AS FLOAT) AS v
                        FROM history JOIN chosen USING (id)
                        WHERE ms >= %1$d AND v IS NOT NULL AND isfinite(v)%4$s
                        """,
                        fromMs,
                        stepMs,
                        metric.value(),
                        metric.where());
        try (ResultSet rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                int cell = rows.getInt(2) * series + rows.getInt(1);
                float value = rows.getFloat(3);
                if (counts[cell] == 0) {
                    values[cell] = value;
                    counts[cell] = 1;
                } else if (counts[cell] < Short.MAX_VALUE) {
                    counts[cell]++;
                    values[cell] += (value - values[cell]) / counts[cell];
                }
            }
        }
        return values;
    }

    /// Without the entities that do not have the metric.
    private static Trace withoutEmpty(Trace trace) {
        int series = trace.entities().size();
        List<Integer> kept = new ArrayList<>();
        for (int i = 0; i < series; i++) {
            if (hasValue(trace, i)) {
                kept.add(i);
            }
        }
        if (kept.size() == series) {
            return trace;
        }
        var values = new float[kept.size() * trace.steps()];
        for (int step = 0; step < trace.steps(); step++) {
            for (int i = 0; i < kept.size(); i++) {
                values[step * kept.size() + i] = trace.values()[step * series + kept.get(i)];
            }
        }
        return new Trace(
                trace.metric(),
                kept.stream().map(trace.entities()::get).toList(),
                values,
                trace.steps(),
                trace.stepSeconds(),
                trace.startTimeMs());
    }

    private static boolean hasValue(Trace trace, int series) {
        for (int step = 0; step < trace.steps(); step++) {
            if (!Float.isNaN(trace.values()[step * trace.entities().size() + series])) {
                return true;
            }
        }
        return false;
    }
}
