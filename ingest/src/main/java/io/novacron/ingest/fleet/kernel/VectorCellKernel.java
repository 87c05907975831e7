package io.novacron.ingest.fleet.kernel;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// As many cells at a time as a vector has lanes; a short run goes one by one.
final class VectorCellKernel implements CellKernel {
    private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
    private static final int LANES = FLOATS.length();
    private static final int SHORT_RUN = 4;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();

    private final CellKernel scalar = new Scalar();
    private final int warmUpCalls;
    private int calls;

    /// @param warmUpCalls calls that go one by one: until they are compiled, vectors take a hundred
    ///   times as long, and a restart would wait for that
    VectorCellKernel(int warmUpCalls) {
        this.warmUpCalls = warmUpCalls;
    }

    @Override
    public long fill(
            float[] column,
            int from,
            int count,
            MemorySegment memory,
            long offset,
            float min,
            float max) {
        if (count < SHORT_RUN || (calls < warmUpCalls && calls++ < warmUpCalls)) {
            return scalar.fill(column, from, count, memory, offset, min, max);
        }
        long rest = 0;
        for (int i = 0; i < count; i += LANES) {
            long cell = offset + (long) i * Float.BYTES;
            var lanes = FLOATS.indexInRange(i, count);
            var values = FloatVector.fromArray(FLOATS, column, from + i, lanes);
            var cells = FloatVector.fromMemorySegment(FLOATS, memory, cell, ORDER, lanes);
            var good =
                    values.compare(VectorOperators.GE, min)
                            .and(values.compare(VectorOperators.LE, max))
                            .and(cells.test(VectorOperators.IS_NAN))
                            .and(lanes);
            values.intoMemorySegment(memory, cell, ORDER, good);
            rest |= lanes.andNot(good).toLong() << i;
        }
        return rest;
    }
}
