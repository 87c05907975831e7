package io.novacron.ingest.remotewrite;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The labels of one series as they lie in a request: places, not strings. Reused; used only for a
/// series that is not known yet.
final class LabelSet {
    private static final String NAME = "__name__";
    private static final int MAX_SHOWN = 200;

    private byte[] bytes = {};
    private int[] places = new int[4 * 32]; // name from, name to, value from, value to
    private int count;

    void clear(byte[] array) {
        bytes = array;
        count = 0;
    }

    void add(int nameFrom, int nameTo, int valueFrom, int valueTo) {
        if (4 * count == places.length) {
            places = Arrays.copyOf(places, 2 * places.length);
        }
        places[4 * count] = nameFrom;
        places[4 * count + 1] = nameTo;
        places[4 * count + 2] = valueFrom;
        places[4 * count + 3] = valueTo;
        count++;
    }

    int count() {
        return count;
    }

    /// What the specifications forbid, or null: labels must be sorted by name, names must differ,
    /// nothing may be empty, everything must be UTF-8.
    @Nullable String problem(int maxLabels, int maxLength) {
        if (count > maxLabels) {
            return "%d labels, at most %d are taken. Maybe raise prometheus.max-labels?"
                    .formatted(count, maxLabels);
        }
        for (int i = 0; i < count; i++) {
            int name = 4 * i;
            int value = name + 2;
            if (places[name] == places[name + 1] || places[value] == places[value + 1]) {
                return "a label's name or value is empty";
            }
            if (places[name + 1] - places[name] > maxLength
                    || places[value + 1] - places[value] > maxLength) {
                return "a label's name or value is longer than %d bytes".formatted(maxLength);
            }
            if (i > 0) {
                int order =
                        Arrays.compareUnsigned(
                                bytes,
                                places[name - 4],
                                places[name - 3],
                                bytes,
                                places[name],
                                places[name + 1]);
                if (order == 0) {
                    return "label %s is there twice".formatted(text(name));
                }
                if (order > 0) {
                    return "label %s must come before %s".formatted(text(name), text(name - 4));
                }
            }
            if (!isUtf8(name) || !isUtf8(value)) {
                return "a label is not UTF-8";
            }
        }
        return null;
    }

    private boolean isUtf8(int place) {
        for (int i = places[place]; i < places[place + 1]; i++) {
            if (bytes[i] < 0) {
                try {
                    UTF_8.newDecoder()
                            .decode(
                                    ByteBuffer.wrap(
                                            bytes,
                                            places[place],
                                            places[place + 1] - places[place]));
                    return true;
                } catch (CharacterCodingException _) {
                    return false;
                }
            }
        }
        return true;
    }

    /// The value of a label, or null.
    @Nullable String value(String name) {
        for (int i = 0; i < count; i++) {
            if (is(4 * i, name)) {
                return text(4 * i + 2);
            }
        }
        return null;
    }

    @Nullable String name() {
        return value(NAME);
    }

    private boolean is(int place, String name) {
        if (places[place + 1] - places[place] != name.length()) {
            return false;
        }
        for (int i = 0; i < name.length(); i++) {
            if (bytes[places[place] + i] != (byte) name.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private String text(int place) {
        return new String(bytes, places[place], places[place + 1] - places[place], UTF_8);
    }

    /// As people write it, cut when long: `up{job="node"}`.
    @Override
    public String toString() {
        var text = new StringBuilder();
        String name = name();
        text.append(name == null ? "" : name).append('{');
        String separator = "";
        for (int i = 0; i < count && text.length() < MAX_SHOWN; i++) {
            if (!is(4 * i, NAME)) {
                text.append(separator).append(text(4 * i)).append("=\"");
                text.append(text(4 * i + 2)).append('"');
                separator = ",";
            }
        }
        return text.length() < MAX_SHOWN
                ? text.append('}').toString()
                : text.append('…').toString();
    }
}
