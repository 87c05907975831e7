package io.novacron.daemon.control;

import io.novacron.daemon.view.CommandException;
import io.novacron.wire.catalogue.Metric;
import io.novacron.wire.catalogue.MetricCatalogue;
import io.novacron.wire.message.VmSetting;
import io.novacron.wire.sbe.ActionType;
import java.util.stream.Collectors;

/// What a request may ask for. Each check returns the value to use, or refuses with the rule.
final class Limits {
    static final int MAX_ROWS = 100_000;
    static final int MAX_DECISIONS = 10_000;

    private static final int MAX_WHO_LENGTH = 128;
    private static final int MAX_REASON_LENGTH = 1000;
    private static final int MAX_AFFINITIES = 256;

    private static final long MAX_AHEAD_SECONDS = 7 * 86_400;
    private static final long MAX_LEAD_MS = 30L * 86_400_000;

    private Limits() {}

    /// Rows to answer with: `requested`, or `fallback` when it is absent (0).
    static int rows(int requested, int fallback, int max) {
        if (requested < 0 || requested > max) {
            throw invalid("limit=%d must be in [0, %d]; 0 means %d", requested, max, fallback);
        }
        return requested == 0 ? fallback : requested;
    }

    static int metricId(String name) {
        Metric metric = MetricCatalogue.INSTANCE.byName(name);
        if (metric == null) {
            throw invalid(
                    "metric=\"%s\" is not in the catalogue. Maybe one of %s?",
                    name, forecastMetrics());
        }
        return metric.id();
    }

    static String forecastMetrics() {
        return MetricCatalogue.INSTANCE.forecastMetrics().stream()
                .map(Metric::name)
                .collect(Collectors.joining(", "));
    }

    static int stepSeconds(int requested) {
        return switch (requested) {
            case 0 -> 60;
            case 60, 300, 3600 -> requested;
            default -> throw invalid("stepSeconds=%d must be 60, 300 or 3600", requested);
        };
    }

    /// Steps back from now; the whole window of the resolution when absent (0).
    static int steps(int requested, int stepSeconds) {
        int window =
                switch (stepSeconds) {
                    case 60 -> 120; // 2 hours
                    case 300 -> 2016; // 7 days
                    default -> 840; // 35 days
                };
        return rows("steps", requested, window);
    }

    /// Whole hours, rounded up; `fallback` when it is absent (0).
    static int hours(String name, long seconds, int fallback) {
        if (seconds < 0 || seconds > MAX_AHEAD_SECONDS) {
            throw invalid(
                    "%s=%d must be in [0, %d], a week; 0 means %d hours",
                    name, seconds, MAX_AHEAD_SECONDS, fallback);
        }
        return seconds == 0 ? fallback : (int) Math.ceilDiv(seconds, 3_600L);
    }

    /// When something begins; 0 is at once.
    static long fromMs(long requested, long nowMs) {
        if (requested != 0 && (requested < nowMs - 60_000 || requested > nowMs + MAX_LEAD_MS)) {
            throw invalid(
                    "fromMs=%d must be 0, or a time from now (%d) to 30 days ahead",
                    requested, nowMs);
        }
        return requested;
    }

    /// `SET_CPU_QUOTA` or `set-cpu-quota`.
    static ActionType actionType(String name) {
        for (ActionType type : ActionType.values()) {
            boolean real = type != ActionType.NULL_VAL && type != ActionType.SBE_UNKNOWN;
            if (real && type.name().equalsIgnoreCase(name.replace('-', '_'))) {
                return type;
            }
        }
        throw invalid(
                "type=\"%s\" is no action. Maybe one of SET_VCPUS, SET_MEMORY, LIVE_MIGRATE, SET_CPU_QUOTA, SET_CPU_SHARES, PIN_VCPUS, START, STOP?",
                name);
    }

    /// In canonical form; empty where the type has none.
    static String setting(ActionType type, String text) {
        VmSetting setting = VmSetting.of(type);
        if (setting == null) {
            return "";
        }
        try {
            return setting.parse(text);
        } catch (IllegalArgumentException e) {
            throw invalid("%s", String.valueOf(e.getMessage()));
        }
    }

    static String who(String who) {
        return who.isBlank() ? "operator" : text("who", who, MAX_WHO_LENGTH);
    }

    static String reason(String reason) {
        return text("reason", reason, MAX_REASON_LENGTH);
    }

    static void affinities(int count) {
        if (count > MAX_AFFINITIES) {
            throw invalid(
                    "affinity and antiAffinity name %d vms, must be at most %d",
                    count, MAX_AFFINITIES);
        }
    }

    private static int rows(String name, int requested, int max) {
        if (requested < 0 || requested > max) {
            throw invalid("%s=%d must be in [0, %d]; 0 means all", name, requested, max);
        }
        return requested == 0 ? max : requested;
    }

    /// Text that goes into the audit log: short, and on one line.
    private static String text(String name, String text, int maxLength) {
        if (text.length() > maxLength) {
            throw invalid("%s has %d characters, at most %d", name, text.length(), maxLength);
        }
        if (text.chars().anyMatch(Character::isISOControl)) {
            throw invalid("%s must not contain control characters or line breaks", name);
        }
        return text.strip();
    }

    private static CommandException invalid(String format, Object... arguments) {
        return new CommandException(CommandException.Kind.INVALID, format.formatted(arguments));
    }
}
