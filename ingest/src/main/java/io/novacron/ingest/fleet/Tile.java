package io.novacron.ingest.fleet;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// 64 entities × the rows of one resolution, of one metric, time-major:
///
/// ```text
///  row 0: | entity 0 | entity 1 | … | entity 63 |
///  row 1: | …
/// ```
///
/// A row is used for one step at a time; its tag says which. A roll-up's tile has two planes, means
/// and then maxima, that share the tags. The fleet thread is the only writer; what a reader may see
/// of it is told in [Columns].
final class Tile {
    static final int LANES = 64;
    static final int LANE_SHIFT = 6;
    static final int LANE_MASK = LANES - 1;
    static final int UNUSED = Integer.MIN_VALUE;

    final MemorySegment memory;
    final int[] tags;

    /// Samples in each cell, where any cell ever had more than one; else null.
    byte @Nullable [] counts;

    /// The publication for which it was made: readers of earlier ones cannot have it.
    long madeFor;

    Tile(MemorySegment memory, int rows) {
        this.memory = memory;
        this.tags = new int[rows];
        Arrays.fill(tags, UNUSED);
    }

    void copyFrom(Tile other) {
        MemorySegment.copy(other.memory, JAVA_BYTE, 0, memory, JAVA_BYTE, 0, memory.byteSize());
        System.arraycopy(other.tags, 0, tags, 0, tags.length);
        byte[] theirs = other.counts;
        if (theirs == null) {
            counts = null;
        } else if (counts == null) {
            counts = theirs.clone();
        } else {
            System.arraycopy(theirs, 0, counts, 0, theirs.length);
        }
    }

    void reset() {
        Arrays.fill(tags, UNUSED);
        counts = null;
    }
}
