package io.novacron.ingest.fleet;

import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Folds a view into 64 bits, by slot, metric and step, never by memory order.
final class StateHash {
    private static final long PRIME = 0x9E37_79B9_7F4A_7C15L;

    private long hash = PRIME;

    private StateHash() {}

    static long of(FleetView view, int[] metricIds) {
        var state = new StateHash();
        state.mix(view.tick());
        state.mix(view.timeMs());
        for (int slot = 0; slot < view.slotCount(); slot++) {
            state.entity(view.entity(slot));
        }
        for (Resolution resolution : Resolution.values()) {
            var window = new float[resolution.steps() * Tile.LANES];
            for (int metricId : metricIds) {
                for (int slot = 0; slot < view.slotCount(); slot += Tile.LANES) {
                    for (Statistic statistic : Statistic.values()) {
                        view.copyWindow(
                                metricId,
                                resolution,
                                statistic,
                                slot,
                                Tile.LANES,
                                resolution.steps(),
                                window);
                        state.window(window);
                    }
                }
            }
        }
        return state.hash;
    }

    private void entity(@Nullable Entity entity) {
        if (entity == null) {
            mix(0);
            return;
        }
        mix(entity.generation());
        mix(entity.uuid().getMostSignificantBits());
        mix(entity.uuid().getLeastSignificantBits());
        mix(entity.hostSlot());
        mix(entity.vcpus());
        mix(entity.maxVcpus());
        mix(entity.memoryBytes());
        mix(entity.maxMemoryBytes());
        mix(entity.diskBytes());
        mix(entity.firstSeenMs());
        mix(entity.kind().value());
        mix(entity.state().value());
        mix(entity.vanished() ? 1 : 0);
        mix(entity.name().hashCode());
        mix(new TreeMap<>(entity.labels()).toString().hashCode());
    }

    private void window(float[] window) {
        for (int i = 0; i < window.length; i++) {
            if (!Float.isNaN(window[i])) {
                mix((long) i << Integer.SIZE | Float.floatToRawIntBits(window[i]) & 0xFFFF_FFFFL);
            }
        }
        mix(window.length);
    }

    private void mix(long value) {
        hash = (hash ^ value) * PRIME;
        hash ^= hash >>> Integer.SIZE;
    }
}
