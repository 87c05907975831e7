package io.novacron.perf.openb;

import io.novacron.solver.gpu.FragmentationPlacer;
import io.novacron.solver.gpu.GpuFleet;
import io.novacron.solver.gpu.GpuRequest;

/// The field's usual choice: the host with least left of CPU and GPU, each as a share of the
/// largest host's, and on it the fullest GPU that will do.
final class BestFitPlacer {
    private static final double LARGEST_CPU_MILLI = 128_000;
    private static final double LARGEST_GPU_MILLI = 8_000;

    private final GpuFleet fleet;
    private int gpu;

    BestFitPlacer(GpuFleet fleet) {
        this.fleet = fleet;
    }

    int place(GpuRequest request) {
        int found = FragmentationPlacer.NOWHERE;
        double least = Double.MAX_VALUE;
        for (int host = 0; host < fleet.hosts(); host++) {
            if (fleet.fits(request, host)) {
                double left = left(request, host);
                if (left < least) {
                    least = left;
                    found = host;
                }
            }
        }
        gpu = -1;
        if (found != FragmentationPlacer.NOWHERE) {
            if (request.gpus() == 1) {
                gpu = fullest(request, found);
            }
            fleet.place(request, found, gpu);
        }
        return found;
    }

    int gpu() {
        return gpu;
    }

    private double left(GpuRequest request, int host) {
        long free = 0;
        for (int i = 0; i < fleet.gpus(host); i++) {
            free += fleet.freeGpuMilli(host, i);
        }
        return (fleet.freeCpuMilli(host) - request.cpuMilli()) / LARGEST_CPU_MILLI
                + (free - request.totalGpuMilli()) / LARGEST_GPU_MILLI;
    }

    private int fullest(GpuRequest request, int host) {
        int found = -1;
        for (int i = 0; i < fleet.gpus(host); i++) {
            int free = fleet.freeGpuMilli(host, i);
            if (free >= request.gpuMilli()
                    && (found < 0 || free < fleet.freeGpuMilli(host, found))) {
                found = i;
            }
        }
        return found;
    }
}
