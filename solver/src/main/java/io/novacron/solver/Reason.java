package io.novacron.solver;

import java.util.List;
import java.util.Locale;

/// One reason for an answer, or against one: a code for programs, a sentence for people, and the
/// numbers that both rest on.
public record Reason(Code code, String text, List<Figure> figures) {
    /// What a reason says. Codes are kept once published; texts may change.
    public enum Code {
        CPU_SATURATED,
        CPU_UNDER_PROVISIONED,
        CPU_OVER_PROVISIONED,
        MEMORY_UNDER_PROVISIONED,
        MEMORY_OVER_PROVISIONED,
        WORKING_SET_FLOOR,
        HOT_ADD_MAXIMUM,
        HOST_ROOM,
        STEP_LIMIT,
        VCPU_UNPLUG_UNRELIABLE,
        NO_FORECAST,
        SOURCE_OVERLOADED,
        PART_OF_RELIEF,
        DESTINATION_SAFE,
        MIGRATION_SLOW,
        DIRTY_RATE_UNKNOWN,
        HOST_STILL_HOT,
        NO_LEGAL_MOVE,
        WORK_LIMIT,
        CONTENTION,
        SHAPE,
        PACKING,
        MAKES_ROOM,
        NO_ORDER,
        RULES_CONFLICT,
        HOST_DRAINED,
        GROUP_DEMAND,
        GROUP_FORECAST,
        GROUP_SATURATED,
        GROUP_OVER_PROVISIONED,
        GROUP_MINIMUM,
        GROUP_MAXIMUM,
        STARTED_EARLIER,
        START_LIMIT,
        COOL_DOWN
    }

    public Reason {
        figures = List.copyOf(figures);
    }

    static Reason of(Code code, List<Figure> figures, String format, Object... arguments) {
        return new Reason(code, String.format(Locale.ROOT, format, arguments), figures);
    }
}
