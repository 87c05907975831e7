/// Where frames wait until the daemon has them on disk.
///
/// Start at [Spool]: one ordered stream of frames with sequences that grow by one. [FileSpool]
/// survives `kill -9` and power loss, [MemorySpool] is for simulated hosts. [AgentState] is the
/// folder that holds the spools of an agent, its epoch and its entity ids, which belong together.
/// All of it is bounded: what does not fit pushes the oldest frames out, and they are counted.
@NullMarked
package io.novacron.agent.spool;

import org.jspecify.annotations.NullMarked;
