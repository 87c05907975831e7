package io.novacron.solver.gpu;

/// One host when nothing runs on it.
///
/// @param gpus how many; each gives [GpuRequest#WHOLE] thousandths
/// @param model the bit of its GPU model, 0 for a host without GPUs
public record GpuHost(int cpuMilli, int memoryMib, int gpus, long model) {
    public GpuHost {
        if (cpuMilli < 0 || memoryMib < 0 || gpus < 0) {
            throw new IllegalArgumentException(
                    "cpuMilli=%d, memoryMib=%d and gpus=%d of a host must not be negative"
                            .formatted(cpuMilli, memoryMib, gpus));
        }
        if (gpus > 0 && Long.bitCount(model) != 1) {
            throw new IllegalArgumentException(
                    "model=%#x of a host with %d GPUs must have one bit set"
                            .formatted(model, gpus));
        }
    }
}
