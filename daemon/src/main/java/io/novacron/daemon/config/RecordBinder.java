package io.novacron.daemon.config;

import io.novacron.daemon.config.YamlDocument.Node;
import io.novacron.daemon.security.ListenAddress;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Binds a YAML mapping to a record, component by component: `maxAgents` is read from `max-agents`,
/// and what the file leaves out is taken from the record's defaults. Every mistake is collected,
/// with its line.
final class RecordBinder {
    /// Records that are written as one value.
    private static final Set<Class<?>> SCALARS =
            Set.of(ByteSize.class, ListenAddress.class, AutomationRule.class, Percent.class);

    private final List<String> problems;
    private final Map<String, Integer> lines = new LinkedHashMap<>();

    RecordBinder(List<String> problems) {
        this.problems = problems;
    }

    /// Binds `mapping` to a record of the type of `defaults`. After a problem the result is
    /// `defaults`, so that binding goes on and finds the others.
    <R extends Record> R bind(Node.Mapping mapping, String path, R defaults) {
        @SuppressWarnings("unchecked")
        Class<R> type = (Class<R>) defaults.getClass();
        RecordComponent[] components = type.getRecordComponents();
        List<String> known =
                Arrays.stream(components).map(component -> key(component.getName())).toList();
        mapping.keyLines()
                .forEach((key, line) -> {
                    lines.put(path + key, line);
                    if (!known.contains(key)) {
                        problems.add(unknown(path, key, line, known));
                    }
                });
        @Nullable Object[] values = new @Nullable Object[components.length];
        for (int i = 0; i < components.length; i++) {
            String key = known.get(i);
            Object fallback = read(components[i], defaults);
            Node node = mapping.entries().get(key);
            values[i] =
                    node == null || node instanceof Node.Absent
                            ? fallback
                            : value(node, path + key, components[i].getGenericType(), fallback);
        }
        return construct(type, components, values, defaults);
    }

    private <R extends Record> R construct(
            Class<R> type, RecordComponent[] components, @Nullable Object[] values, R defaults) {
        Class<?>[] types =
                Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
        try {
            Constructor<R> constructor = type.getDeclaredConstructor(types);
            constructor.setAccessible(true); // records of this package may be package-private
            return constructor.newInstance(values);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof ConfigException invalid) {
                for (String problem : invalid.problems()) {
                    problems.add(located(problem));
                }
                return defaults;
            }
            throw new IllegalStateException("constructor of %s".formatted(type), e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("constructor of %s".formatted(type), e);
        }
    }

    /// Puts the line of the property that a problem names in front of it.
    private String located(String problem) {
        int end = problem.indexOf('=');
        Integer line = end < 0 ? null : lines.get(problem.substring(0, end));
        return line == null ? problem : "line %d: %s".formatted(line, problem);
    }

    private @Nullable Object value(Node node, String path, Type type, @Nullable Object fallback) {
        if (type instanceof Class<?> plain && plain.isRecord() && !SCALARS.contains(plain)) {
            Record defaults = fallback instanceof Record record ? record : defaultsOf(plain);
            if (node instanceof Node.Mapping mapping) {
                return bind(mapping, path + ".", defaults);
            }
            problems.add(
                    "line %d: %s must be a mapping with its own keys below it"
                            .formatted(node.line(), path));
            return fallback;
        }
        if (type instanceof ParameterizedType list && list.getRawType() == List.class) {
            return items(node, path, list.getActualTypeArguments()[0], fallback);
        }
        if (!(node instanceof Node.Scalar scalar)) {
            problems.add(
                    "line %d: %s must be one value, not a %s"
                            .formatted(
                                    node.line(),
                                    path,
                                    node instanceof Node.Mapping ? "mapping" : "list"));
            return fallback;
        }
        try {
            return scalar(scalar.text(), (Class<?>) type);
        } catch (IllegalArgumentException e) {
            problems.add(
                    "line %d: %s=%s %s"
                            .formatted(node.line(), path, scalar.text(), e.getMessage()));
            return fallback;
        }
    }

    /// What an item of a list has where its mapping leaves something out.
    private static Record defaultsOf(Class<?> type) {
        try {
            return (Record) type.getField("DEFAULT").get(null);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("DEFAULT of %s".formatted(type), e);
        }
    }

    private @Nullable Object items(Node node, String path, Type type, @Nullable Object fallback) {
        if (!(node instanceof Node.Sequence sequence)) {
            problems.add("line %d: %s must be a list, e.g. [a, b]".formatted(node.line(), path));
            return fallback;
        }
        List<Object> items = new ArrayList<>();
        for (int i = 0; i < sequence.items().size(); i++) {
            Object item = value(sequence.items().get(i), "%s[%d]".formatted(path, i), type, null);
            if (item != null) {
                items.add(item);
            }
        }
        return items;
    }

    private static Object scalar(String text, Class<?> type) {
        if (type == String.class) {
            return text;
        } else if (type == int.class) {
            return number(text, Integer::parseInt, "is not a whole number");
        } else if (type == long.class) {
            return number(text, Long::parseLong, "is not a whole number");
        } else if (type == double.class) {
            return number(text, Double::parseDouble, "is not a number");
        } else if (type == boolean.class) {
            return switch (text) {
                case "true" -> true;
                case "false" -> false;
                default -> throw new IllegalArgumentException("must be true or false");
            };
        } else if (type == Duration.class) {
            return Durations.parse(text);
        } else if (type == ByteSize.class) {
            return ByteSize.parse(text);
        } else if (type == Percent.class) {
            return Percent.parse(text);
        } else if (type == Path.class) {
            return Path.of(text);
        } else if (type == ListenAddress.class) {
            return ListenAddress.parse(text);
        } else if (type == AutomationRule.class) {
            return AutomationRule.parse(text);
        } else if (type.isEnum()) {
            return constant(text, type);
        }
        throw new IllegalStateException("no reader for %s".formatted(type));
    }

    private static Object constant(String text, Class<?> type) {
        var names = new ArrayList<String>();
        for (Object constant : type.getEnumConstants()) {
            String name = ((Enum<?>) constant).name().toLowerCase(Locale.ROOT).replace('_', '-');
            if (name.equals(text)) {
                return constant;
            }
            names.add(name);
        }
        throw new IllegalArgumentException("must be one of %s".formatted(String.join(", ", names)));
    }

    private static <T> T number(
            String text, java.util.function.Function<String, T> parse, String complaint) {
        try {
            return parse.apply(text.replace("_", ""));
        } catch (NumberFormatException _) {
            throw new IllegalArgumentException(complaint);
        }
    }

    private static String unknown(String path, String key, int line, List<String> known) {
        String nearest =
                known.stream()
                        .filter(candidate -> distance(candidate, key) <= 1 + key.length() / 4)
                        .min(java.util.Comparator.comparingInt(c -> distance(c, key)))
                        .map(candidate -> "Maybe %s%s?".formatted(path, candidate))
                        .orElse("Known here: %s".formatted(String.join(", ", known)));
        return "line %d: %s%s is not a property. %s".formatted(line, path, key, nearest);
    }

    /// Levenshtein distance, for the "Maybe …?".
    private static int distance(String left, String right) {
        int[] row = new int[right.length() + 1];
        Arrays.setAll(row, i -> i);
        for (int i = 1; i <= left.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= right.length(); j++) {
                int substitute = diagonal + (left.charAt(i - 1) == right.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(substitute, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[right.length()];
    }

    private static @Nullable Object read(RecordComponent component, Record record) {
        try {
            var accessor = component.getAccessor();
            accessor.setAccessible(true); // records of this package may be package-private
            return accessor.invoke(record);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("accessor of %s".formatted(component), e);
        }
    }

    static String key(String component) {
        var key = new StringBuilder();
        for (char c : component.toCharArray()) {
            if (Character.isUpperCase(c)) {
                key.append('-').append(Character.toLowerCase(c));
            } else {
                key.append(c);
            }
        }
        return key.toString();
    }
}
