package io.novacron.wire.catalogue;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Every metric of the wire, immutable. There is one, [#INSTANCE]: an id means the same everywhere.
public final class MetricCatalogue {
    /// The catalogue that this build carries.
    public static final MetricCatalogue INSTANCE = load();

    private static final String RESOURCE = "/io/novacron/wire/metrics.csv";
    private static final int COLUMNS = 11;
    private static final int MAX_ID = 1023;

    private final List<Metric> all;
    private final List<Metric> forecast;
    private final @Nullable Metric[] byId;
    private final Map<String, Metric> byName;

    private MetricCatalogue(List<Metric> metrics) {
        all = List.copyOf(metrics);
        forecast = all.stream().filter(Metric::forecast).toList();
        byId = new @Nullable Metric[1 + all.stream().mapToInt(Metric::id).max().orElse(0)];
        byName = new HashMap<>();
        for (Metric metric : all) {
            if (byId[metric.id()] != null || byName.put(metric.name(), metric) != null) {
                throw new IllegalArgumentException(
                        "metric id=%d name=%s must be unique"
                                .formatted(metric.id(), metric.name()));
            }
            byId[metric.id()] = metric;
        }
    }

    /// All metrics, in the catalogue's order.
    public List<Metric> all() {
        return all;
    }

    /// The metrics that are forecast.
    public List<Metric> forecastMetrics() {
        return forecast;
    }

    /// @return the metric, or null when the id is unknown
    public @Nullable Metric byId(int id) {
        return id >= 0 && id < byId.length ? byId[id] : null;
    }

    /// @return the metric, or null when the name is unknown
    public @Nullable Metric byName(String name) {
        return byName.get(name);
    }

    /// One more than the highest id: the length of an array that is indexed by metric id.
    public int idLimit() {
        return byId.length;
    }

    static MetricCatalogue parse(String csv) {
        List<Metric> metrics = new ArrayList<>();
        String[] lines = csv.split("\n");
        for (int i = 1; i < lines.length; i++) {
            metrics.add(parseLine(lines[i], i + 1));
        }
        return new MetricCatalogue(metrics);
    }

    private static Metric parseLine(String line, int lineNumber) {
        String[] cells = line.strip().split(",", COLUMNS);
        try {
            int id = Integer.parseInt(cells[0]);
            if (id < 1 || id > MAX_ID) {
                throw new IllegalArgumentException(
                        "id=%d must be in [1, %d]".formatted(id, MAX_ID));
            }
            return new Metric(
                    id,
                    cells[1],
                    cells[2],
                    value(Metric.Kind.class, cells[3]),
                    value(Metric.Scope.class, cells[4]),
                    value(Metric.CellRule.class, cells[5]),
                    Float.parseFloat(cells[6]),
                    Float.parseFloat(cells[7]),
                    value(Metric.Scale.class, cells[8]),
                    yesOrNo(cells[9]),
                    unquote(cells[10]));
        } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
            throw new IllegalArgumentException(
                    "metrics.csv line %d must be id,name,unit,kind,scope,cell,min,max,scale,forecast,"
                                    .formatted(lineNumber)
                            + "description: "
                            + line,
                    e);
        }
    }

    private static <E extends Enum<E>> E value(Class<E> type, String cell) {
        return Enum.valueOf(type, cell.toUpperCase(Locale.ROOT));
    }

    private static boolean yesOrNo(String cell) {
        if (!cell.equals("yes") && !cell.equals("no")) {
            throw new IllegalArgumentException("forecast=%s must be yes or no".formatted(cell));
        }
        return cell.equals("yes");
    }

    private static String unquote(String cell) {
        return cell.startsWith("\"")
                ? cell.substring(1, cell.length() - 1).replace("\"\"", "\"")
                : cell;
    }

    private static MetricCatalogue load() {
        try (var stream = MetricCatalogue.class.getResourceAsStream(RESOURCE)) {
            if (stream == null) {
                throw new IllegalStateException(RESOURCE + " must be on the class path");
            }
            return parse(new String(stream.readAllBytes(), UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
