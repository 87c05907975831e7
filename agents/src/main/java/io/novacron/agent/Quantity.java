package io.novacron.agent;

import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Durations and sizes as people write them on a command line: `10s`, `3d`, `256m`.
public final class Quantity {
    private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m|h|d)");
    private static final Pattern BYTES = Pattern.compile("(\\d{1,9})([kmgt]?)(i?b)?");

    private Quantity() {}

    /// @throws IllegalArgumentException when it is no duration
    public static Duration duration(String text) {
        Matcher duration = DURATION.matcher(text.strip().toLowerCase(Locale.ROOT));
        if (!duration.matches()) {
            throw new IllegalArgumentException(
                    "duration=%s must be a number and one of ms, s, m, h, d. Maybe %s?"
                            .formatted(text, text.matches("\\d+") ? text + "s" : "10s"));
        }
        long value = Long.parseLong(duration.group(1));
        return switch (duration.group(2)) {
            case "ms" -> Duration.ofMillis(value);
            case "s" -> Duration.ofSeconds(value);
            case "m" -> Duration.ofMinutes(value);
            case "h" -> Duration.ofHours(value);
            default -> Duration.ofDays(value);
        };
    }

    /// Powers of 1024; a number alone is bytes.
    ///
    /// @throws IllegalArgumentException when it is no size
    public static long bytes(String text) {
        Matcher bytes = BYTES.matcher(text.strip().toLowerCase(Locale.ROOT));
        if (!bytes.matches()) {
            throw new IllegalArgumentException(
                    "size=%s must be a number and one of k, m, g, t. Maybe 256m?".formatted(text));
        }
        int power = "kmgt".indexOf(bytes.group(2).isEmpty() ? ' ' : bytes.group(2).charAt(0)) + 1;
        return Long.parseLong(bytes.group(1)) << (10 * power);
    }
}
