/// Keeps a fleet on few hosts while demand changes: which vms to move, and when, so that hosts can
/// be switched off and nobody goes without.
///
/// Start at [Consolidator]: one call a decision interval, with the demand seen until now. It keeps
/// the recent past itself, reads no clock, draws no random numbers, and gives the same moves for
/// the same calls. [Estate] is what does not change; [ConsolidationPolicy] holds the settings.
@NullMarked
package io.novacron.solver.consolidation;

import org.jspecify.annotations.NullMarked;
