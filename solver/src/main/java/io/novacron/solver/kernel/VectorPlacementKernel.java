package io.novacron.solver.kernel;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// As many hosts at a time as a vector has lanes. One thread each, as calls are counted.
final class VectorPlacementKernel implements PlacementKernel {
    private static final VectorSpecies<Double> DOUBLES = DoubleVector.SPECIES_PREFERRED;
    private static final int STEP = DOUBLES.length();

    private final PlacementKernel scalar = new Scalar();
    private final int warmUpCalls;
    private int calls;

    VectorPlacementKernel(int warmUpCalls) {
        this.warmUpCalls = warmUpCalls;
    }

    @Override
    public long atLeast(double[] column, int first, double need) {
        if (calls < warmUpCalls && calls++ < warmUpCalls) {
            return scalar.atLeast(column, first, need);
        }
        long kept = 0;
        for (int lane = 0; lane < LANES; lane += STEP) {
            var values = DoubleVector.fromArray(DOUBLES, column, first + lane);
            kept |= values.compare(VectorOperators.GE, need).toLong() << lane;
        }
        return kept;
    }

    @Override
    public void score(Columns columns, Wish wish, Weights weights, double[] scores) {
        if (calls < warmUpCalls && calls++ < warmUpCalls) {
            scalar.score(columns, wish, weights, scores);
            return;
        }
        double[] size = wish.size();
        double[] peak = wish.peak();
        for (int lane = 0; lane < LANES; lane += STEP) {
            var contention = DoubleVector.broadcast(DOUBLES, 1);
            var least = DoubleVector.broadcast(DOUBLES, 1);
            var most = DoubleVector.zero(DOUBLES);
            for (int resource = 0; resource < size.length; resource++) {
                int cell = resource * LANES + lane;
                var perSafe = DoubleVector.fromArray(DOUBLES, columns.perSafe(), cell);
                var headroom = DoubleVector.fromArray(DOUBLES, columns.headroomShare(), cell);
                contention = contention.min(headroom.sub(perSafe.mul(peak[resource])));
                if (size[resource] > 0) {
                    var perLimit = DoubleVector.fromArray(DOUBLES, columns.perLimit(), cell);
                    var room = DoubleVector.fromArray(DOUBLES, columns.roomShare(), cell);
                    var left = room.sub(perLimit.mul(size[resource]));
                    least = least.min(left);
                    most = most.max(left);
                }
            }
            var shape = most.sub(least).max(0).neg().add(1);
            var packing = DoubleVector.fromArray(DOUBLES, columns.allocatedShare(), lane);
            contention
                    .max(0)
                    .mul(weights.contention())
                    .add(shape.mul(weights.shape()))
                    .add(packing.mul(weights.packing()))
                    .intoArray(scores, lane);
        }
    }
}
