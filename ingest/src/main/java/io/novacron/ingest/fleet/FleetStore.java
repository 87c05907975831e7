package io.novacron.ingest.fleet;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import io.novacron.ingest.fleet.kernel.CellKernel;
import io.novacron.ingest.statistics.Counter;
import io.novacron.ingest.statistics.IngestStatistics;
import io.novacron.wire.catalogue.Metric;
import io.novacron.wire.catalogue.MetricCatalogue;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// The daemon's memory of all entities and their recent windows. The fleet thread writes; anybody
/// may [#pin] a view of the last closed tick. Readers never wait for the writer nor it for them.
///
/// Bounded by the number of slots: about 3.8 MB for each 64 entities with all metrics, allocated
/// tile by tile on first use.
public final class FleetStore implements AutoCloseable {
    /// How long a view may be pinned, in minutes of ticks. After it the view's rows are reused and
    /// reading it throws [ViewExpiredException].
    public static final int VIEW_MINUTES = 4;

    private static final int NONE = Integer.MIN_VALUE / 2;
    private static final int ROLL_UP_PLANES = 2;
    private static final int MAX_COUNT = 255;
    private static final int OPEN_MINUTES = 4; // a power of two
    private static final int OPEN_MASK = OPEN_MINUTES - 1;
    private static final long IMAGES_LIMIT_BYTES = 64L * 1024 * 1024;

    private record Closed(long number, int minute) {}

    private final MetricCatalogue catalogue;
    private final IngestStatistics statistics;
    private final Arena arena = Arena.ofShared();
    private final Columns minutes;
    private final Columns fiveMinutes;
    private final Columns hours;
    private final @Nullable ScaledValues[] scales;
    private final RollUps rollUps;
    private final Pins pins = new Pins();
    private final ArrayDeque<Closed> recent = new ArrayDeque<>();

    private int closedMinute = NONE;
    private long number;
    private long lastTimeMs = Long.MIN_VALUE;
    private long tilesCounted;
    private long copiesCounted;

    // Tiles that are open for the minutes that samples come of: see openMinute.
    private final CellKernel cells = CellKernel.best();
    private final int[] openMinutes = new int[OPEN_MINUTES];
    private final @Nullable Tile[][][] openTiles;
    private long openReplaced;

    // Written by the fleet thread at the end of a tick, read by pin(): volatile, see Pins.
    private volatile Publication current;
    // Written before rows of older publications are reused, read after a copy: volatile.
    private volatile long firstReadable = 1;
    // Set by the fleet thread at a snapshot, cleared by who has written it down: volatile. Tiles of
    // this publication are not used again meanwhile, however old its views are.
    private volatile long held = Long.MAX_VALUE;

    public FleetStore(MetricCatalogue catalogue, IngestStatistics statistics) {
        this.catalogue = catalogue;
        this.statistics = statistics;
        int metrics = catalogue.idLimit();
        MemorySegment missingFloats = arena.allocate((long) Tile.LANES * Float.BYTES);
        MemorySegment missingShorts = arena.allocate((long) Tile.LANES * Short.BYTES);
        for (int lane = 0; lane < Tile.LANES; lane++) {
            missingFloats.setAtIndex(JAVA_FLOAT_UNALIGNED, lane, Float.NaN);
            missingShorts.setAtIndex(JAVA_SHORT_UNALIGNED, lane, ScaledValues.MISSING);
        }
        minutes = new Columns(Resolution.MINUTE, arena, metrics, Float.BYTES, 1, missingFloats);
        fiveMinutes = rollUp(Resolution.FIVE_MINUTES, metrics, missingShorts);
        hours = rollUp(Resolution.HOUR, metrics, missingShorts);
        openTiles = new @Nullable Tile[OPEN_MINUTES][metrics][0];
        Arrays.fill(openMinutes, NONE);
        scales = new @Nullable ScaledValues[metrics];
        for (Metric metric : catalogue.forecastMetrics()) {
            scales[metric.id()] = new ScaledValues(metric);
        }
        rollUps = new RollUps(minutes, fiveMinutes, hours, scales);
        current =
                new Publication(
                        0,
                        0,
                        0,
                        new @Nullable Entity[0],
                        Map.of(),
                        new @Nullable Tile[][][] {{}, {}, {}});
    }

    private Columns rollUp(Resolution resolution, int metrics, MemorySegment missing) {
        return new Columns(resolution, arena, metrics, Short.BYTES, ROLL_UP_PLANES, missing);
    }

    /// The last published view; before the first tick an empty one. Close it when done.
    public FleetView pin() {
        while (true) {
            Publication candidate = current;
            int place = pins.take(Math.max(1, candidate.number()));
            if (place < 0) {
                statistics.increment(Counter.VIEWS_REFUSED);
                throw new IllegalStateException(
                        "%d views are pinned, which is the limit. Maybe one is never closed?"
                                .formatted(Pins.MAX));
            }
            if (candidate == current) {
                return new FleetView(this, candidate, place);
            }
            pins.release(place);
        }
    }

    /// Bytes of tiles in use, copies that readers still hold included.
    public long bytesInUse() {
        return minutes.bytesInUse() + fiveMinutes.bytesInUse() + hours.bytesInUse();
    }

    /// Views pinned now.
    public int viewsPinned() {
        return pins.count();
    }

    void unpin(int place) {
        pins.release(place);
    }

    long firstReadable() {
        return firstReadable;
    }

    ScaledValues scale(int metricId) {
        ScaledValues scale = scales[metricId];
        if (scale == null) {
            throw new IllegalArgumentException("metric id=%d has no roll-ups".formatted(metricId));
        }
        return scale;
    }

    int[] metricIds() {
        return catalogue.all().stream().mapToInt(Metric::id).toArray();
    }

    // The rest is the fleet thread's.

    /// Everything of the store as of now, for a checkpoint; cheap. At the end of a tick the writer
    /// may go on while the snapshot is written down; at any other time it must wait.
    StoreSnapshot snapshot(boolean atTick) {
        @Nullable BeforeImages images = null;
        if (atTick) {
            images = new BeforeImages(number, IMAGES_LIMIT_BYTES);
            held = number;
            for (Columns columns : columns()) {
                columns.keepImages(images);
            }
        }
        return StoreSnapshot.of(
                current, columns(), closedMinute, lastTimeMs, rollUps.changes(), images);
    }

    /// The tiles of the last snapshot may be used again. Any thread.
    void release() {
        held = Long.MAX_VALUE;
    }

    /// Columns by resolution.
    Columns[] columns() {
        return new Columns[] {minutes, fiveMinutes, hours};
    }

    /// After the columns: the rest of what a checkpoint holds.
    void restore(Publication last, int lastClosedMinute, long lastTickMs, RollUps.Changes changes) {
        current = last;
        number = last.number();
        closedMinute = lastClosedMinute;
        lastTimeMs = lastTickMs;
        rollUps.restore(changes);
        if (number > 0) {
            firstReadable = number;
            recent.add(new Closed(number, closedMinute));
        }
    }

    /// The last minute that a tick has closed.
    int closedMinute() {
        return closedMinute;
    }

    /// The tile in which the samples of 64 slots at this minute may be written.
    ///
    /// @param index of the tile: slot ÷ 64
    /// @return null when the minute is no longer kept
    @Nullable Tile openMinute(Metric metric, int index, int minute) {
        @Nullable Tile[][] open = openTiles[minute & OPEN_MASK];
        if (openMinutes[minute & OPEN_MASK] != minute || openReplaced != minutes.tilesReplaced()) {
            open = forgetOpen(minute);
        }
        @Nullable Tile[] column = open[metric.id()];
        Tile tile = index < column.length ? column[index] : null;
        return tile == null ? openMinuteAnew(metric, index, minute) : tile;
    }

    private @Nullable Tile openMinuteAnew(Metric metric, int index, int minute) {
        if (closedMinute != NONE && minute <= closedMinute - Resolution.MINUTE.steps()) {
            return null;
        }
        Tile tile = minutes.writable(metric.id(), index, minute);
        if (tile != null && metric.forecast()) {
            rollUps.minuteChanged(metric.id(), index, minute);
        }
        if (openReplaced != minutes.tilesReplaced()) {
            forgetOpen(metric.id(), index); // a new tile may have taken the place of an open one
        }
        @Nullable Tile[][] open = openTiles[minute & OPEN_MASK];
        @Nullable Tile[] column = open[metric.id()];
        if (index >= column.length) {
            column = Arrays.copyOf(column, minutes.tileCount(metric.id()) + 1);
            open[metric.id()] = column;
        }
        column[index] = tile;
        return tile;
    }

    /// Which tiles are open for a minute is known until a tick closes, a tile is replaced, or
    /// another minute wants the place.
    private @Nullable Tile[][] forgetOpen(int minute) {
        if (openReplaced != minutes.tilesReplaced()) {
            forgetOpen();
        }
        @Nullable Tile[][] open = openTiles[minute & OPEN_MASK];
        if (openMinutes[minute & OPEN_MASK] != minute) {
            openMinutes[minute & OPEN_MASK] = minute;
            for (@Nullable Tile[] column : open) {
                Arrays.fill(column, null);
            }
        }
        return open;
    }

    /// The one tile that was replaced since it was last looked.
    private void forgetOpen(int metric, int index) {
        openReplaced = minutes.tilesReplaced();
        for (@Nullable Tile[][] open : openTiles) {
            @Nullable Tile[] column = open[metric];
            if (index < column.length) {
                column[index] = null;
            }
        }
    }

    private void forgetOpen() {
        openReplaced = minutes.tilesReplaced();
        Arrays.fill(openMinutes, NONE);
        for (@Nullable Tile[][] open : openTiles) {
            for (@Nullable Tile[] column : open) {
                Arrays.fill(column, null);
            }
        }
    }

    /// Writes samples of neighbouring slots that are the first of their 60 s cells.
    ///
    /// @param slot of the sample at `from`; all of them lie in this tile
    /// @return a bit for each that was not written: see [CellKernel]
    long fill(Metric metric, Tile tile, int slot, int minute, float[] column, int from, int count) {
        int cell = Resolution.MINUTE.row(minute) * Tile.LANES + (slot & Tile.LANE_MASK);
        long offset = (long) cell * Float.BYTES;
        return cells.fill(column, from, count, tile.memory, offset, metric.min(), metric.max());
    }

    /// Folds one sample that is in range into its 60 s cell.
    void fold(Metric metric, Tile tile, int slot, int minute, float value) {
        int cell = Resolution.MINUTE.row(minute) * Tile.LANES + (slot & Tile.LANE_MASK);
        long offset = (long) cell * Float.BYTES;
        float old = tile.memory.get(JAVA_FLOAT_UNALIGNED, offset);
        float next = Float.isNaN(old) ? value : fold(metric, tile, cell, old, value);
        tile.memory.set(JAVA_FLOAT_UNALIGNED, offset, next);
    }

    private static float fold(Metric metric, Tile tile, int cell, float old, float value) {
        return switch (metric.cellRule()) {
            case LAST -> value;
            case MAX -> Math.max(old, value);
            case MEAN -> {
                int count = Math.max(1, count(tile, cell));
                if (count < MAX_COUNT) {
                    counts(tile)[cell] = (byte) (count + 1);
                }
                yield old + (value - old) / (count + 1);
            }
        };
    }

    /// Without the plane of counts each cell that has a value has one sample.
    private static int count(Tile tile, int cell) {
        byte[] counts = tile.counts;
        return counts == null ? 1 : counts[cell] & 0xFF;
    }

    private static byte[] counts(Tile tile) {
        byte[] counts = tile.counts;
        if (counts == null) {
            counts = new byte[tile.tags.length * Tile.LANES];
            tile.counts = counts;
        }
        return counts;
    }

    /// Writes one value of history into all 5 min cells from one step to another; the hours they
    /// belong to follow at the next tick. Writing it again changes nothing.
    ///
    /// @return whether at least one of the cells is still kept
    boolean history(Metric metric, int slot, int firstStep, int lastStep, float value) {
        return rollUps.history(metric.id(), slot, firstStep, lastStep, value);
    }

    /// Forgets everything of a slot, for its next owner.
    void clear(int slot) {
        for (int metricId : metricIds()) {
            clear(minutes, metricId, slot, Float.BYTES, 1);
            clear(fiveMinutes, metricId, slot, Short.BYTES, ROLL_UP_PLANES);
            clear(hours, metricId, slot, Short.BYTES, ROLL_UP_PLANES);
        }
    }

    private static void clear(Columns columns, int metricId, int slot, int cellLength, int planes) {
        Tile tile = columns.unshared(metricId, slot >> Tile.LANE_SHIFT);
        if (tile == null) {
            return;
        }
        int lane = slot & Tile.LANE_MASK;
        int rows = tile.tags.length * planes;
        byte[] counts = tile.counts;
        for (int row = 0; row < rows; row++) {
            long cell = (long) row * Tile.LANES + lane;
            if (cellLength == Float.BYTES) {
                tile.memory.setAtIndex(JAVA_FLOAT_UNALIGNED, cell, Float.NaN);
            } else {
                tile.memory.setAtIndex(JAVA_SHORT_UNALIGNED, cell, ScaledValues.MISSING);
            }
            if (counts != null) {
                counts[(int) cell] = 0;
            }
        }
    }

    /// Closes all minutes that are over at this time, computes the roll-ups they complete, and
    /// publishes the store as of now.
    void closeTick(long tick, long timeMs, @Nullable Entity[] entities, Map<UUID, Integer> slots) {
        if (timeMs <= lastTimeMs) {
            statistics.increment(Counter.TICKS_OUT_OF_ORDER);
        }
        lastTimeMs = Math.max(lastTimeMs, timeMs);
        closedMinute = Math.max(closedMinute, Resolution.MINUTE.lastClosed(lastTimeMs));
        forgetOpen();
        rollUps.close(lastTimeMs);
        number++;
        current =
                new Publication(
                        number,
                        tick,
                        lastTimeMs,
                        entities,
                        slots,
                        new @Nullable Tile[][][] {
                            minutes.publish(closedMinute),
                            fiveMinutes.publish(Resolution.FIVE_MINUTES.lastClosed(lastTimeMs)),
                            hours.publish(Resolution.HOUR.lastClosed(lastTimeMs))
                        });
        expire();
        statistics.increment(Counter.TICKS_CLOSED);
        count();
    }

    /// Views older than [#VIEW_MINUTES] lose their rows from here on.
    private void expire() {
        recent.add(new Closed(number, closedMinute));
        long first = firstReadable;
        while (recent.element().minute() < closedMinute - VIEW_MINUTES) {
            first = recent.remove().number() + 1;
        }
        if (first > firstReadable) {
            if (pins.oldest(firstReadable, first) < first) {
                statistics.increment(Counter.VIEWS_EXPIRED);
            }
            firstReadable = first;
            VarHandle.storeStoreFence(); // the mark comes before any row that it gives up
        }
        long oldest = Math.min(pins.oldest(first, number), held);
        minutes.reclaim(oldest);
        fiveMinutes.reclaim(oldest);
        hours.reclaim(oldest);
    }

    private void count() {
        long tiles =
                minutes.tilesAllocated() + fiveMinutes.tilesAllocated() + hours.tilesAllocated();
        long copies = minutes.tilesCopied() + fiveMinutes.tilesCopied() + hours.tilesCopied();
        statistics.add(Counter.TILES_ALLOCATED, tiles - copies - (tilesCounted - copiesCounted));
        statistics.add(Counter.TILES_COPIED, copies - copiesCounted);
        tilesCounted = tiles;
        copiesCounted = copies;
    }

    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
