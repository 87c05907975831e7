package io.novacron.solver.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// As many times at once as a vector has lanes, [#LANES] at most. The conversions between whole
/// numbers and floats keep the lanes.
final class VectorUsageKernel implements UsageKernel {
    private static final VectorSpecies<Integer> INTS =
            IntVector.SPECIES_PREFERRED.length() < LANES
                    ? IntVector.SPECIES_PREFERRED
                    : IntVector.SPECIES_512;
    private static final int STEP = INTS.length();

    private final UsageKernel scalar = new Scalar();
    private final int warmUpCalls;
    private int calls;

    VectorUsageKernel(int warmUpCalls) {
        this.warmUpCalls = warmUpCalls;
    }

    @Override
    public int growth(
            int[] use,
            int useRow,
            int[] demand,
            int addedRow,
            int removedRow,
            int length,
            int level,
            float perUnit) {
        if (calls < warmUpCalls && calls++ < warmUpCalls) {
            return scalar.growth(use, useRow, demand, addedRow, removedRow, length, level, perUnit);
        }
        var sum = IntVector.zero(INTS);
        for (int time = 0; time < length; time += STEP) {
            var amount =
                    IntVector.fromArray(INTS, use, useRow + time)
                            .add(IntVector.fromArray(INTS, demand, addedRow + time))
                            .sub(IntVector.fromArray(INTS, demand, removedRow + time))
                            .sub(level)
                            .max(0);
            var x = ((FloatVector) amount.convert(VectorOperators.I2F, 0)).mul(perUnit);
            var grown =
                    x.mul(Scalar.FIFTH)
                            .add(Scalar.FOURTH)
                            .mul(x)
                            .add(Scalar.THIRD)
                            .mul(x)
                            .add(Scalar.SECOND)
                            .mul(x)
                            .add(1f)
                            .mul(x)
                            .mul((float) GROWTH_UNITS);
            sum = sum.add((IntVector) grown.convert(VectorOperators.F2I, 0));
        }
        return sum.reduceLanes(VectorOperators.ADD);
    }

    @Override
    public int highest(
            int[] use, int useRow, int[] demand, int addedRow, int removedRow, int length) {
        if (calls < warmUpCalls && calls++ < warmUpCalls) {
            return scalar.highest(use, useRow, demand, addedRow, removedRow, length);
        }
        var highest = IntVector.zero(INTS);
        for (int time = 0; time < length; time += STEP) {
            highest =
                    highest.max(
                            IntVector.fromArray(INTS, use, useRow + time)
                                    .add(IntVector.fromArray(INTS, demand, addedRow + time))
                                    .sub(IntVector.fromArray(INTS, demand, removedRow + time)));
        }
        return highest.reduceLanes(VectorOperators.MAX);
    }
}
