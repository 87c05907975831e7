/// Places work on hosts with GPUs, whole or shared, one request at a time and for good, so that
/// what stays free stays usable.
///
/// Start at [FragmentationPlacer]; [GpuFleet] holds what is free, [GpuWorkload] what usually comes.
/// Nothing here reads a clock or draws random numbers.
@NullMarked
package io.novacron.solver.gpu;

import org.jspecify.annotations.NullMarked;
