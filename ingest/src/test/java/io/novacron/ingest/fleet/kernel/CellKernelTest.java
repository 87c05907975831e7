package io.novacron.ingest.fleet.kernel;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

final class CellKernelTest {
    private static final int LANES = 64; // of a tile
    private static final float[] VALUES = {
        0, 50, 100, -1, 101, Float.NaN, Float.POSITIVE_INFINITY, -0f, Float.MIN_VALUE
    };

    @Property
    void theVectorKernelDoesWhatTheScalarOneDoes(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = LANES) int count,
            @ForAll @IntRange(max = 7) int from) {
        var random = new SplittableRandom(seed);
        int lane = random.nextInt(LANES - count + 1);
        var column = new float[from + count]; // no room to read past its end
        for (int i = 0; i < column.length; i++) {
            column[i] = VALUES[random.nextInt(VALUES.length)];
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment expected = row(arena);
            MemorySegment actual = row(arena);
            for (int i = 0; i < LANES; i++) {
                float cell = random.nextBoolean() ? Float.NaN : random.nextInt(9);
                expected.setAtIndex(JAVA_FLOAT_UNALIGNED, i, cell);
                actual.setAtIndex(JAVA_FLOAT_UNALIGNED, i, cell);
            }
            long offset = (long) lane * Float.BYTES;
            long rest = new CellKernel.Scalar().fill(column, from, count, expected, offset, 0, 100);
            assertThat(new VectorCellKernel(0).fill(column, from, count, actual, offset, 0, 100))
                    .isEqualTo(rest);
            assertThat(actual.mismatch(expected)).isEqualTo(-1);
        }
    }

    private static MemorySegment row(Arena arena) {
        return arena.allocate((long) LANES * Float.BYTES, Float.BYTES);
    }
}
