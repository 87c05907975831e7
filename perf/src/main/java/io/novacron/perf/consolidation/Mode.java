package io.novacron.perf.consolidation;

/// What a run keeps honest, and what it leaves as CloudSim released it.
///
/// @param keepsVms whether a vm without demand goes on to exist; as released it is destroyed at the
///   first update that finds it at 0
/// @param hardMemory whether a vm's memory counts against its host at all times, on both hosts
///   while it moves; as released it counts only for the first placement
record Mode(boolean keepsVms, boolean hardMemory) {
    static final Mode AS_RELEASED = new Mode(false, false);
    static final Mode KEEP = new Mode(true, false);
    static final Mode HARD = new Mode(true, true);
}
