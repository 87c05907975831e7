/// Breaks ingest in every way that it promises to survive, under load, and counts what was lost or
/// kept twice.
///
/// Start at [io.novacron.perf.faults.FaultsBench]. A server in a process of its own
/// ([io.novacron.perf.faults.FaultServer]) serves agents that keep what is not synced
/// ([io.novacron.perf.faults.SpoolingAgent]); after each fault [io.novacron.perf.faults.Audit]
/// compares what they were promised with the journal, record by record.
@NullMarked
package io.novacron.perf.faults;

import org.jspecify.annotations.NullMarked;
