package io.novacron.wire.message;

/// Goes both ways on the control connection; the daemon answers with its own clock.
///
/// @param echoClockMs `clockMs` of the heartbeat answered, else 0
public record Heartbeat(
        long clockMs,
        long echoClockMs,
        long agentCpuNs,
        long libvirtCpuNs,
        long agentRssBytes,
        long spoolBytes,
        long framesDropped,
        long samplesSent)
        implements Message {}
