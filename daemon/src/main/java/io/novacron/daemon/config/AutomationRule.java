package io.novacron.daemon.config;

import io.novacron.wire.sbe.ActionType;
import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Which changes of which entities at which times, as one line:
///
/// ```text
///  NAME: TYPES [where LABELS] [at WINDOW]
///  night: set-vcpus,set-memory where env=dev,critical!=yes at mon-fri 22:00-06:00
///  freeze: any at 2026-12-20T00:00:00Z/2027-01-02T00:00:00Z
/// ```
///
/// Types are action types or `any`; all labels must hold (`a=b`, `a!=b`), a vm's before its host's.
/// Times are UTC; a window that ends before it begins ends on the next day.
public record AutomationRule(
        String name, Set<ActionType> types, List<Condition> labels, Window window, String text) {
    private static final Pattern TEXT =
            Pattern.compile("([a-z0-9-]+): ([a-z,-]+)(?: where (\\S+))?(?: at (.+))?");
    private static final Pattern WEEKLY =
            Pattern.compile(
                    "(?:([a-z]{3}(?:[-,][a-z]{3})*) )?(\\d\\d:\\d\\d)-(\\d\\d:\\d\\d|24:00)");
    private static final List<String> DAYS =
            List.of("mon", "tue", "wed", "thu", "fri", "sat", "sun");
    private static final int MINUTES_OF_DAY = 24 * 60;

    public AutomationRule {
        types = Set.copyOf(types);
        labels = List.copyOf(labels);
    }

    /// One label that must be so, or must not.
    public record Condition(String label, String value, boolean equal) {
        boolean holds(Map<String, String> of) {
            return value.equals(of.get(label)) == equal;
        }
    }

    /// When.
    public sealed interface Window {
        /// Whether the time is in it.
        boolean contains(long timeMs);

        /// At any time.
        record Always() implements Window {
            @Override
            public boolean contains(long timeMs) {
                return true;
            }
        }

        /// Once.
        record Once(long fromMs, long toMs) implements Window {
            @Override
            public boolean contains(long timeMs) {
                return timeMs >= fromMs && timeMs < toMs;
            }
        }

        /// On these days, from minute to minute; the days are those on which it begins.
        record Weekly(Set<DayOfWeek> days, int fromMinute, int toMinute) implements Window {
            public Weekly {
                days = Set.copyOf(days);
            }

            @Override
            public boolean contains(long timeMs) {
                OffsetDateTime time = Instant.ofEpochMilli(timeMs).atOffset(ZoneOffset.UTC);
                int minute = time.getHour() * 60 + time.getMinute();
                boolean begunToday = days.contains(time.getDayOfWeek());
                if (fromMinute < toMinute) {
                    return begunToday && minute >= fromMinute && minute < toMinute;
                }
                boolean begunYesterday = days.contains(time.getDayOfWeek().minus(1));
                return (begunToday && minute >= fromMinute)
                        || (begunYesterday && minute < toMinute);
            }
        }
    }

    /// Whether it speaks of such a change at this time.
    public boolean matches(ActionType type, Map<String, String> of, long timeMs) {
        return covers(type, of) && window.contains(timeMs);
    }

    /// Whether it speaks of such a change at some time.
    public boolean covers(ActionType type, Map<String, String> of) {
        return types.contains(type) && labels.stream().allMatch(label -> label.holds(of));
    }

    /// Reads a line.
    ///
    /// @throws IllegalArgumentException whose message says what is wrong, without the line itself
    static AutomationRule parse(String text) {
        Matcher rule = TEXT.matcher(text);
        if (!rule.matches()) {
            throw new IllegalArgumentException(
                    "must be NAME: TYPES [where LABELS] [at WINDOW]. Maybe \"night: set-vcpus where"
                            + " env=dev at 22:00-06:00\"?");
        }
        return new AutomationRule(
                rule.group(1),
                types(rule.group(2)),
                rule.group(3) == null ? List.of() : labels(rule.group(3)),
                rule.group(4) == null ? new Window.Always() : window(rule.group(4)),
                text);
    }

    private static Set<ActionType> types(String text) {
        var types = EnumSet.noneOf(ActionType.class);
        var known = new ArrayList<String>();
        for (ActionType type : ActionType.values()) {
            if (type == ActionType.NULL_VAL || type == ActionType.SBE_UNKNOWN) {
                continue;
            }
            String name = type.name().toLowerCase(Locale.ROOT).replace('_', '-');
            known.add(name);
            if (text.equals("any") || List.of(text.split(",", -1)).contains(name)) {
                types.add(type);
            }
        }
        for (String name : text.split(",", -1)) {
            if (!name.equals("any") && !known.contains(name)) {
                throw new IllegalArgumentException(
                        "has the type %s; it must be any, %s"
                                .formatted(name, String.join(", ", known)));
            }
        }
        return types;
    }

    private static List<Condition> labels(String text) {
        var conditions = new ArrayList<Condition>();
        for (String part : text.split(",", -1)) {
            boolean differs = part.contains("!=");
            int at = part.indexOf(differs ? "!=" : "=");
            if (at <= 0) {
                throw new IllegalArgumentException(
                        "has the label %s; it must be a=b or a!=b".formatted(part));
            }
            conditions.add(
                    new Condition(
                            part.substring(0, at),
                            part.substring(at + (differs ? 2 : 1)),
                            !differs));
        }
        return conditions;
    }

    private static Window window(String text) {
        Matcher weekly = WEEKLY.matcher(text);
        try {
            if (weekly.matches()) {
                return new Window.Weekly(
                        weekly.group(1) == null ? EnumSet.allOf(DayOfWeek.class) : days(weekly),
                        minute(weekly.group(2)),
                        minute(weekly.group(3)));
            }
            String[] ends = text.split("/", -1);
            if (ends.length == 2) {
                long fromMs = Instant.parse(ends[0]).toEpochMilli();
                long toMs = Instant.parse(ends[1]).toEpochMilli();
                if (fromMs < toMs) {
                    return new Window.Once(fromMs, toMs);
                }
            }
        } catch (DateTimeException _) {
            // said below
        }
        throw new IllegalArgumentException(
                "has the window %s; it must be like 22:00-06:00, mon-fri 09:00-17:00 or FROM/TO with times like 2026-12-20T00:00:00Z"
                        .formatted(text));
    }

    private static int minute(String time) {
        return time.equals("24:00") ? MINUTES_OF_DAY : LocalTime.parse(time).toSecondOfDay() / 60;
    }

    private static Set<DayOfWeek> days(Matcher weekly) {
        var days = EnumSet.noneOf(DayOfWeek.class);
        for (String part : weekly.group(1).split(",", -1)) {
            String[] ends = part.split("-", -1);
            int from = DAYS.indexOf(ends[0]);
            int to = DAYS.indexOf(ends[ends.length - 1]);
            if (from < 0 || to < 0) {
                throw new DateTimeException(part);
            }
            for (int day = from; ; day = (day + 1) % DAYS.size()) {
                days.add(DayOfWeek.of(day + 1));
                if (day == to) {
                    break;
                }
            }
        }
        return days;
    }

    @Override
    public String toString() {
        return text;
    }
}
