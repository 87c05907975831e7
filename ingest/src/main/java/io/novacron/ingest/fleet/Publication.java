package io.novacron.ingest.fleet;

import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// What the fleet thread hands to readers at the end of a tick; nothing in it changes afterwards.
///
/// @param columns by resolution, metric id and tile
record Publication(
        long number,
        long tick,
        long timeMs,
        @Nullable Entity[] entities,
        Map<UUID, Integer> slots,
        @Nullable Tile[][][] columns) {
    private static final @Nullable Tile[] NONE = {};

    @Nullable Tile[] column(Resolution resolution, int metricId) {
        @Nullable Tile[][] metrics = columns[resolution.ordinal()];
        return metricId >= 0 && metricId < metrics.length ? metrics[metricId] : NONE;
    }
}
