package io.novacron.perf.jmh;

import io.novacron.inference.kernel.Kernels;
import io.novacron.inference.kernel.WindowStats;
import io.novacron.perf.SeriesMatrix;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// Cost of all statistics of a block of series, 60 samples each: divide by `series` for one.
/// Baseline: `perf/results/0001-first-figures/README.md`.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class WindowKernelBenchmark {
    private static final long SEED = 7;

    /// The twin: `best` is the SIMD kernel where there is one.
    public enum Kernel {
        BEST,
        SCALAR
    }

    @Param public Kernel kernel = Kernel.BEST;

    /// One aligned, one with a tail.
    @Param({"1024", "1039"})
    public int series;

    private Kernels kernels = Kernels.scalar();
    private SeriesMatrix matrix = new SeriesMatrix(SEED, 0);

    @Setup
    public void makeSeries() {
        kernels = kernel == Kernel.BEST ? Kernels.best() : Kernels.scalar();
        matrix = new SeriesMatrix(SEED, series);
    }

    @Benchmark
    public WindowStats windowStats() {
        return matrix.windowStats(kernels);
    }
}
