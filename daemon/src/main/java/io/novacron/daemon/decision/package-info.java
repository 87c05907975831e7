/// The lifecycle of decisions, from a proposal to its outcome.
///
/// Every step is a [io.novacron.daemon.decision.DecisionEvent] that is appended to the journal and
/// takes effect when the journal hands it back, so that a replay of the journal gives the same
/// decisions. Start at `DecisionDesk` (owns the thread), then `DecisionBook` (the state, a pure
/// function of the events) and `Lifecycle` (which step may follow which).
@NullMarked
package io.novacron.daemon.decision;

import org.jspecify.annotations.NullMarked;
