package io.novacron.ingest.fleet.kernel;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;

/// Writes samples of neighbouring entities into the cells of one row.
///
/// Nearly every sample is the first of its cell and in its metric's range: those are written here,
/// many at a time. What is left, gaps, absurd values, and second samples that have to be folded, is
/// told to the caller.
public interface CellKernel {
    /// @param column samples, from index `from` on
    /// @param count at most 64
    /// @param memory of a tile, at `offset` the cell of the first sample
    /// @return a bit for each sample that was not written: it is out of range, or missing, or its
    ///   cell has a value already
    long fill(
            float[] column,
            int from,
            int count,
            MemorySegment memory,
            long offset,
            float min,
            float max);

    /// Calls that go one by one before vectors begin: until they are compiled, vectors take a
    /// hundred times as long, and a restart would wait for that.
    int WARM_UP_CALLS = 100_000;

    /// @return the fastest kernel that this JVM and processor can run
    static CellKernel best() {
        boolean hasModule = ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
        return hasModule ? new VectorCellKernel(WARM_UP_CALLS) : new Scalar();
    }

    /// One sample at a time: the specification. It works on a copy of the cells: before they are
    /// compiled, accesses to memory outside the heap take many times as long as those to an array,
    /// and a restart waits for them.
    final class Scalar implements CellKernel {
        private static final int MOST = 64;

        private final float[] cells = new float[MOST];
        private final MemorySegment copy = MemorySegment.ofArray(cells);

        @Override
        public long fill(
                float[] column,
                int from,
                int count,
                MemorySegment memory,
                long offset,
                float min,
                float max) {
            long length = (long) count * Float.BYTES;
            MemorySegment.copy(memory, JAVA_BYTE, offset, copy, JAVA_BYTE, 0, length);
            long rest = 0;
            for (int i = 0; i < count; i++) {
                float value = column[from + i];
                if (value >= min && value <= max && Float.isNaN(cells[i])) {
                    cells[i] = value;
                } else {
                    rest |= 1L << i;
                }
            }
            MemorySegment.copy(copy, JAVA_BYTE, 0, memory, JAVA_BYTE, offset, length);
            return rest;
        }
    }
}
