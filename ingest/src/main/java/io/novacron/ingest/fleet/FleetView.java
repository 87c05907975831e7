package io.novacron.ingest.fleet;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// The fleet as of one closed tick. It does not change while it is pinned; close it when done, at
/// the latest [FleetStore#VIEW_MINUTES] minutes after its tick. Any thread, also several at once.
public final class FleetView implements AutoCloseable {
    /// How far back [#last] looks, in steps of 60 s.
    public static final int LAST_STEPS = 5;

    private static final int BYTES_PER_FLOAT = Float.BYTES;

    private final FleetStore store;
    private final Publication publication;
    private final int place;
    private boolean closed;

    FleetView(FleetStore store, Publication publication, int place) {
        this.store = store;
        this.publication = publication;
        this.place = place;
    }

    public long tick() {
        return publication.tick();
    }

    public long timeMs() {
        return publication.timeMs();
    }

    /// One more than the highest slot ever used.
    public int slotCount() {
        return publication.entities().length;
    }

    /// The entity in a slot, or null when the slot is free.
    public @Nullable Entity entity(int slot) {
        @Nullable Entity[] entities = publication.entities();
        return slot >= 0 && slot < entities.length ? entities[slot] : null;
    }

    /// The slot of an entity, or -1.
    public int slotOf(UUID uuid) {
        return publication.slots().getOrDefault(uuid, -1);
    }

    /// The slots of all entities. Immutable: it may be kept after the view is closed.
    public Map<UUID, Integer> slots() {
        return publication.slots();
    }

    /// The end of the last step that a window of this resolution shows.
    public long windowEndMs(Resolution resolution) {
        return (resolution.lastClosed(timeMs()) + 1L) * resolution.stepMs();
    }

    /// Copies the last `steps` steps of `slotCount` slots: `out[step × slotCount + i]`, oldest
    /// first, NaN where there is no sample (also where the metric has no such resolution).
    public void copyWindow(
            int metricId,
            Resolution resolution,
            Statistic statistic,
            int firstSlot,
            int slotCount,
            int steps,
            float[] out) {
        if (firstSlot < 0 || slotCount < 0 || steps < 0) {
            throw new IllegalArgumentException(
                    "firstSlot=%d slotCount=%d steps=%d must not be negative"
                            .formatted(firstSlot, slotCount, steps));
        }
        Objects.checkFromIndexSize(0, (long) steps * slotCount, out.length);
        Arrays.fill(out, 0, steps * slotCount, Float.NaN);
        @Nullable Tile[] column = publication.column(resolution, metricId);
        int last = resolution.lastClosed(timeMs());
        int visible = Math.min(steps, resolution.steps());
        int endSlot = firstSlot + slotCount;
        for (int slot = firstSlot; slot < endSlot; ) {
            int index = slot >> Tile.LANE_SHIFT;
            int lane = slot & Tile.LANE_MASK;
            int lanes = Math.min(Tile.LANES - lane, endSlot - slot);
            Tile tile = index < column.length ? column[index] : null;
            if (tile != null) {
                for (int back = 0; back < visible; back++) {
                    int position = (steps - 1 - back) * slotCount + slot - firstSlot;
                    copyRow(
                            metricId,
                            resolution,
                            statistic,
                            tile,
                            last - back,
                            lane,
                            lanes,
                            out,
                            position);
                }
            }
            slot += lanes;
        }
        checkNotExpired();
    }

    private void copyRow(
            int metricId,
            Resolution resolution,
            Statistic statistic,
            Tile tile,
            int step,
            int lane,
            int lanes,
            float[] out,
            int position) {
        int row = resolution.row(step);
        if (tile.tags[row] != step) {
            return;
        }
        long cell = (long) row * Tile.LANES + lane;
        if (resolution == Resolution.MINUTE) {
            MemorySegment.copy(
                    tile.memory,
                    JAVA_FLOAT_UNALIGNED,
                    cell * BYTES_PER_FLOAT,
                    out,
                    position,
                    lanes);
            return;
        }
        ScaledValues scale = store.scale(metricId);
        long plane = statistic == Statistic.MEAN ? 0 : (long) resolution.rows() * Tile.LANES;
        for (int i = 0; i < lanes; i++) {
            long offset = (plane + cell + i) * Short.BYTES;
            out[position + i] = scale.decode(tile.memory.get(JAVA_SHORT_UNALIGNED, offset));
        }
    }

    /// The last 60 s cell with a value, if it is among the last [#LAST_STEPS]; else NaN.
    public float last(int metricId, int slot) {
        @Nullable Tile[] column = publication.column(Resolution.MINUTE, metricId);
        int index = slot >> Tile.LANE_SHIFT;
        float value = Float.NaN;
        Tile tile = slot >= 0 && index < column.length ? column[index] : null;
        if (tile != null) {
            int last = Resolution.MINUTE.lastClosed(timeMs());
            for (int back = 0; back < LAST_STEPS && Float.isNaN(value); back++) {
                int row = Resolution.MINUTE.row(last - back);
                if (tile.tags[row] == last - back) {
                    long cell = (long) row * Tile.LANES + (slot & Tile.LANE_MASK);
                    value = tile.memory.get(JAVA_FLOAT_UNALIGNED, cell * BYTES_PER_FLOAT);
                }
            }
            checkNotExpired();
        }
        return value;
    }

    /// A digest of everything that can be seen: equal for equal contents, however they came to be.
    /// A replay of the same journal up to the same tick has the same.
    public long stateHash() {
        return StateHash.of(this, store.metricIds());
    }

    @Nullable Entity[] entities() {
        return publication.entities();
    }

    private void checkNotExpired() {
        VarHandle.acquireFence(); // what was read comes before the look at the mark
        if (closed || store.firstReadable() > publication.number()) {
            throw new ViewExpiredException(tick());
        }
    }

    /// Idempotent.
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            store.unpin(place);
        }
    }
}
