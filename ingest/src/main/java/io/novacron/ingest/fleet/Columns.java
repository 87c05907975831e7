package io.novacron.ingest.fleet;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// All tiles of one resolution: by metric, then by 64 slots. The fleet thread owns it.
///
/// **What readers see.** A publication holds copies of the arrays of tiles, so it goes on to see
/// the tiles that it was made with. A tile made since the last publication is the writer's alone.
/// In an older one the writer still fills rows of open steps, which no publication shows; but to
/// change a closed step it first makes a copy, and works on that. The old tile is used again when
/// no view that can see it is pinned. So a view is unchanging without a lock on either side, and
/// the common case, samples of the minute that is open, copies nothing.
final class Columns {
    /// Steps after the last closed one that are written in place. Rows give way for them that only
    /// views more than [FleetStore#VIEW_MINUTES] old can see, and those have expired.
    static final int OPEN_STEPS = 4;

    private static final int TILES_IN_SLAB = 16;
    private static final int NEVER = Integer.MIN_VALUE / 2;

    private record Retired(Tile tile, long lastPublication) {}

    private final Resolution resolution;
    private final Arena arena;
    private final int rowLength;
    private final int planes;
    private final MemorySegment missingRow;
    private final @Nullable Tile[][] tiles;
    private final @Nullable Tile[][] published;
    private final boolean[] changed;
    private final ArrayDeque<Tile> free = new ArrayDeque<>();
    private final ArrayDeque<Retired> retired = new ArrayDeque<>();

    private long building = 1;
    private int closed = NEVER;
    private int highest = NEVER; // step ever written
    private @Nullable BeforeImages images; // of a snapshot that is being written down
    private int imagesAfter; // rows of later steps are in it already
    private long tilesAllocated;
    private long tilesCopied;
    private long tilesReplaced;
    private int tilesInUse;

    Columns(
            Resolution resolution,
            Arena arena,
            int metrics,
            int cellLength,
            int planes,
            MemorySegment missingRow) {
        this.resolution = resolution;
        this.arena = arena;
        this.rowLength = Tile.LANES * cellLength;
        this.planes = planes;
        this.missingRow = missingRow;
        this.tiles = new @Nullable Tile[metrics][0];
        this.published = new @Nullable Tile[metrics][0];
        this.changed = new boolean[metrics];
    }

    int tileCount(int metric) {
        return tiles[metric].length;
    }

    @Nullable Tile tile(int metric, int index) {
        @Nullable Tile[] column = tiles[metric];
        return index < column.length ? column[index] : null;
    }

    /// The tile in which this step's row may be written, the row cleared if it was another step's.
    ///
    /// @return null when the row is already a later step's
    @Nullable Tile writable(int metric, int index, int step) {
        Tile tile = tile(metric, index);
        if (tile == null) {
            tile = place(metric, index, take());
        }
        int row = resolution.row(step);
        if (tile.tags[row] > step) {
            return null;
        }
        boolean open = step > closed && step <= closed + OPEN_STEPS;
        if (!open) {
            tile = unshared(metric, index, tile);
        }
        if (tile.tags[row] != step) {
            if (images != null) {
                keepBefore(images, tile, metric, index, row);
            }
            clearRow(tile, row);
            tile.tags[row] = step;
            highest = Math.max(highest, step);
        }
        return tile;
    }

    /// Keeps a row of a snapshot's tile that is about to be used for another step, once: a row of a
    /// step that was open at the snapshot, or has been opened since, is kept already.
    private void keepBefore(BeforeImages into, Tile tile, int metric, int index, int row) {
        if (tile.madeFor <= into.publication
                && tile.tags[row] <= imagesAfter
                && !into.keep(resolution, metric, index, tile, row, rowLength, planes)) {
            images = null;
        }
    }

    /// Begins to keep what is written over in the tiles of the last publication; the rows of its
    /// open steps at once, for they are written to in place.
    void keepImages(BeforeImages into) {
        images = into;
        imagesAfter = closed;
        int steps = Math.min(Math.max(0, highest - closed), resolution.rows());
        for (int metric = 0; steps > 0 && metric < published.length; metric++) {
            @Nullable Tile[] column = published[metric];
            for (int index = 0; index < column.length; index++) {
                Tile tile = column[index];
                for (int ahead = 1; tile != null && ahead <= steps; ahead++) {
                    int row = resolution.row(closed + ahead);
                    if (tile.tags[row] > closed) {
                        into.keep(resolution, metric, index, tile, row, rowLength, planes);
                    }
                }
            }
        }
    }

    /// The tiles as the writer has them, for a snapshot while nothing is written.
    @Nullable Tile[][] current() {
        return tiles.clone();
    }

    int closed() {
        return closed;
    }

    int rowLength() {
        return rowLength;
    }

    int planes() {
        return planes;
    }

    /// A tile read from a checkpoint goes where it was, to the writer, to readers or to both. All
    /// its rows are unused yet.
    Tile restore(int metric, int index, boolean current, boolean shown) {
        Tile tile = take();
        tile.madeFor = shown ? building - 1 : building;
        if (current) {
            place(metric, index, tile);
        } else {
            retired.add(new Retired(tile, building - 1));
        }
        if (shown) {
            if (index >= published[metric].length) {
                int length = Math.max(index + 1, published[metric].length * 3 / 2);
                published[metric] = Arrays.copyOf(published[metric], length);
            }
            published[metric][index] = tile;
        }
        return tile;
    }

    /// Before [#restore]: what was published last.
    void restoreClosed(long publication, int lastClosed) {
        building = publication + 1;
        closed = lastClosed;
    }

    void noteRestored(int step) {
        highest = Math.max(highest, step);
    }

    /// After [#restore]: the arrays of the last publication.
    @Nullable Tile[][] restored() {
        return published.clone();
    }

    /// The tile with all its rows open to change, or null when there is none.
    @Nullable Tile unshared(int metric, int index) {
        Tile tile = tile(metric, index);
        return tile == null ? null : unshared(metric, index, tile);
    }

    private Tile unshared(int metric, int index, Tile tile) {
        if (tile.madeFor == building) {
            return tile;
        }
        Tile copy = take();
        copy.copyFrom(tile);
        retired.add(new Retired(tile, building - 1));
        tilesCopied++;
        return place(metric, index, copy);
    }

    private Tile place(int metric, int index, Tile tile) {
        if (index >= tiles[metric].length) {
            int length = Math.max(index + 1, tiles[metric].length * 3 / 2);
            tiles[metric] = Arrays.copyOf(tiles[metric], length);
        }
        tiles[metric][index] = tile;
        tilesReplaced++;
        changed[metric] = true;
        return tile;
    }

    private Tile take() {
        if (free.isEmpty()) {
            long tileLength = planeLength() * planes;
            MemorySegment slab = OffHeap.allocate(tileLength * TILES_IN_SLAB, arena);
            for (int i = 0; i < TILES_IN_SLAB; i++) {
                free.add(new Tile(slab.asSlice(i * tileLength, tileLength), resolution.rows()));
            }
        }
        Tile tile = free.remove();
        tile.madeFor = building;
        tilesAllocated++;
        tilesInUse++;
        return tile;
    }

    private void clearRow(Tile tile, int row) {
        for (int plane = 0; plane < planes; plane++) {
            long offset = plane * planeLength() + (long) row * rowLength;
            MemorySegment.copy(missingRow, JAVA_BYTE, 0, tile.memory, JAVA_BYTE, offset, rowLength);
        }
        byte[] counts = tile.counts;
        if (counts != null) {
            Arrays.fill(counts, row * Tile.LANES, (row + 1) * Tile.LANES, (byte) 0);
        }
    }

    long planeLength() {
        return (long) resolution.rows() * rowLength;
    }

    long rowOffset(int step) {
        return (long) resolution.row(step) * rowLength;
    }

    /// The arrays of a publication, which nobody changes any more.
    @Nullable Tile[][] publish(int lastClosed) {
        for (int metric = 0; metric < tiles.length; metric++) {
            if (changed[metric]) {
                published[metric] = tiles[metric].clone();
                changed[metric] = false;
            }
        }
        closed = lastClosed;
        building++;
        return published.clone();
    }

    /// Takes back the tiles that only publications before `oldest` can see.
    void reclaim(long oldest) {
        while (!retired.isEmpty() && retired.element().lastPublication() < oldest) {
            Tile tile = retired.remove().tile();
            tile.reset();
            free.add(tile);
            tilesInUse--;
        }
    }

    long tilesAllocated() {
        return tilesAllocated;
    }

    /// Counts the tiles that came into a place, so that who keeps one knows when to look again.
    long tilesReplaced() {
        return tilesReplaced;
    }

    long tilesCopied() {
        return tilesCopied;
    }

    long bytesInUse() {
        return tilesInUse * planeLength() * planes;
    }
}
