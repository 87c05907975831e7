package io.novacron.solver.gpu;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/// Puts each request where the waste of free GPUs grows least: on the host and, for a shared GPU,
/// the GPU for which a [WasteMeasure] rises least; the first of equals.
///
/// What a host would be worth after a request is remembered per kind of request until that host
/// changes, so that a placement looks anew at few hosts. Memory: hosts times kinds seen. Owns its
/// fleet; for one thread.
public final class FragmentationPlacer {
    /// No host has room.
    public static final int NOWHERE = -1;

    private static final double NEXT_SHARE = 0.4;
    private static final int WHOLE_OR_NONE = -1;
    private static final double NO_ROOM = Double.POSITIVE_INFINITY;

    private final GpuFleet fleet;
    private final WasteMeasure measure;
    private final double[] waste;
    private final int[] version;
    private final Map<GpuRequest, Memory> memories = new HashMap<>();
    private int gpu = WHOLE_OR_NONE;

    /// What is known of one kind of request, by host.
    private static final class Memory {
        final double[] growth;
        final int[] gpu;
        final int[] version;

        Memory(int hosts) {
            growth = new double[hosts];
            gpu = new int[hosts];
            version = new int[hosts];
            Arrays.fill(version, -1);
        }
    }

    public FragmentationPlacer(GpuFleet fleet, WasteMeasure measure) {
        this.fleet = fleet;
        this.measure = measure;
        waste = new double[fleet.hosts()];
        version = new int[fleet.hosts()];
        for (int host = 0; host < waste.length; host++) {
            waste[host] = measure.waste(fleet.freeCpuMilli(host), free(host));
        }
    }

    /// With the measure that did best on recorded requests: mostly of many, partly of the next.
    public static FragmentationPlacer of(GpuFleet fleet, GpuWorkload workload) {
        return new FragmentationPlacer(
                fleet,
                WasteMeasure.ofNext(workload)
                        .blendedWith(WasteMeasure.ofMany(workload), NEXT_SHARE));
    }

    /// Books a request and returns its host, or [#NOWHERE]. [#gpu] then tells the GPU.
    public int place(GpuRequest request) {
        var memory = memories.computeIfAbsent(request, kind -> new Memory(fleet.hosts()));
        int found = NOWHERE;
        double least = NO_ROOM;
        for (int host = 0; host < waste.length; host++) {
            if (memory.version[host] != version[host]) {
                look(request, host, memory);
            }
            if (memory.growth[host] < least) {
                least = memory.growth[host];
                found = host;
            }
        }
        gpu = WHOLE_OR_NONE;
        if (found != NOWHERE) {
            gpu = memory.gpu[found];
            fleet.place(request, found, gpu);
            version[found]++;
            waste[found] = measure.waste(fleet.freeCpuMilli(found), free(found));
        }
        return found;
    }

    /// The GPU that the last request placed shares, or -1 when it took none or whole ones.
    public int gpu() {
        return gpu;
    }

    private void look(GpuRequest request, int host, Memory memory) {
        memory.version[host] = version[host];
        memory.gpu[host] = WHOLE_OR_NONE;
        memory.growth[host] = NO_ROOM;
        if (!fleet.fits(request, host)) {
            return;
        }
        int cpuMilli = fleet.freeCpuMilli(host) - request.cpuMilli();
        int[] free = free(host);
        if (request.gpus() != 1) {
            int left = request.gpus();
            for (int i = 0; left > 0; i++) {
                if (free[i] >= request.gpuMilli()) {
                    free[i] -= request.gpuMilli();
                    left--;
                }
            }
            memory.growth[host] = measure.waste(cpuMilli, free) - waste[host];
            return;
        }
        for (int i = 0; i < free.length; i++) {
            if (free[i] >= request.gpuMilli() && isFirstWith(free, i)) {
                free[i] -= request.gpuMilli();
                double growth = measure.waste(cpuMilli, free) - waste[host];
                free[i] += request.gpuMilli();
                if (growth < memory.growth[host]) {
                    memory.growth[host] = growth;
                    memory.gpu[host] = i;
                }
            }
        }
    }

    private static boolean isFirstWith(int[] free, int gpu) {
        for (int i = 0; i < gpu; i++) {
            if (free[i] == free[gpu]) {
                return false;
            }
        }
        return true;
    }

    private int[] free(int host) {
        int[] free = new int[fleet.gpus(host)];
        Arrays.setAll(free, i -> fleet.freeGpuMilli(host, i));
        return free;
    }
}
