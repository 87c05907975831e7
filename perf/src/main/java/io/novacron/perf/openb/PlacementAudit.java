package io.novacron.perf.openb;

import io.novacron.solver.gpu.GpuHost;
import io.novacron.solver.gpu.GpuRequest;
import java.util.ArrayList;
import java.util.List;

/// Recounts placements from the start, sharing nothing with who made them: every CPU, MiB and
/// thousandth of a GPU, and the model of each.
final class PlacementAudit {
    private final List<GpuHost> hosts;
    private final long[] cpuMilli;
    private final long[] memoryMib;
    private final List<long[]> gpuMilli = new ArrayList<>();
    private long allocated;

    PlacementAudit(List<GpuHost> hosts) {
        this.hosts = hosts;
        cpuMilli = new long[hosts.size()];
        memoryMib = new long[hosts.size()];
        hosts.forEach(host -> gpuMilli.add(new long[host.gpus()]));
    }

    /// Counts one placement; throws when it breaks a limit.
    ///
    /// @param gpu the shared GPU, or -1: whole GPUs are the first that nothing runs on
    void add(GpuRequest request, int host, int gpu) {
        cpuMilli[host] += request.cpuMilli();
        memoryMib[host] += request.memoryMib();
        long[] used = gpuMilli.get(host);
        if (gpu >= 0) {
            check(request.gpus() == 1, request, host, "names a GPU");
            used[gpu] += request.gpuMilli();
            check(used[gpu] <= GpuRequest.WHOLE, request, host, "overfills a GPU");
        } else {
            int left = request.gpus();
            for (int i = 0; i < used.length && left > 0; i++) {
                if (used[i] == 0) {
                    used[i] = GpuRequest.WHOLE;
                    left--;
                }
            }
            check(left == 0, request, host, "lacks whole GPUs");
        }
        check(cpuMilli[host] <= hosts.get(host).cpuMilli(), request, host, "overfills CPU");
        check(memoryMib[host] <= hosts.get(host).memoryMib(), request, host, "overfills memory");
        check(
                request.gpus() == 0
                        || request.models() == 0
                        || (request.models() & hosts.get(host).model()) != 0,
                request,
                host,
                "is on the wrong model");
        allocated += request.totalGpuMilli();
    }

    long allocatedGpuMilli() {
        return allocated;
    }

    private static void check(boolean holds, GpuRequest request, int host, String what) {
        if (!holds) {
            throw new IllegalStateException("%s on host %d %s".formatted(request, host, what));
        }
    }
}
