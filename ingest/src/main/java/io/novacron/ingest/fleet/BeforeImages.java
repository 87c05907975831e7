package io.novacron.ingest.fleet;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Rows of a snapshot as they were before the fleet thread wrote over them. One for all
/// resolutions.
///
/// The tiles of a publication are not copied, so that a snapshot costs nearly nothing; but rows of
/// open steps are written in place ([Columns] tells which). The fleet thread therefore keeps a row
/// here, once, before the first such write after the snapshot. Who writes the snapshot down reads
/// all tiles first and then takes what is here, which stands in place of what it read: a row that
/// it saw half written is here, because it was put here, under the lock, before that write.
///
/// Bounded in bytes: past the limit the snapshot is given up, which [#seal] tells.
final class BeforeImages {
    /// One row: all planes of it, and the counts of its cells, or null where each has one sample.
    record Row(
            Resolution resolution,
            int metric,
            int index,
            int row,
            int tag,
            byte[] cells,
            byte @Nullable [] counts) {}

    /// Tiles made for a later publication are not in the snapshot.
    final long publication;

    private final long limitBytes;
    private final List<Row> rows = new ArrayList<>();
    private long bytes;
    private boolean sealed;

    BeforeImages(long publication, long limitBytes) {
        this.publication = publication;
        this.limitBytes = limitBytes;
    }

    /// Keeps a row as it is. The fleet thread alone calls it.
    ///
    /// @return false when nobody wants any more rows
    synchronized boolean keep(
            Resolution resolution,
            int metric,
            int index,
            Tile tile,
            int row,
            int rowLength,
            int planes) {
        if (sealed || bytes > limitBytes) {
            return false;
        }
        var cells = new byte[rowLength * planes];
        long planeLength = (long) resolution.rows() * rowLength;
        for (int plane = 0; plane < planes; plane++) {
            MemorySegment.copy(
                    tile.memory,
                    JAVA_BYTE,
                    plane * planeLength + (long) row * rowLength,
                    cells,
                    plane * rowLength,
                    rowLength);
        }
        byte[] counts = tile.counts;
        byte[] rowCounts =
                counts == null
                        ? null
                        : Arrays.copyOfRange(counts, row * Tile.LANES, (row + 1) * Tile.LANES);
        rows.add(new Row(resolution, metric, index, row, tile.tags[row], cells, rowCounts));
        bytes += cells.length + Tile.LANES;
        return true;
    }

    /// Ends the keeping. Called when all tiles have been read, or the snapshot is given up.
    ///
    /// @return the rows kept, or null when they were more than the limit
    synchronized @Nullable List<Row> seal() {
        sealed = true;
        return bytes > limitBytes ? null : rows;
    }
}
