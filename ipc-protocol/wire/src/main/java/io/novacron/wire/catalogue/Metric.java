package io.novacron.wire.catalogue;

import io.novacron.wire.sbe.EntityKind;

/// One named quantity of an entity. Its id is on the wire for ever; the rest may be refined.
///
/// @param name dotted, e.g. `cpu.usage`
/// @param unit e.g. `bytes_per_second`
/// @param cellRule how the samples of one 60 s cell become its value
/// @param min the least value that is not absurd
/// @param max the greatest value that is not absurd
/// @param scale how roll-ups quantise it
/// @param forecast whether it is forecast, and so kept in roll-ups
public record Metric(
        int id,
        String name,
        String unit,
        Kind kind,
        Scope scope,
        CellRule cellRule,
        float min,
        float max,
        Scale scale,
        boolean forecast,
        String description) {
    public Metric {
        if (name.isEmpty() || unit.isEmpty() || !(min <= max)) {
            throw new IllegalArgumentException(
                    "name=%s unit=%s min=%s max=%s must have a name, a unit and min <= max"
                            .formatted(name, unit, min, max));
        }
    }

    /// Whether a value is a level or a speed.
    public enum Kind {
        GAUGE,
        RATE
    }

    /// Which entities have the metric.
    public enum Scope {
        HOST,
        VM,
        BOTH
    }

    /// How samples become one cell.
    public enum CellRule {
        MEAN,
        MAX,
        LAST
    }

    /// Even steps, or steps that grow with the value.
    public enum Scale {
        LINEAR,
        LOG
    }

    /// Whether hosts have it.
    public boolean ofHosts() {
        return scope != Scope.VM;
    }

    /// Whether vms have it.
    public boolean ofVms() {
        return scope != Scope.HOST;
    }

    /// Whether the value is finite and not absurd.
    public boolean inRange(float value) {
        return value >= min && value <= max;
    }

    /// The metric's name for one kind of entity as Prometheus wants it: prefixed, in snake case,
    /// the unit last unless the name ends in it, e.g. `novacron_vm_cpu_usage_percent`.
    public String prometheusName(EntityKind entityKind) {
        String prefix = entityKind == EntityKind.HOST ? "novacron_host_" : "novacron_vm_";
        return prefix + columnName();
    }

    /// The metric's name as a column of a table: snake case, the unit last unless the name ends in
    /// it, e.g. `cpu_usage_percent`.
    public String columnName() {
        String base = name.replace('.', '_');
        return base.endsWith("_" + unit) ? base : base + "_" + unit;
    }
}
