/// Distances of a series to its own past, by lag.
///
/// Start at [io.novacron.inference.member.kernel.AnalogKernels]: `best()` picks the implementation
/// once. `ScalarAnalogKernels` is the specification; `VectorAnalogKernels` is its Vector API twin.
@NullMarked
package io.novacron.inference.member.kernel;

import org.jspecify.annotations.NullMarked;
