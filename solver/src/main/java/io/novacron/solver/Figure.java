package io.novacron.solver;

import java.util.Objects;

/// A number with its name and unit, as it stands in costs, benefits and reasons. Names used by the
/// solver are constants here, so that readers can look for them.
public record Figure(String name, double value, String unit) {
    public static final String MEMORY_COPIED = "memory-copied";
    public static final String DURATION = "duration";
    public static final String DOWNTIME = "downtime";
    public static final String VCPUS_ADDED = "vcpus-added";
    public static final String MEMORY_ADDED = "memory-added";
    public static final String OVERLOAD_HOURS_ADDED = "overload-hours-added";
    public static final String OVERLOAD_HOURS_AVOIDED = "overload-hours-avoided";
    public static final String OVERLOAD_AVOIDED = "overload-avoided";
    public static final String RISK_BEFORE = "risk-before";
    public static final String RISK_AFTER = "risk-after";
    public static final String VCPUS_FREED = "vcpus-freed";
    public static final String MEMORY_FREED = "memory-freed";
    public static final String HEADROOM = "headroom";
    public static final String MEMBERS_ADDED = "members-added";
    public static final String MEMBERS_REMOVED = "members-removed";

    public Figure {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(unit, "unit");
    }

    static Figure bytes(String name, double value) {
        return new Figure(name, value, "bytes");
    }

    static Figure seconds(String name, double value) {
        return new Figure(name, value, "s");
    }

    static Figure hours(String name, double value) {
        return new Figure(name, value, "h");
    }

    static Figure probability(String name, double value) {
        return new Figure(name, value, "probability");
    }

    static Figure share(String name, double value) {
        return new Figure(name, value, "share");
    }
}
