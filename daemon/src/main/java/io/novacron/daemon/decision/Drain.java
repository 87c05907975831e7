package io.novacron.daemon.decision;

/// That a host is being emptied. Made by journaled notes alone.
///
/// @param who asked for it, why and when
/// @param fromMs when it begins
record Drain(String who, String reason, long sinceMs, long fromMs) {}
