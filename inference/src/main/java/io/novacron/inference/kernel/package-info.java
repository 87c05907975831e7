/// Window statistics over time-major windows, each lane one series.
///
/// Start at [io.novacron.inference.kernel.Kernels]: `Kernels.best()` picks the implementation once.
/// `ScalarKernels` is the specification; `VectorKernels` is its Vector API twin, bit for bit equal
/// because both do the same IEEE operations in the same order for every series.
@NullMarked
package io.novacron.inference.kernel;

import org.jspecify.annotations.NullMarked;
