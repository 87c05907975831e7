package io.novacron.ingest.fleet;

import io.novacron.ingest.checkpoint.CheckpointException;
import io.novacron.ingest.checkpoint.CheckpointReader;
import io.novacron.ingest.checkpoint.CheckpointWriter;
import io.novacron.ingest.checkpoint.Section;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// The fleet store as of one record, as a checkpoint keeps it: of each tile the rows that are in
/// use, with their tags, and with counts where cells have more than one sample.
///
/// Made by the fleet thread, written down by any one thread, while the fleet thread may go on if it
/// was made at the end of a tick: see [BeforeImages].
///
/// @param current tiles by resolution, metric and index, as the writer has them
/// @param closed last closed step of each resolution
/// @param images null when nothing is written meanwhile
record StoreSnapshot(
        Publication publication,
        @Nullable Tile[][][] current,
        int[] closed,
        int closedMinute,
        long lastTimeMs,
        RollUps.Changes changes,
        @Nullable BeforeImages images) {
    private static final int BOTH = 0;
    private static final int CURRENT_ONLY = 1;
    private static final int SHOWN_ONLY = 2;
    private static final int END = -1;
    private static final Resolution[] RESOLUTIONS = Resolution.values();

    static StoreSnapshot of(
            Publication publication,
            Columns[] columns,
            int closedMinute,
            long lastTimeMs,
            RollUps.Changes changes,
            @Nullable BeforeImages images) {
        var current = new @Nullable Tile[columns.length][][];
        var closed = new int[columns.length];
        for (int i = 0; i < columns.length; i++) {
            current[i] = images == null ? columns[i].current() : publication.columns()[i];
            closed[i] = columns[i].closed();
        }
        return new StoreSnapshot(
                publication, current, closed, closedMinute, lastTimeMs, changes, images);
    }

    // Writing.

    /// @param givenUp asked now and then
    /// @throws CheckpointException when it was given up or too much was written over meanwhile
    void write(CheckpointWriter out, int[] rowLengths, BooleanSupplier givenUp) throws IOException {
        out.begin(Section.STORE);
        out.putLong(publication.number());
        out.putLong(publication.tick());
        out.putLong(publication.timeMs());
        out.putInt(closedMinute);
        out.putLong(lastTimeMs);
        for (int step : closed) {
            out.putInt(step);
        }
        out.putInt(changes.closedFive());
        writeBits(out, changes.fives());
        writeBits(out, changes.hours());
        out.begin(Section.TILES);
        for (Resolution resolution : RESOLUTIONS) {
            @Nullable Tile[][] metrics = current[resolution.ordinal()];
            for (int metric = 0; metric < metrics.length; metric++) {
                if (givenUp.getAsBoolean()) {
                    throw new CheckpointException("it was given up");
                }
                writeColumn(out, resolution, metric, rowLengths[resolution.ordinal()]);
            }
        }
        out.putInt(END);
        writeImages(out);
    }

    private static void writeBits(CheckpointWriter out, long[][] bits) throws IOException {
        for (long[] ofMetric : bits) {
            int length = ofMetric.length;
            while (length > 0 && ofMetric[length - 1] == 0) {
                length--; // how far an array has grown is not state
            }
            out.putInt(length);
            for (int i = 0; i < length; i++) {
                out.putLong(ofMetric[i]);
            }
        }
    }

    private void writeColumn(CheckpointWriter out, Resolution resolution, int metric, int rowLength)
            throws IOException {
        @Nullable Tile[] column = current[resolution.ordinal()][metric];
        @Nullable Tile[] shown = publication.column(resolution, metric);
        int length = Math.max(column.length, shown.length);
        for (int index = 0; index < length; index++) {
            Tile tile = index < column.length ? column[index] : null;
            Tile seen = index < shown.length ? shown[index] : null;
            if (tile != null) {
                int kind = tile == seen ? BOTH : CURRENT_ONLY;
                writeTile(out, resolution, metric, index, kind, tile, rowLength);
            }
            if (seen != null && tile != seen) {
                writeTile(out, resolution, metric, index, SHOWN_ONLY, seen, rowLength);
            }
        }
    }

    private static void writeTile(
            CheckpointWriter out,
            Resolution resolution,
            int metric,
            int index,
            int kind,
            Tile tile,
            int rowLength)
            throws IOException {
        int[] tags = tile.tags.clone(); // rows of open steps may change: their images follow
        int first = nextRun(tags, 0);
        if (first == tags.length && kind == BOTH) {
            return;
        }
        out.putInt(resolution.ordinal());
        out.putInt(metric);
        out.putInt(index);
        out.putInt(kind);
        byte[] counts = tile.counts;
        long planeLength = (long) resolution.rows() * rowLength;
        int planes = (int) (tile.memory.byteSize() / planeLength);
        while (first < tags.length) {
            int end = endOfRun(tags, first);
            int rows = end - first;
            out.putInt(first);
            out.putInt(rows);
            out.put(
                    MemorySegment.ofArray(tags),
                    (long) first * Integer.BYTES,
                    (long) rows * Integer.BYTES);
            for (int plane = 0; plane < planes; plane++) {
                long offset = plane * planeLength + (long) first * rowLength;
                out.put(tile.memory, offset, (long) rows * rowLength);
            }
            writeCounts(out, counts, first * Tile.LANES, end * Tile.LANES);
            first = nextRun(tags, end);
        }
        out.putInt(END);
    }

    private static void writeCounts(
            CheckpointWriter out, byte @Nullable [] counts, int from, int to) throws IOException {
        boolean any = false;
        for (int i = from; counts != null && !any && i < to; i++) {
            any = counts[i] != 0;
        }
        out.putBoolean(any);
        if (any) {
            out.put(MemorySegment.ofArray(counts), from, (long) to - from);
        }
    }

    private static int nextRun(int[] tags, int from) {
        int row = from;
        while (row < tags.length && tags[row] == Tile.UNUSED) {
            row++;
        }
        return row;
    }

    private static int endOfRun(int[] tags, int from) {
        int row = from;
        while (row < tags.length && tags[row] != Tile.UNUSED) {
            row++;
        }
        return row;
    }

    private void writeImages(CheckpointWriter out) throws IOException {
        out.begin(Section.ROWS);
        List<BeforeImages.Row> rows = images == null ? List.of() : images.seal();
        if (rows == null) {
            throw new CheckpointException(
                    "more was written over than is kept while it was written. Maybe the device is"
                            + " slow?");
        }
        out.putInt(rows.size());
        for (BeforeImages.Row row : rows) {
            out.putInt(row.resolution().ordinal());
            out.putInt(row.metric());
            out.putInt(row.index());
            out.putInt(row.row());
            out.putInt(row.tag());
            out.put(MemorySegment.ofArray(row.cells()), 0, row.cells().length);
            byte[] counts = row.counts();
            writeCounts(out, counts, 0, counts == null ? 0 : Tile.LANES);
        }
    }

    /// When it is not written down to its end.
    void abandon() {
        if (images != null) {
            images.seal();
        }
    }

    // Reading.

    /// Reads into a store that has nothing yet.
    static void read(CheckpointReader in, FleetStore store, Entities entities) throws IOException {
        in.begin(Section.STORE);
        long number = in.getLong();
        long tick = in.getLong();
        long timeMs = in.getLong();
        int closedMinute = in.getInt();
        long lastTimeMs = in.getLong();
        Columns[] columns = store.columns();
        for (Columns each : columns) {
            each.restoreClosed(number, in.getInt());
        }
        int metrics = columns[0].current().length;
        var changes =
                new RollUps.Changes(in.getInt(), readBits(in, metrics), readBits(in, metrics));
        in.begin(Section.TILES);
        for (int code = in.getInt(); code != END; code = in.getInt()) {
            readTile(in, columns, code, metrics);
        }
        readImages(in, columns, metrics);
        var shown = new @Nullable Tile[columns.length][][];
        for (int i = 0; i < columns.length; i++) {
            shown[i] = columns[i].restored();
        }
        var last =
                new Publication(
                        number, tick, timeMs, entities.shown(), entities.shownSlots(), shown);
        store.restore(last, closedMinute, lastTimeMs, changes);
    }

    private static long[][] readBits(CheckpointReader in, int metrics) throws IOException {
        var bits = new long[metrics][];
        for (int metric = 0; metric < metrics; metric++) {
            bits[metric] = new long[in.getCount(Integer.MAX_VALUE >> 4)];
            for (int i = 0; i < bits[metric].length; i++) {
                bits[metric][i] = in.getLong();
            }
        }
        return bits;
    }

    private static void readTile(CheckpointReader in, Columns[] columns, int code, int metrics)
            throws IOException {
        Resolution resolution = resolution(in, code);
        Columns into = columns[code];
        int metric = in.getCount(metrics - 1);
        int index = in.getCount(Integer.MAX_VALUE >> Tile.LANE_SHIFT);
        int kind = in.getCount(SHOWN_ONLY);
        Tile tile = into.restore(metric, index, kind != SHOWN_ONLY, kind != CURRENT_ONLY);
        for (int first = in.getInt(); first != END; first = in.getInt()) {
            int rows = in.getCount(resolution.rows());
            if (first < 0 || first + rows > resolution.rows()) {
                throw in.damaged("rows %d to %d of a tile".formatted(first, first + rows));
            }
            in.get(
                    MemorySegment.ofArray(tile.tags),
                    (long) first * Integer.BYTES,
                    (long) rows * Integer.BYTES);
            for (int plane = 0; plane < into.planes(); plane++) {
                long offset = plane * into.planeLength() + (long) first * into.rowLength();
                in.get(tile.memory, offset, (long) rows * into.rowLength());
            }
            if (in.getBoolean()) {
                MemorySegment counts = MemorySegment.ofArray(counts(tile));
                in.get(counts, (long) first * Tile.LANES, (long) rows * Tile.LANES);
            }
            for (int row = first; row < first + rows; row++) {
                into.noteRestored(tile.tags[row]);
            }
        }
    }

    private static void readImages(CheckpointReader in, Columns[] columns, int metrics)
            throws IOException {
        in.begin(Section.ROWS);
        for (int left = in.getCount(Integer.MAX_VALUE); left > 0; left--) {
            int code = in.getInt();
            Resolution resolution = resolution(in, code);
            Columns into = columns[code];
            int metric = in.getCount(metrics - 1);
            int index = in.getCount(Integer.MAX_VALUE >> Tile.LANE_SHIFT);
            int row = in.getCount(resolution.rows() - 1);
            Tile tile = into.tile(metric, index);
            if (tile == null) {
                tile = into.restore(metric, index, true, true);
            }
            int tag = in.getInt();
            tile.tags[row] = tag;
            into.noteRestored(tag);
            for (int plane = 0; plane < into.planes(); plane++) {
                long offset = plane * into.planeLength() + (long) row * into.rowLength();
                in.get(tile.memory, offset, into.rowLength());
            }
            byte[] counts = tile.counts;
            if (in.getBoolean()) {
                MemorySegment all = MemorySegment.ofArray(counts(tile));
                in.get(all, (long) row * Tile.LANES, Tile.LANES);
            } else if (counts != null) {
                Arrays.fill(counts, row * Tile.LANES, (row + 1) * Tile.LANES, (byte) 0);
            }
        }
    }

    private static byte[] counts(Tile tile) {
        byte[] counts = tile.counts;
        if (counts == null) {
            counts = new byte[tile.tags.length * Tile.LANES];
            tile.counts = counts;
        }
        return counts;
    }

    private static Resolution resolution(CheckpointReader in, int code) throws IOException {
        if (code < 0 || code >= RESOLUTIONS.length) {
            throw in.damaged("resolution %d of a tile".formatted(code));
        }
        return RESOLUTIONS[code];
    }
}
