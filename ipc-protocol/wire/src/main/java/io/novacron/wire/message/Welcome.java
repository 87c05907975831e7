package io.novacron.wire.message;

/// Accepts a connection. The agent resumes after `journaledSequence`.
public record Welcome(
        long sessionId,
        int protocolVersion,
        long journaledSequence,
        long syncedSequence,
        long clockMs,
        int sampleIntervalMs,
        int heartbeatIntervalMs,
        int maxFrameLength,
        String daemonVersion)
        implements Message {}
