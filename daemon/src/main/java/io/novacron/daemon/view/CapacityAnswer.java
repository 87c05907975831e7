package io.novacron.daemon.view;

import java.util.List;

/// Capacity as of the end of the last whole hour.
///
/// @param rows the fleet first, then groups, then hosts, each by name
public record CapacityAnswer(long fromMs, CapacityQuery query, List<CapacityRow> rows) {
    public CapacityAnswer {
        rows = List.copyOf(rows);
    }
}
