/// From an assignment of vms to another one, step by step: which vm moves when, so that nothing is
/// broken on the way, one can stop after any wave, and go back from there.
///
/// Start at [WavePlanner]. [WaveCheck] replays a plan and shares no code with the planner. One
/// thread owns a planner while it works; plans are immutable.
@NullMarked
package io.novacron.solver.plan;

import org.jspecify.annotations.NullMarked;
