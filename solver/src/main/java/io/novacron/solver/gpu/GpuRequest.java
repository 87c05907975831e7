package io.novacron.solver.gpu;

/// What one piece of work asks of one host.
///
/// @param cpuMilli thousandths of a core
/// @param memoryMib in MiB
/// @param gpus how many GPUs; 0 for none
/// @param gpuMilli thousandths of each of them: less than 1000 shares one GPU, and only one may be
///   shared by a request
/// @param models the GPU models that will do, by their bits (see [GpuFleet]); 0 means any
public record GpuRequest(int cpuMilli, int memoryMib, int gpus, int gpuMilli, long models) {
    /// A whole GPU.
    public static final int WHOLE = 1_000;

    public GpuRequest {
        check(
                cpuMilli >= 0 && memoryMib >= 0 && gpus >= 0,
                "cpuMilli=%d, memoryMib=%d and gpus=%d must not be negative",
                cpuMilli,
                memoryMib,
                gpus);
        check(
                gpus == 0 ? gpuMilli == 0 : gpuMilli > 0 && gpuMilli <= WHOLE,
                "gpuMilli=%d must be in [1, 1000] for gpus=%d, or 0 for none",
                gpuMilli,
                gpus);
        check(
                gpus <= 1 || gpuMilli == WHOLE,
                "gpuMilli=%d must be 1000 for gpus=%d: only one GPU may be shared by a request",
                gpuMilli,
                gpus);
    }

    /// Of all its GPUs together.
    public long totalGpuMilli() {
        return (long) gpus * gpuMilli;
    }

    private static void check(boolean holds, String message, Object... values) {
        if (!holds) {
            throw new IllegalArgumentException(message.formatted(values));
        }
    }
}
