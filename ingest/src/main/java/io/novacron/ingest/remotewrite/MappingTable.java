package io.novacron.ingest.remotewrite;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.novacron.wire.catalogue.Metric;
import io.novacron.wire.catalogue.MetricCatalogue;
import io.novacron.wire.sbe.EntityKind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Which series of which exporters make which metric of our catalogue. Immutable.
///
/// A table is lines of comma-separated cells; `#` begins a comment. Two kinds of lines:
///
/// ```text
///  exporter,NAME,HOST,VM,SCOPE,UUID
///  NAME,source,kind,entity,by,where,target,part,factor
/// ```
///
/// | cell | says |
/// |---|---|
/// | HOST | labels that name the host, the first that a series has; a port at the end is cut off |
/// | VM | labels that together name the vm, joined by `/`; empty when the exporter knows no vms |
/// | SCOPE | `host` when vm names are unique on a host only, `fleet` when everywhere |
/// | UUID | labels that hold the vm's UUID, the first that is one; else it is made from the name |
/// | source | the name of the Prometheus metric |
/// | kind | `counter` (taken per second) or `gauge` |
/// | entity | `host` or `vm` |
/// | by | labels that tell the series of one entity apart; all others are ignored |
/// | where | conditions, all of which must hold: `a=b`, `a!=b`, `a=~regex`, `a!~regex` |
/// | target | a metric of the catalogue, or `vcpus`, `memory`, `disk`: a size of the entity |
/// | part | what the value does: `sum`, `less` (subtracted), `over` (divides); `count`, `over-count`: |
/// | | the same as `sum` and `over` with 1 for each series in place of its value |
/// | factor | the value is multiplied by it first |
///
/// Cells with several entries separate them by spaces. A target's value is (sum - less) / over of
/// one scrape. It has a value only when every series known to be part of it had one.
public final class MappingTable {
    /// Targets that are sizes of an entity, not metrics.
    static final int VCPUS = -1;

    static final int MEMORY = -2;
    static final int DISK = -3;

    private static final String RESOURCE = "/io/novacron/ingest/remotewrite/prometheus.csv";
    private static final Map<String, Integer> SIZES =
            Map.of("vcpus", VCPUS, "memory", MEMORY, "disk", DISK);
    private static final int EXPORTER_CELLS = 6;
    private static final int RULE_CELLS = 9;
    private static final Pattern CONDITION = Pattern.compile("([^=!~]+)(=~|!~|!=|=)(.*)");
    private static final Pattern LABEL = Pattern.compile("[a-zA-Z_][a-zA-Z0-9_]*");

    /// What a series does to its target.
    enum Part {
        SUM,
        LESS,
        OVER,
        COUNT,
        OVER_COUNT;

        /// Whether a sample counts whatever its value.
        boolean counts() {
            return this == COUNT || this == OVER_COUNT;
        }

        boolean divides() {
            return this == OVER || this == OVER_COUNT;
        }

        int bit() {
            return 1 << ordinal();
        }
    }

    /// How one exporter names hosts and vms.
    record Exporter(
            int index,
            String name,
            List<String> hostLabels,
            List<String> vmLabels,
            boolean vmsOfFleet,
            List<String> uuidLabels) {}

    /// One condition on a label; a label that is not there is empty, as in PromQL.
    record Condition(String label, Predicate<String> test) {
        boolean holds(LabelSet labels) {
            String value = labels.value(label);
            return test.test(value == null ? "" : value);
        }
    }

    /// One line: series of `source` are a part of `target`.
    record Rule(
            Exporter exporter,
            String source,
            boolean counter,
            EntityKind entity,
            List<String> by,
            List<Condition> where,
            int target,
            Part part,
            double factor) {}

    private final List<Exporter> exporters;
    private final Map<String, List<Rule>> bySource;
    private final Map<List<Integer>, Integer> requiredParts;

    private MappingTable(List<Exporter> exporters, List<Rule> rules) {
        this.exporters = List.copyOf(exporters);
        this.bySource =
                rules.stream()
                        .collect(
                                Collectors.groupingBy(
                                        Rule::source, LinkedHashMap::new, Collectors.toList()));
        this.requiredParts = new HashMap<>();
        for (Rule rule : rules) {
            requiredParts.merge(
                    List.of(rule.exporter().index(), rule.entity().value() & 0xFF, rule.target()),
                    rule.part().bit(),
                    (left, right) -> left | right);
        }
    }

    /// The table that this build carries: node_exporter, libvirt exporters and kubevirt.
    public static MappingTable bundled() {
        try (var stream = MappingTable.class.getResourceAsStream(RESOURCE)) {
            if (stream == null) {
                throw new IllegalStateException(RESOURCE + " must be on the class path");
            }
            return parse(new String(stream.readAllBytes(), UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Reads a table.
    ///
    /// @throws IllegalArgumentException listing every mistake with its line, one a line
    public static MappingTable load(Path file) throws IOException {
        return parse(Files.readString(file));
    }

    /// Reads a table.
    ///
    /// @throws IllegalArgumentException listing every mistake with its line, one a line
    public static MappingTable parse(String text) {
        return new Parser().parse(text);
    }

    List<Exporter> exporters() {
        return exporters;
    }

    /// The rules of a Prometheus metric, empty when it is not mapped.
    List<Rule> rules(String source) {
        return bySource.getOrDefault(source, List.of());
    }

    /// Parts without which a target has no value, as bits.
    int requiredParts(Rule rule) {
        Integer parts =
                requiredParts.get(
                        List.of(
                                rule.exporter().index(),
                                rule.entity().value() & 0xFF,
                                rule.target()));
        return parts == null ? 0 : parts;
    }

    /// How many Prometheus metrics are mapped.
    public int sourceCount() {
        return bySource.size();
    }

    /// The catalogue metrics that some series make, for one kind of entity, by name.
    public Set<String> targets(EntityKind entity) {
        return bySource.values().stream()
                .flatMap(List::stream)
                .filter(rule -> rule.entity() == entity && rule.target() > 0)
                .map(rule -> nameOf(rule.target()))
                .collect(Collectors.toCollection(java.util.TreeSet::new));
    }

    private static String nameOf(int metricId) {
        Metric metric = MetricCatalogue.INSTANCE.byId(metricId);
        return metric == null ? "?" : metric.name();
    }

    /// Collects every mistake, so that one start-up failure lists them all.
    private static final class Parser {
        private final List<String> problems = new ArrayList<>();
        private final Map<String, Exporter> exporters = new LinkedHashMap<>();
        private final List<Rule> rules = new ArrayList<>();
        private final Map<String, Rule> firstOfSource = new HashMap<>();
        private final Set<List<Object>> seen = new HashSet<>();
        private int line;

        MappingTable parse(String text) {
            String[] lines = text.split("\n", -1);
            for (line = 1; line <= lines.length; line++) {
                String content = lines[line - 1].strip();
                if (content.isEmpty() || content.startsWith("#")) {
                    continue;
                }
                String[] cells = content.split(",", -1);
                for (int i = 0; i < cells.length; i++) {
                    cells[i] = cells[i].strip();
                }
                if (cells[0].equals("exporter")) {
                    exporter(cells);
                } else {
                    rule(cells);
                }
            }
            if (rules.isEmpty() && problems.isEmpty()) {
                problems.add("the table maps nothing. Maybe the file is empty?");
            }
            if (!problems.isEmpty()) {
                throw new IllegalArgumentException(String.join("\n", problems));
            }
            return new MappingTable(new ArrayList<>(exporters.values()), rules);
        }

        private void problem(String message, Object... values) {
            problems.add("line %d: %s".formatted(line, message.formatted(values)));
        }

        private void exporter(String[] cells) {
            if (cells.length != EXPORTER_CELLS) {
                problem(
                        "an exporter has %d cells, must have %d: exporter,NAME,HOST,VM,SCOPE,UUID",
                        cells.length, EXPORTER_CELLS);
                return;
            }
            List<String> host = labels("HOST", cells[2]);
            List<String> vm = labels("VM", cells[3]);
            if (cells[1].isEmpty() || exporters.containsKey(cells[1])) {
                problem("exporter=%s must have a name of its own", cells[1]);
                return;
            }
            if (host.isEmpty()) {
                problem("exporter=%s has no HOST label. Maybe instance?", cells[1]);
            }
            if (!vm.isEmpty() && !cells[4].equals("host") && !cells[4].equals("fleet")) {
                problem("SCOPE=%s must be host or fleet", cells[4]);
            }
            exporters.put(
                    cells[1],
                    new Exporter(
                            exporters.size(),
                            cells[1],
                            host,
                            vm,
                            cells[4].equals("fleet"),
                            labels("UUID", cells[5])));
        }

        private void rule(String[] cells) {
            Exporter exporter = exporters.get(cells[0]);
            if (exporter == null) {
                problem(
                        "exporter=%s is not described above. Maybe one of %s, or a line"
                                + " exporter,%s,instance,,, is missing?",
                        cells[0], exporters.keySet(), cells[0]);
                return;
            }
            if (cells.length != RULE_CELLS) {
                problem(
                        "a mapping has %d cells, must have %d:"
                                + " exporter,source,kind,entity,by,where,target,part,factor",
                        cells.length, RULE_CELLS);
                return;
            }
            int problemsBefore = problems.size();
            if (!cells[1].matches("[a-zA-Z_:][a-zA-Z0-9_:]*")) {
                problem("source=%s is not a metric name of Prometheus", cells[1]);
            }
            if (!cells[2].equals("counter") && !cells[2].equals("gauge")) {
                problem("kind=%s must be counter or gauge", cells[2]);
            }
            EntityKind entity =
                    switch (cells[3]) {
                        case "host" -> EntityKind.HOST;
                        case "vm" -> EntityKind.VM;
                        default -> EntityKind.NULL_VAL;
                    };
            if (entity == EntityKind.NULL_VAL) {
                problem("entity=%s must be host or vm", cells[3]);
            } else if (entity == EntityKind.VM && exporter.vmLabels().isEmpty()) {
                problem("exporter=%s names no vms. Maybe its VM cell is empty?", exporter.name());
            }
            int target = target(cells[6], entity);
            Part part = part(cells[7]);
            double factor = factor(cells[8]);
            var rule =
                    new Rule(
                            exporter,
                            cells[1],
                            cells[2].equals("counter"),
                            entity,
                            labels("by", cells[4]).stream().sorted().toList(),
                            conditions(cells[5]),
                            target,
                            part,
                            factor);
            Rule first = firstOfSource.putIfAbsent(rule.source(), rule);
            if (first != null
                    && (first.counter() != rule.counter()
                            || first.exporter() != rule.exporter()
                            || first.entity() != rule.entity()
                            || !first.by().equals(rule.by()))) {
                problem(
                        "all lines of source=%s must have the same exporter, kind, entity and by",
                        rule.source());
            }
            if (!seen.add(List.of(rule.source(), target, part, cells[5]))) {
                problem("source=%s is part %s of %s already", cells[1], cells[7], cells[6]);
            }
            if (problems.size() == problemsBefore) {
                rules.add(rule);
            }
        }

        private int target(String name, EntityKind entity) {
            Integer size = SIZES.get(name);
            if (size != null) {
                return size;
            }
            Metric metric = MetricCatalogue.INSTANCE.byName(name);
            if (metric == null) {
                problem(
                        "target=%s is not in the catalogue. Maybe %s?",
                        name,
                        MetricCatalogue.INSTANCE.all().stream()
                                .map(Metric::name)
                                .min(Comparator.comparingInt(known -> distance(known, name)))
                                .orElse("cpu.usage"));
                return 0;
            }
            if (entity == EntityKind.VM && !metric.ofVms()
                    || entity == EntityKind.HOST && !metric.ofHosts()) {
                problem(
                        "target=%s is not a metric of a %s",
                        name, entity.name().toLowerCase(Locale.ROOT));
            }
            return metric.id();
        }

        /// How unlike two names are: letters at the ends that they have in common do not count.
        private static int distance(String left, String right) {
            int start = 0;
            int shorter = Math.min(left.length(), right.length());
            while (start < shorter && left.charAt(start) == right.charAt(start)) {
                start++;
            }
            int end = 0;
            while (end < shorter - start
                    && left.charAt(left.length() - 1 - end)
                            == right.charAt(right.length() - 1 - end)) {
                end++;
            }
            return Math.max(left.length(), right.length()) - start - end;
        }

        private Part part(String name) {
            for (Part part : Part.values()) {
                if (part.name().toLowerCase(Locale.ROOT).replace('_', '-').equals(name)) {
                    return part;
                }
            }
            problem("part=%s must be sum, less, over, count or over-count", name);
            return Part.SUM;
        }

        private double factor(String cell) {
            try {
                double factor = cell.isEmpty() ? 1 : Double.parseDouble(cell);
                if (!Double.isFinite(factor) || factor == 0) {
                    problem("factor=%s must be a number other than 0", cell);
                }
                return factor;
            } catch (NumberFormatException _) {
                problem("factor=%s is not a number", cell);
                return 1;
            }
        }

        private List<String> labels(String cell, String text) {
            List<String> labels = words(text);
            for (String label : labels) {
                if (!LABEL.matcher(label).matches()) {
                    problem("%s=%s is not a label's name", cell, label);
                }
            }
            return labels;
        }

        private List<Condition> conditions(String text) {
            List<Condition> conditions = new ArrayList<>();
            for (String word : words(text)) {
                var matcher = CONDITION.matcher(word);
                if (!matcher.matches() || !LABEL.matcher(matcher.group(1)).matches()) {
                    problem(
                            "where=%s is not a condition. Maybe label=value, label!=value,"
                                    + " label=~regex or label!~regex?",
                            word);
                    continue;
                }
                Predicate<String> test = test(matcher.group(2), matcher.group(3));
                if (test != null) {
                    conditions.add(new Condition(matcher.group(1), test));
                }
            }
            return List.copyOf(conditions);
        }

        private @Nullable Predicate<String> test(String operator, String operand) {
            switch (operator) {
                case "=" -> {
                    return operand::equals;
                }
                case "!=" -> {
                    return value -> !value.equals(operand);
                }
                default -> {
                    try {
                        Predicate<String> matches = Pattern.compile(operand).asMatchPredicate();
                        return operator.equals("=~") ? matches : matches.negate();
                    } catch (PatternSyntaxException e) {
                        problem("regex %s: %s", operand, e.getDescription());
                        return null;
                    }
                }
            }
        }

        private static List<String> words(String text) {
            return text.isEmpty() ? List.of() : List.of(text.split("\\s+"));
        }
    }
}
