package io.novacron.inference.kernel;

import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Window statistics over a time-major matrix: `values[step * stride + i]` is series `i`.
///
/// Implementations keep no state, so one instance serves every thread.
public sealed interface Kernels permits ScalarKernels, VectorKernels {

    /// Name for logs and reports, such as `vector-512` or `scalar`.
    String name();

    /// Statistics of steps `[fromStep, toStep)` for series `[fromSeries, toSeries)`, written to
    /// `out` at index `i - fromSeries`. `stride` is the number of series in a row of the matrix.
    void windowStats(
            float[] values,
            int stride,
            int fromSeries,
            int toSeries,
            int fromStep,
            int toStep,
            WindowStats out);

    /// The fastest implementation this JVM offers, chosen once and logged.
    static Kernels best() {
        return Best.KERNELS;
    }

    /// The specification, for tests and for machines without vectors.
    static Kernels scalar() {
        return ScalarKernels.INSTANCE;
    }

    /// Checks the shape once for both twins and makes room in `out`.
    static void check(
            float[] values,
            int stride,
            int fromSeries,
            int toSeries,
            int fromStep,
            int toStep,
            WindowStats out) {
        Objects.checkFromToIndex(fromSeries, toSeries, stride);
        Objects.checkFromToIndex(fromStep, toStep, stride == 0 ? 0 : values.length / stride);
        out.ensureSeries(toSeries - fromSeries);
    }

    /// Holder, so that the choice is made and logged at first use and never again.
    final class Best {
        private static final Logger LOGGER = LoggerFactory.getLogger(Kernels.class);
        private static final Kernels KERNELS = pick();

        private Best() {}

        private static Kernels pick() {
            Kernels chosen = ScalarKernels.INSTANCE;
            try {
                if (VectorKernels.LANES >= 4) { // narrower than four lanes, scalar code is as fast
                    chosen = new VectorKernels();
                }
            } catch (LinkageError missing) {
                LOGGER.warn(
                        "the Vector API is not there ({}). Maybe --add-modules jdk.incubator.vector is missing?",
                        missing.toString());
            }
            LOGGER.info("window kernels: {}", chosen.name());
            return chosen;
        }
    }
}
