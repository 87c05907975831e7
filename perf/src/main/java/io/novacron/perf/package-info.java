/// Measures this build: `novacron bench`, and what it needs to make load.
///
/// Start at [io.novacron.perf.BenchCommand]. Each sub-command is a `Measurement` and ends with
/// `Figures`. Costs are CPU time of the thread that does the work (`CpuCost`), since wall time says
/// more about the neighbours on a busy machine; latencies are histograms. Nothing in the product
/// depends on this package.
@NullMarked
package io.novacron.perf;

import org.jspecify.annotations.NullMarked;
