/// Replays a recorded day of vm demand against consolidation policies, with the semantics of
/// CloudSim's power examples (Beloglazov and Buyya, CCPE 24(13), 2012), and CloudSim's own policies
/// beside ours.
///
/// Start at [ConsolidationEvaluation] (the command) and `Simulation`. Written from the behaviour
/// that ADR 0013 lists; the reproduction of CloudSim's published figures is a test.
@NullMarked
package io.novacron.perf.consolidation;

import org.jspecify.annotations.NullMarked;
