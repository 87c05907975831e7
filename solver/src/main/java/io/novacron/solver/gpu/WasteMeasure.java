package io.novacron.solver.gpu;

/// How much of a host's free GPU is of no use to what usually comes.
@FunctionalInterface
public interface WasteMeasure {
    /// Waste of one host as it is.
    ///
    /// @param cpuMilli free on the host
    /// @param freeGpu thousandths free on each of its GPUs
    /// @return thousandths of a GPU, in expectation over the workload
    double waste(int cpuMilli, int[] freeGpu);

    /// For one more request: what is wasted when the next one to come finds the host like this.
    /// That is the measure of fragmentation gradient descent (Weng et al., USENIX ATC 2023): all
    /// that is free, if the next one does not fit; else what is free on GPUs too full for it.
    static WasteMeasure ofNext(GpuWorkload workload) {
        return (cpuMilli, freeGpu) -> {
            long free = sum(freeGpu);
            double waste = 0;
            for (int kind = 0; kind < workload.share.length; kind++) {
                waste += workload.share[kind] * ofNext(workload, kind, cpuMilli, freeGpu, free);
            }
            return waste;
        };
    }

    private static long ofNext(
            GpuWorkload workload, int kind, int cpuMilli, int[] freeGpu, long free) {
        if (cpuMilli < workload.cpuMilli[kind]) {
            return free;
        }
        int fitting = 0;
        long tooFull = 0;
        for (int milli : freeGpu) {
            if (milli >= workload.gpuMilli[kind]) {
                fitting++;
            } else {
                tooFull += milli;
            }
        }
        return fitting >= workload.gpus[kind] ? tooFull : free;
    }

    /// For many more: what is left when the host is filled with as many requests of one kind as it
    /// can take. Sees that CPU will run out before GPUs do while there is plenty of both.
    static WasteMeasure ofMany(GpuWorkload workload) {
        return (cpuMilli, freeGpu) -> {
            long free = sum(freeGpu);
            double waste = 0;
            for (int kind = 0; kind < workload.share.length; kind++) {
                long shares = 0;
                for (int milli : freeGpu) {
                    shares += milli / workload.gpuMilli[kind];
                }
                long count = shares / workload.gpus[kind];
                if (workload.cpuMilli[kind] > 0) {
                    count = Math.min(count, cpuMilli / workload.cpuMilli[kind]);
                }
                long used = count * workload.gpus[kind] * workload.gpuMilli[kind];
                waste += workload.share[kind] * (free - used);
            }
            return waste;
        };
    }

    /// Part of one and part of the other.
    ///
    /// @param share of this measure, in [0, 1]
    default WasteMeasure blendedWith(WasteMeasure other, double share) {
        return (cpuMilli, freeGpu) ->
                share * waste(cpuMilli, freeGpu) + (1 - share) * other.waste(cpuMilli, freeGpu);
    }

    private static long sum(int[] freeGpu) {
        long sum = 0;
        for (int milli : freeGpu) {
            sum += milli;
        }
        return sum;
    }
}
