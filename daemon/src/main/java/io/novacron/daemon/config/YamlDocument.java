package io.novacron.daemon.config;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A YAML document that remembers the line of every key and value. Duplicate keys are problems, not
/// silent overwrites.
final class YamlDocument {
    private static final int DEPTH_LIMIT = 16;

    /// One node: a mapping, a sequence, or a scalar as written.
    sealed interface Node {
        int line();

        record Mapping(int line, Map<String, Node> entries, Map<String, Integer> keyLines)
                implements Node {}

        record Sequence(int line, List<Node> items) implements Node {}

        record Scalar(int line, String text) implements Node {}

        record Absent(int line) implements Node {}
    }

    private final List<String> problems;

    private YamlDocument(List<String> problems) {
        this.problems = problems;
    }

    /// Parses `text`; what is wrong with its form goes to `problems`.
    static Node.Mapping parse(String text, List<String> problems) {
        var empty = new Node.Mapping(1, Map.of(), Map.of());
        try (JsonParser parser = new YAMLFactory().createParser(text)) {
            JsonToken token = parser.nextToken();
            if (token == null || token == JsonToken.VALUE_NULL) {
                return empty;
            }
            if (token != JsonToken.START_OBJECT) {
                problems.add(
                        "line %d: the document must be a mapping of `key: value`. Maybe the first line lacks a colon?"
                                .formatted(parser.currentTokenLocation().getLineNr()));
                return empty;
            }
            return new YamlDocument(problems).mapping(parser, "", 0);
        } catch (JacksonException e) {
            int line = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
            problems.add(
                    "line %d: not YAML: %s. Maybe the indentation is off?"
                            .formatted(
                                    line, e.getOriginalMessage().lines().findFirst().orElse("")));
            return empty;
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private Node.Mapping mapping(JsonParser parser, String path, int depth) throws IOException {
        int line = parser.currentTokenLocation().getLineNr();
        Map<String, Node> entries = new LinkedHashMap<>();
        Map<String, Integer> keyLines = new LinkedHashMap<>();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String key = parser.currentName();
            int keyLine = parser.currentTokenLocation().getLineNr();
            parser.nextToken();
            Node value = node(parser, path + key + ".", depth + 1);
            Integer earlier = keyLines.putIfAbsent(key, keyLine);
            if (earlier == null) {
                entries.put(key, value);
            } else {
                problems.add(
                        "line %d: %s%s is there twice (first on line %d); keep one of the two"
                                .formatted(keyLine, path, key, earlier));
            }
        }
        return new Node.Mapping(line, entries, keyLines);
    }

    private Node node(JsonParser parser, String path, int depth) throws IOException {
        int line = parser.currentTokenLocation().getLineNr();
        if (depth > DEPTH_LIMIT) {
            problems.add("line %d: nested deeper than %d levels".formatted(line, DEPTH_LIMIT));
            parser.skipChildren();
            return new Node.Absent(line);
        }
        return switch (parser.currentToken()) {
            case START_OBJECT -> mapping(parser, path, depth);
            case START_ARRAY -> {
                List<Node> items = new ArrayList<>();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    items.add(node(parser, path, depth + 1));
                }
                yield new Node.Sequence(line, items);
            }
            case VALUE_NULL -> new Node.Absent(line);
            default -> new Node.Scalar(line, parser.getText());
        };
    }
}
