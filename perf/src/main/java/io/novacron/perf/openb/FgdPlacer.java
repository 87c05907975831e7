package io.novacron.perf.openb;

import io.novacron.solver.gpu.FragmentationPlacer;
import io.novacron.solver.gpu.GpuFleet;
import io.novacron.solver.gpu.GpuRequest;
import io.novacron.solver.gpu.GpuWorkload;
import io.novacron.solver.gpu.WasteMeasure;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;

/// Fragmentation gradient descent as its authors run it: scores rounded to whole numbers from 0 to
/// 100, and one of the best hosts by chance. The chance spreads work over equal hosts, which does
/// it good.
final class FgdPlacer {
    private static final double SCALE = 1_000;
    private static final double TOP = 100;
    private static final int UNFIT = -1;

    private final GpuFleet fleet;
    private final WasteMeasure measure;
    private final SplittableRandom random;
    private final double[] waste;
    private final int[] version;
    private final Map<GpuRequest, int[][]> known = new HashMap<>();
    private int gpu;

    FgdPlacer(GpuFleet fleet, GpuWorkload workload, long seed) {
        this.fleet = fleet;
        measure = WasteMeasure.ofNext(workload);
        random = new SplittableRandom(seed);
        version = new int[fleet.hosts()];
        waste = new double[fleet.hosts()];
        for (int host = 0; host < waste.length; host++) {
            waste[host] = measure.waste(fleet.freeCpuMilli(host), free(host));
        }
    }

    int place(GpuRequest request) {
        int[][] memory = known.computeIfAbsent(request, kind -> unknown());
        int found = FragmentationPlacer.NOWHERE;
        int most = UNFIT;
        int equals = 0;
        for (int host = 0; host < waste.length; host++) {
            if (memory[2][host] != version[host]) {
                memory[2][host] = version[host];
                look(request, host, memory);
            }
            int score = memory[0][host];
            if (score > most) {
                most = score;
                found = host;
                equals = 1;
            } else if (score == most && score > UNFIT && random.nextInt(++equals) == 0) {
                found = host;
            }
        }
        gpu = -1;
        if (found != FragmentationPlacer.NOWHERE) {
            gpu = memory[1][found];
            fleet.place(request, found, gpu);
            version[found]++;
            waste[found] = measure.waste(fleet.freeCpuMilli(found), free(found));
        }
        return found;
    }

    int gpu() {
        return gpu;
    }

    private int[][] unknown() {
        int[][] memory = new int[3][fleet.hosts()];
        Arrays.fill(memory[2], -1);
        return memory;
    }

    private void look(GpuRequest request, int host, int[][] memory) {
        memory[0][host] = UNFIT;
        memory[1][host] = -1;
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
            memory[0][host] = score(waste[host] - measure.waste(cpuMilli, free));
            return;
        }
        for (int i = 0; i < free.length; i++) {
            if (free[i] >= request.gpuMilli()) {
                free[i] -= request.gpuMilli();
                int score = score(waste[host] - measure.waste(cpuMilli, free));
                free[i] += request.gpuMilli();
                if (score > memory[0][host]) {
                    memory[0][host] = score;
                    memory[1][host] = i;
                }
            }
        }
    }

    private static int score(double gain) {
        return (int) (TOP / (1 + Math.exp(-gain / SCALE)));
    }

    private int[] free(int host) {
        int[] free = new int[fleet.gpus(host)];
        Arrays.setAll(free, i -> fleet.freeGpuMilli(host, i));
        return free;
    }
}
