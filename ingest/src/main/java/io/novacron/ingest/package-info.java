/// The way in: Netty server, ring, journal and fleet store, and the way back to the agents.
///
/// Start at [Ingest], which puts the stages together, then follow a frame: [AgentConnection] (event
/// loop) → [RecordRing] → [JournalStage] (journal thread) → [FleetStage] (fleet thread). Each stage
/// writes only what it owns; acknowledgements go back through [Notices].
@NullMarked
package io.novacron.ingest;

import org.jspecify.annotations.NullMarked;
