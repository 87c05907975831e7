package io.novacron.perf.openb;

import io.novacron.solver.gpu.GpuRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// Pods in the order in which they come: drawn from the trace with replacement, in random order,
/// until what they ask of GPUs reaches a share of what the fleet has.
final class Arrivals {
    private Arrivals() {}

    static List<GpuRequest> draw(List<GpuRequest> pods, long gpuMilli, double share, long seed) {
        var random = new SplittableRandom(seed);
        List<GpuRequest> arrivals = new ArrayList<>();
        long asked = 0;
        while (asked < share * gpuMilli) {
            var pod = pods.get(random.nextInt(pods.size()));
            asked += pod.totalGpuMilli();
            arrivals.add(pod);
        }
        return arrivals;
    }
}
