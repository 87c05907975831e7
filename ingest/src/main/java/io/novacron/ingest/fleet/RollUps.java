package io.novacron.ingest.fleet;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Computes 5 min cells from 60 s cells and hours from 5 min cells, at the end of a tick.
///
/// What has to be computed is what has changed: each tile of a forecast metric keeps a bit for each
/// step that was written to since it was last computed. A closed step with its bit set is computed
/// anew from all the finer cells there are, so a late sample is counted once, however often it is
/// done. A cell without any finer cell is left as it is: it may be history, which stands where
/// nothing finer was measured.
final class RollUps {
    private static final int MINUTES = 5;
    private static final int FIVES = 12;
    private static final int FIVE_BITS = Long.SIZE; // 320 minutes: more than the rows of 60 s
    private static final int HOUR_WORDS = 14; // 896 hours: more than the rows of hours
    private static final int HOUR_BITS = HOUR_WORDS * Long.SIZE;
    private static final int NEVER = Integer.MIN_VALUE / 2;
    private static final int OPEN_STEPS = 8; // steps after the last closed one that may be written

    private final Columns minutes;
    private final Columns fiveMinutes;
    private final Columns hours;
    private final @Nullable ScaledValues[] scales;
    private final long[][] changedFives;
    private final long[][] changedHours;
    private final float[] sum = new float[Tile.LANES];
    private final float[] max = new float[Tile.LANES];
    private final int[] count = new int[Tile.LANES];
    private final float[] row = new float[Tile.LANES];
    private final short[] means = new short[Tile.LANES];
    private final short[] maxima = new short[Tile.LANES];

    private int closedFive = NEVER;

    RollUps(Columns minutes, Columns fiveMinutes, Columns hours, @Nullable ScaledValues[] scales) {
        this.minutes = minutes;
        this.fiveMinutes = fiveMinutes;
        this.hours = hours;
        this.scales = scales;
        this.changedFives = new long[scales.length][0];
        this.changedHours = new long[scales.length][0];
    }

    /// What is to be computed, for a checkpoint.
    ///
    /// @param fives by metric: a bit for each step of 5 min, a word for each tile
    /// @param hours by metric: a bit for each hour, 14 words for each tile
    record Changes(int closedFive, long[][] fives, long[][] hours) {}

    Changes changes() {
        return new Changes(closedFive, copy(changedFives), copy(changedHours));
    }

    void restore(Changes changes) {
        closedFive = changes.closedFive();
        System.arraycopy(changes.fives(), 0, changedFives, 0, changedFives.length);
        System.arraycopy(changes.hours(), 0, changedHours, 0, changedHours.length);
    }

    private static long[][] copy(long[][] bits) {
        var copy = new long[bits.length][];
        for (int metric = 0; metric < bits.length; metric++) {
            copy[metric] = bits[metric].clone();
        }
        return copy;
    }

    void minuteChanged(int metric, int index, int minute) {
        changedFives[metric] = withLength(changedFives[metric], index + 1);
        changedFives[metric][index] |= 1L << Math.floorDiv(minute, MINUTES);
    }

    private void fiveChanged(int metric, int index, int five) {
        changedHours[metric] = withLength(changedHours[metric], (index + 1) * HOUR_WORDS);
        int bit = Math.floorMod(Math.floorDiv(five, FIVES), HOUR_BITS);
        changedHours[metric][index * HOUR_WORDS + bit / Long.SIZE] |= 1L << bit;
    }

    private static long[] withLength(long[] bits, int length) {
        return bits.length >= length
                ? bits
                : Arrays.copyOf(bits, Math.max(length, bits.length * 3 / 2));
    }

    boolean history(int metric, int slot, int firstFive, int lastFive, float value) {
        int first = Math.max(firstFive, lastFive - Resolution.FIVE_MINUTES.steps() + 1);
        int last = lastFive;
        if (closedFive != NEVER) {
            first = Math.max(first, closedFive - Resolution.FIVE_MINUTES.steps() + 1);
            last = Math.min(last, closedFive + OPEN_STEPS);
        }
        short code = scale(metric).encode(value);
        int index = slot >> Tile.LANE_SHIFT;
        boolean kept = false;
        int lane = slot & Tile.LANE_MASK;
        for (int five = first; five <= last; five++) {
            if (hasMinutes(metric, index, lane, five)) {
                kept = true; // what was measured finer stands
                continue;
            }
            Tile tile = fiveMinutes.writable(metric, index, five);
            if (tile != null) {
                set(fiveMinutes, tile, five, lane, code, code);
                fiveChanged(metric, index, five);
                kept = true;
            }
        }
        return kept;
    }

    /// Whether an entity has 60 s cells in this step. They win over history, whichever comes first:
    /// the step is computed for a whole tile when any entity in it has a late sample.
    private boolean hasMinutes(int metric, int index, int lane, int five) {
        Tile finer = minutes.tile(metric, index);
        for (int minute = five * MINUTES;
                finer != null && minute < (five + 1) * MINUTES;
                minute++) {
            long offset = minutes.rowOffset(minute) + (long) lane * Float.BYTES;
            if (finer.tags[Resolution.MINUTE.row(minute)] == minute
                    && !Float.isNaN(finer.memory.get(JAVA_FLOAT_UNALIGNED, offset))) {
                return true;
            }
        }
        return false;
    }

    /// Computes every changed step that is over at this time.
    void close(long timeMs) {
        closedFive = Resolution.FIVE_MINUTES.lastClosed(timeMs);
        for (int metric = 0; metric < scales.length; metric++) {
            if (scales[metric] != null) {
                closeFives(metric);
                closeHours(metric, Resolution.HOUR.lastClosed(timeMs));
            }
        }
    }

    private void closeFives(int metric) {
        long[] changed = changedFives[metric];
        for (int index = 0; index < changed.length; index++) {
            long bits = changed[index];
            while (bits != 0) {
                int bit = Long.numberOfTrailingZeros(bits);
                bits &= bits - 1;
                int five = latest(bit, FIVE_BITS, closedFive + OPEN_STEPS);
                if (five <= closedFive) {
                    changed[index] &= ~(1L << bit);
                    computeFive(metric, index, five);
                }
            }
        }
    }

    private void closeHours(int metric, int closedHour) {
        long[] changed = changedHours[metric];
        for (int word = 0; word < changed.length; word++) {
            long bits = changed[word];
            while (bits != 0) {
                int bit = Long.numberOfTrailingZeros(bits);
                bits &= bits - 1;
                int inRing = word % HOUR_WORDS * Long.SIZE + bit;
                int hour = latest(inRing, HOUR_BITS, closedHour + OPEN_STEPS);
                if (hour <= closedHour) {
                    changed[word] &= ~(1L << bit);
                    computeHour(metric, word / HOUR_WORDS, hour);
                }
            }
        }
    }

    /// The last step up to `limit` that this bit can stand for.
    private static int latest(int bit, int bits, int limit) {
        return limit - Math.floorMod(limit - bit, bits);
    }

    private void computeFive(int metric, int index, int five) {
        Tile finer = minutes.tile(metric, index);
        if (finer == null) {
            return;
        }
        reset();
        for (int minute = five * MINUTES; minute < (five + 1) * MINUTES; minute++) {
            if (finer.tags[Resolution.MINUTE.row(minute)] == minute) {
                long offset = minutes.rowOffset(minute);
                MemorySegment.copy(finer.memory, JAVA_FLOAT_UNALIGNED, offset, row, 0, Tile.LANES);
                for (int lane = 0; lane < Tile.LANES; lane++) {
                    fold(lane, row[lane], row[lane]);
                }
            }
        }
        if (store(fiveMinutes, metric, index, five)) {
            fiveChanged(metric, index, five);
        }
    }

    private void computeHour(int metric, int index, int hour) {
        Tile finer = fiveMinutes.tile(metric, index);
        if (finer == null) {
            return;
        }
        ScaledValues scale = scale(metric);
        long plane = fiveMinutes.planeLength();
        reset();
        for (int five = hour * FIVES; five < (hour + 1) * FIVES; five++) {
            if (finer.tags[Resolution.FIVE_MINUTES.row(five)] == five) {
                readScaled(finer, fiveMinutes.rowOffset(five), plane);
                for (int lane = 0; lane < Tile.LANES; lane++) {
                    fold(lane, scale.decode(means[lane]), scale.decode(maxima[lane]));
                }
            }
        }
        store(hours, metric, index, hour);
    }

    private void reset() {
        Arrays.fill(sum, 0);
        Arrays.fill(max, Float.NEGATIVE_INFINITY);
        Arrays.fill(count, 0);
    }

    private void fold(int lane, float mean, float greatest) {
        if (!Float.isNaN(mean)) {
            sum[lane] += mean;
            max[lane] = Math.max(max[lane], greatest);
            count[lane]++;
        }
    }

    /// Writes the lanes that have a value.
    private boolean store(Columns columns, int metric, int index, int step) {
        int lanes = 0;
        for (int lane = 0; lane < Tile.LANES; lane++) {
            lanes += count[lane];
        }
        Tile tile = lanes == 0 ? null : columns.writable(metric, index, step);
        if (tile == null) {
            return false;
        }
        ScaledValues scale = scale(metric);
        long offset = columns.rowOffset(step);
        long plane = columns.planeLength();
        readScaled(tile, offset, plane);
        for (int lane = 0; lane < Tile.LANES; lane++) {
            if (count[lane] > 0) {
                means[lane] = scale.encode(sum[lane] / count[lane]);
                maxima[lane] = scale.encode(max[lane]);
            }
        }
        MemorySegment.copy(means, 0, tile.memory, JAVA_SHORT_UNALIGNED, offset, Tile.LANES);
        MemorySegment.copy(
                maxima, 0, tile.memory, JAVA_SHORT_UNALIGNED, plane + offset, Tile.LANES);
        return true;
    }

    /// Whole rows at a time: one by one, cells are slow until the access to them is compiled.
    private void readScaled(Tile tile, long offset, long plane) {
        MemorySegment.copy(tile.memory, JAVA_SHORT_UNALIGNED, offset, means, 0, Tile.LANES);
        MemorySegment.copy(
                tile.memory, JAVA_SHORT_UNALIGNED, plane + offset, maxima, 0, Tile.LANES);
    }

    private static void set(
            Columns columns, Tile tile, int step, int lane, short mean, short greatest) {
        long offset = columns.rowOffset(step) + (long) lane * Short.BYTES;
        tile.memory.set(JAVA_SHORT_UNALIGNED, offset, mean);
        tile.memory.set(JAVA_SHORT_UNALIGNED, columns.planeLength() + offset, greatest);
    }

    private ScaledValues scale(int metric) {
        return Objects.requireNonNull(scales[metric]);
    }
}
