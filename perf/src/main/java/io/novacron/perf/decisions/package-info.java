/// Measures and breaks the way of a decision: the whole daemon, real agents, and a fleet on paper.
///
/// Start at [DispatchBench] and [LifecycleFaultsBench].
@NullMarked
package io.novacron.perf.decisions;

import org.jspecify.annotations.NullMarked;
