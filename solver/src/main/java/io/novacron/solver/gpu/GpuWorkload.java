package io.novacron.solver.gpu;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// What usually comes: the kinds of request of the past, by CPU and GPU, with how common each is.
/// Work without GPUs is left out, for no GPU goes to waste with it.
public final class GpuWorkload {
    final int[] cpuMilli;
    final int[] gpus;
    final int[] gpuMilli;
    final double[] share;

    private record Kind(int cpuMilli, int gpus, int gpuMilli) {}

    private GpuWorkload(List<Map.Entry<Kind, Integer>> kinds, double total) {
        cpuMilli = kinds.stream().mapToInt(kind -> kind.getKey().cpuMilli()).toArray();
        gpus = kinds.stream().mapToInt(kind -> kind.getKey().gpus()).toArray();
        gpuMilli = kinds.stream().mapToInt(kind -> kind.getKey().gpuMilli()).toArray();
        share = kinds.stream().mapToDouble(kind -> kind.getValue() / total).toArray();
    }

    /// Of recorded requests; at least one must ask for a GPU.
    public static GpuWorkload of(List<GpuRequest> past) {
        Map<Kind, Integer> counts = new HashMap<>();
        for (var request : past) {
            if (request.gpus() > 0) {
                counts.merge(
                        new Kind(request.cpuMilli(), request.gpus(), request.gpuMilli()),
                        1,
                        Integer::sum);
            }
        }
        if (counts.isEmpty()) {
            throw new IllegalArgumentException(
                    "none of %d past requests asks for a GPU, so there is nothing to keep room for"
                            .formatted(past.size()));
        }
        double total = counts.values().stream().mapToInt(Integer::intValue).sum();
        var kinds =
                counts.entrySet().stream()
                        .sorted(
                                Map.Entry.comparingByKey(
                                        java.util.Comparator.comparingInt(Kind::gpus)
                                                .thenComparingInt(Kind::gpuMilli)
                                                .thenComparingInt(Kind::cpuMilli)))
                        .toList();
        return new GpuWorkload(kinds, total);
    }

    public int kinds() {
        return share.length;
    }

    public int cpuMilli(int kind) {
        return cpuMilli[kind];
    }

    public int gpus(int kind) {
        return gpus[kind];
    }

    public int gpuMilli(int kind) {
        return gpuMilli[kind];
    }

    /// Of all requests with GPUs.
    public double share(int kind) {
        return share[kind];
    }
}
