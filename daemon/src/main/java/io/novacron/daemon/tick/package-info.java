/// One analysis cycle: a consistent view of the fleet store becomes forecasts, findings and advice.
///
/// Start at [io.novacron.daemon.tick.TickPipeline], which owns the analysis thread.
/// `FleetForecaster` hands columns to `inference`, `ProblemAssembler` turns view and forecasts into
/// a problem for `solver`, `Adviser` turns its answers into proposals, and
/// [io.novacron.daemon.tick.PublishedView] is what the query ports read until the next tick.
@NullMarked
package io.novacron.daemon.tick;

import org.jspecify.annotations.NullMarked;
