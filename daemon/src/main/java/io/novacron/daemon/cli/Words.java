package io.novacron.daemon.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/// How numbers of the REST interface are said to people. A missing one is `-`, never 0.
final class Words {
    static final String MISSING = "-";

    private static final String[] BYTE_UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT);

    private Words() {}

    static String text(JsonNode node, String field) {
        String text = node.path(field).asText("");
        return text.isEmpty() ? MISSING : text;
    }

    /// `DISPATCHED` → `dispatched`.
    static String lower(JsonNode node, String field) {
        return text(node, field).toLowerCase(Locale.ROOT);
    }

    static String percent(JsonNode node, String field) {
        double value = number(node.path(field));
        return Double.isFinite(value) ? "%.1f %%".formatted(value) : MISSING;
    }

    /// A share of one as whole percent.
    static String share(JsonNode node, String field) {
        double value = number(node.path(field));
        return Double.isFinite(value) ? "%.0f %%".formatted(value * 100) : MISSING;
    }

    static String bytes(JsonNode node, String field) {
        return bytes(number(node.path(field)));
    }

    static String bytesPerSecond(JsonNode node, String field) {
        String text = bytes(node, field);
        return text.equals(MISSING) ? MISSING : text + "/s";
    }

    static String bytes(double value) {
        if (!Double.isFinite(value)) {
            return MISSING;
        }
        int unit = 0;
        double scaled = value;
        while (Math.abs(scaled) >= 1024 && unit < BYTE_UNITS.length - 1) {
            scaled /= 1024;
            unit++;
        }
        boolean whole = unit == 0 || scaled == Math.rint(scaled) || Math.abs(scaled) >= 100;
        return (whole ? "%.0f %s" : "%.1f %s").formatted(scaled, BYTE_UNITS[unit]);
    }

    /// A value of a metric, said in its catalogue unit.
    static String value(double value, String unit) {
        if (!Double.isFinite(value)) {
            return MISSING;
        }
        return switch (unit) {
            case "percent" -> "%.1f %%".formatted(value);
            case "bytes" -> bytes(value);
            case "bytes_per_second" -> bytes(value) + "/s";
            default -> "%.4g %s".formatted(value, unit.replace('_', ' '));
        };
    }

    /// Epoch milliseconds as local time.
    static String time(JsonNode node, String field) {
        long ms = node.path(field).asLong(0);
        return ms == 0
                ? MISSING
                : TIME.format(Instant.ofEpochMilli(ms).atZone(ZoneId.systemDefault()));
    }

    /// `90s` → `1 min 30 s`: the two largest units.
    static String duration(Duration duration) {
        long seconds = duration.toSeconds();
        if (seconds < 60) {
            return seconds + " s";
        }
        if (seconds < 3600) {
            return join(seconds / 60, "min", seconds % 60, "s");
        }
        if (seconds < 86_400) {
            return join(seconds / 3600, "h", seconds % 3600 / 60, "min");
        }
        return join(seconds / 86_400, "d", seconds % 86_400 / 3600, "h");
    }

    /// A number, also when JSON had to write it as text (int64, NaN); NaN when absent.
    static double number(JsonNode node) {
        if (node.isNumber()) {
            return node.doubleValue();
        }
        try {
            return Double.parseDouble(node.asText("NaN"));
        } catch (NumberFormatException _) {
            return Double.NaN;
        }
    }

    private static String join(long large, String largeUnit, long small, String smallUnit) {
        return small == 0
                ? large + " " + largeUnit
                : "%d %s %d %s".formatted(large, largeUnit, small, smallUnit);
    }
}
