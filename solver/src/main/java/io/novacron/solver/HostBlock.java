package io.novacron.solver;

import io.novacron.solver.kernel.PlacementKernel;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The columns of 64 hosts, and bounds over them that let a query pass a whole block by. Never
/// changed once its index is out: a promise makes a new block.
final class HostBlock {
    static final int LANES = PlacementKernel.LANES;

    private final FleetProblem problem;
    private final FleetState state;
    private final int[] hosts; // by lane
    private final double @Nullable [] promisedSize; // [resource * LANES + lane], null if none
    private final double @Nullable [] promisedPeak;
    final double[] room; // [resource * LANES + lane]
    final double[] headroom;
    final double[] roomLeast; // by resource
    final double[] roomMost;
    final double[] headroomLeast;
    final double[] headroomMost;
    final PlacementKernel.Columns columns;
    private final double[] headroomShareMost;
    private final double[] perSafeLeast;
    private final double[] roomShareLeast;
    private final double[] roomShareMost;
    private final double[] perLimitLeast;
    private final double[] perLimitMost;
    private double allocatedShareMost;

    /// @param hosts at most [#LANES]
    HostBlock(
            FleetProblem problem,
            FleetState state,
            int[] hosts,
            double @Nullable [] promisedSize,
            double @Nullable [] promisedPeak) {
        this.problem = problem;
        this.state = state;
        this.hosts = hosts;
        this.promisedSize = promisedSize;
        this.promisedPeak = promisedPeak;
        int resources = problem.resourceCount;
        int cells = resources * LANES;
        room = new double[cells];
        headroom = new double[cells];
        columns =
                new PlacementKernel.Columns(
                        new double[cells],
                        new double[cells],
                        new double[cells],
                        new double[cells],
                        new double[LANES]);
        roomLeast = filled(resources, Double.POSITIVE_INFINITY);
        roomMost = filled(resources, Double.NEGATIVE_INFINITY);
        headroomLeast = roomLeast.clone();
        headroomMost = roomMost.clone();
        headroomShareMost = roomMost.clone();
        perSafeLeast = roomLeast.clone();
        roomShareLeast = roomLeast.clone();
        roomShareMost = roomMost.clone();
        perLimitLeast = roomLeast.clone();
        perLimitMost = roomMost.clone();
        for (int lane = 0; lane < hosts.length; lane++) {
            fold(lane);
        }
    }

    private static double[] filled(int length, double value) {
        double[] values = new double[length];
        Arrays.fill(values, value);
        return values;
    }

    private void fold(int lane) {
        int host = hosts[lane];
        int counted = 0;
        double allocatedShare = 0;
        for (int resource = 0; resource < problem.resourceCount; resource++) {
            int cell = resource * LANES + lane;
            double limit = problem.allocationLimit(resource, host);
            double safe = problem.safeLoad(resource, host);
            double allocated = state.allocated(resource, host) + at(promisedSize, cell);
            double peak = state.peak(resource, host) + at(promisedPeak, cell);
            room[cell] = limit - allocated;
            headroom[cell] = safe - peak;
            // of none, none is wanting
            columns.roomShare()[cell] = limit > 0 ? room[cell] / limit : 1;
            columns.perLimit()[cell] = limit > 0 ? 1 / limit : 0;
            columns.headroomShare()[cell] = safe > 0 ? headroom[cell] / safe : 1;
            columns.perSafe()[cell] = safe > 0 ? 1 / safe : 0;
            bound(resource, cell);
            if (limit > 0) {
                allocatedShare += Math.min(1, allocated / limit);
                counted++;
            }
        }
        columns.allocatedShare()[lane] = allocatedShare / Math.max(1, counted);
        allocatedShareMost = Math.max(allocatedShareMost, columns.allocatedShare()[lane]);
    }

    private void bound(int resource, int cell) {
        roomLeast[resource] = Math.min(roomLeast[resource], room[cell]);
        roomMost[resource] = Math.max(roomMost[resource], room[cell]);
        headroomLeast[resource] = Math.min(headroomLeast[resource], headroom[cell]);
        headroomMost[resource] = Math.max(headroomMost[resource], headroom[cell]);
        headroomShareMost[resource] =
                Math.max(headroomShareMost[resource], columns.headroomShare()[cell]);
        perSafeLeast[resource] = Math.min(perSafeLeast[resource], columns.perSafe()[cell]);
        roomShareLeast[resource] = Math.min(roomShareLeast[resource], columns.roomShare()[cell]);
        roomShareMost[resource] = Math.max(roomShareMost[resource], columns.roomShare()[cell]);
        perLimitLeast[resource] = Math.min(perLimitLeast[resource], columns.perLimit()[cell]);
        perLimitMost[resource] = Math.max(perLimitMost[resource], columns.perLimit()[cell]);
    }

    private static double at(double @Nullable [] promised, int cell) {
        return promised == null ? 0 : promised[cell];
    }

    int host(int lane) {
        return hosts[lane];
    }

    /// No host of this block scores higher. Each step is that of the score itself, of bounds that
    /// rounding keeps in order.
    double bound(PlacementKernel.Wish wish, PlacementKernel.Weights weights) {
        double contention = 1;
        double least = 1;
        double most = 0;
        for (int resource = 0; resource < wish.size().length; resource++) {
            double size = wish.size()[resource];
            double peak = wish.peak()[resource];
            contention =
                    Math.min(
                            contention,
                            headroomShareMost[resource] - peak * perSafeLeast[resource]);
            if (size > 0) {
                least = Math.min(least, roomShareMost[resource] - size * perLimitLeast[resource]);
                most = Math.max(most, roomShareLeast[resource] - size * perLimitMost[resource]);
            }
        }
        return weights.contention() * Math.max(0, contention)
                + weights.shape() * (1 - Math.max(0, most - least))
                + weights.packing() * allocatedShareMost;
    }

    /// What is promised of each resource on the host of this lane, with `peak` on top.
    void promisedPeak(int lane, double @Nullable [] peak, double[] into) {
        for (int resource = 0; resource < into.length; resource++) {
            into[resource] =
                    at(promisedPeak, resource * LANES + lane) + (peak == null ? 0 : peak[resource]);
        }
    }

    /// The same block with more promised, or less where `sign` is -1.
    HostBlock with(int lane, double[] size, double[] peak, int sign) {
        double[] sizes =
                promisedSize == null
                        ? new double[problem.resourceCount * LANES]
                        : promisedSize.clone();
        double[] peaks = promisedPeak == null ? new double[sizes.length] : promisedPeak.clone();
        for (int resource = 0; resource < size.length; resource++) {
            sizes[resource * LANES + lane] += sign * size[resource];
            peaks[resource * LANES + lane] += sign * peak[resource];
        }
        return new HostBlock(problem, state, hosts, sizes, peaks);
    }
}
