package io.novacron.solver.kernel;

/// What a placement query does with a block of [#LANES] hosts. Columns are resource-major: resource
/// `r` of lane `l` is at `r * LANES + l`.
///
/// Implementations agree to the last bit: the same products and differences in the same order, none
/// of them fused.
public interface PlacementKernel {
    int LANES = Long.SIZE;

    /// Calls that go one by one before vectors begin: until they are compiled, vectors take a
    /// hundred times as long.
    int WARM_UP_CALLS = 20_000;

    /// @param first index of the first lane
    /// @return a bit for each lane whose value is at least `need`
    long atLeast(double[] column, int first, double need);

    /// Scores all lanes, wanted or not:
    ///
    /// ```text
    /// contention = max(0, min over resources of headroomShare - peak × perSafe, and 1)
    /// left       = roomShare - size × perLimit, of each resource with a size
    /// shape      = 1 - max(0, max(0, left…) - min(1, left…))
    /// score      = weights · (contention, shape, allocatedShare)
    /// ```
    void score(Columns columns, Wish wish, Weights weights, double[] scores);

    /// @param headroomShare safe load less forecast peak, as a share of the safe load
    /// @param perSafe one by the safe load
    /// @param roomShare allocation limit less sizes, as a share of the limit
    /// @param perLimit one by the limit
    /// @param allocatedShare of the limit, mean over resources; one for each lane
    record Columns(
            double[] headroomShare,
            double[] perSafe,
            double[] roomShare,
            double[] perLimit,
            double[] allocatedShare) {}

    /// What the requested vm takes of each resource.
    record Wish(double[] size, double[] peak) {}

    /// Of the three terms; their sum is one.
    record Weights(double contention, double shape, double packing) {}

    /// @return the fastest kernel that this JVM and processor can run
    static PlacementKernel best() {
        boolean hasModule = ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
        return hasModule ? new VectorPlacementKernel(WARM_UP_CALLS) : new Scalar();
    }

    /// One host at a time: the specification.
    final class Scalar implements PlacementKernel {
        @Override
        public long atLeast(double[] column, int first, double need) {
            long kept = 0;
            for (int lane = 0; lane < LANES; lane++) {
                kept |= (column[first + lane] >= need ? 1L : 0L) << lane;
            }
            return kept;
        }

        @Override
        public void score(Columns columns, Wish wish, Weights weights, double[] scores) {
            for (int lane = 0; lane < LANES; lane++) {
                scores[lane] =
                        weights.contention * contention(columns, wish, lane)
                                + weights.shape * shape(columns, wish, lane)
                                + weights.packing * columns.allocatedShare[lane];
            }
        }
    }

    /// The share of the safe load that stays free in the tightest resource.
    static double contention(Columns columns, Wish wish, int lane) {
        double contention = 1;
        for (int resource = 0; resource < wish.peak.length; resource++) {
            int cell = resource * LANES + lane;
            double left = columns.headroomShare[cell] - wish.peak[resource] * columns.perSafe[cell];
            contention = Math.min(contention, left);
        }
        return Math.max(0, contention);
    }

    /// One less the difference between the shares that stay free of each resource.
    static double shape(Columns columns, Wish wish, int lane) {
        double least = 1;
        double most = 0;
        for (int resource = 0; resource < wish.size.length; resource++) {
            if (wish.size[resource] > 0) {
                int cell = resource * LANES + lane;
                double left =
                        columns.roomShare[cell] - wish.size[resource] * columns.perLimit[cell];
                least = Math.min(least, left);
                most = Math.max(most, left);
            }
        }
        return 1 - Math.max(0, most - least);
    }
}
