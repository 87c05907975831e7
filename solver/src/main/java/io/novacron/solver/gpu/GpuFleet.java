package io.novacron.solver.gpu;

import java.util.Arrays;
import java.util.List;

/// What is free on each host, down to thousandths of each GPU. Mutable, for one thread.
public final class GpuFleet {
    private final GpuHost[] hosts;
    private final int[] freeCpu;
    private final int[] freeMemory;
    private final int[][] freeGpu;

    public GpuFleet(List<GpuHost> hosts) {
        this.hosts = hosts.toArray(GpuHost[]::new);
        freeCpu = hosts.stream().mapToInt(GpuHost::cpuMilli).toArray();
        freeMemory = hosts.stream().mapToInt(GpuHost::memoryMib).toArray();
        freeGpu = new int[this.hosts.length][];
        for (int host = 0; host < freeGpu.length; host++) {
            freeGpu[host] = new int[this.hosts[host].gpus()];
            Arrays.fill(freeGpu[host], GpuRequest.WHOLE);
        }
    }

    public int hosts() {
        return hosts.length;
    }

    public int freeCpuMilli(int host) {
        return freeCpu[host];
    }

    public int freeMemoryMib(int host) {
        return freeMemory[host];
    }

    public int gpus(int host) {
        return freeGpu[host].length;
    }

    /// Thousandths of one GPU that are free.
    public int freeGpuMilli(int host, int gpu) {
        return freeGpu[host][gpu];
    }

    /// Of all GPUs of all hosts together, when nothing runs.
    public long gpuMilli() {
        return Arrays.stream(hosts).mapToLong(host -> (long) host.gpus() * GpuRequest.WHOLE).sum();
    }

    /// Whether a host can take a request as it is now.
    public boolean fits(GpuRequest request, int host) {
        if (freeCpu[host] < request.cpuMilli() || freeMemory[host] < request.memoryMib()) {
            return false;
        }
        if (request.gpus() == 0) {
            return true;
        }
        boolean isRightModel =
                request.models() == 0 || (request.models() & hosts[host].model()) != 0;
        return isRightModel && gpusWith(request.gpuMilli(), host) >= request.gpus();
    }

    private int gpusWith(int milli, int host) {
        int count = 0;
        for (int free : freeGpu[host]) {
            if (free >= milli) {
                count++;
            }
        }
        return count;
    }

    /// Books a request.
    ///
    /// @param gpu the GPU to share; -1 when it asks for none or for whole ones, which are taken in
    ///   order
    public void place(GpuRequest request, int host, int gpu) {
        if (!fits(request, host) || (gpu >= 0 && freeGpu[host][gpu] < request.gpuMilli())) {
            throw new IllegalStateException(
                    "host %d has no room for %s on GPU %d".formatted(host, request, gpu));
        }
        freeCpu[host] -= request.cpuMilli();
        freeMemory[host] -= request.memoryMib();
        if (gpu >= 0) {
            freeGpu[host][gpu] -= request.gpuMilli();
            return;
        }
        int left = request.gpus();
        for (int i = 0; left > 0; i++) {
            if (freeGpu[host][i] >= request.gpuMilli()) {
                freeGpu[host][i] -= request.gpuMilli();
                left--;
            }
        }
    }
}
