package io.novacron.ingest;

import java.util.UUID;

/// What is known of one agent at this moment. Times are 0 and sizes 0 when never heard.
///
/// @param capabilities bits as in the schema's `Capabilities` set
/// @param clockOffsetMs the agent's clock less the daemon's, by its last heartbeat
/// @param lastSampleMs end of the last interval it sent samples of
/// @param batchesQuarantined batches refused because they were stamped in the future
public record AgentRow(
        UUID agentId,
        String name,
        String version,
        boolean dataConnected,
        boolean controlConnected,
        long sessionId,
        long spoolEpoch,
        long capabilities,
        long lastHeartbeatMs,
        long lastSampleMs,
        long clockOffsetMs,
        long agentCpuNs,
        long libvirtCpuNs,
        long agentRssBytes,
        long spoolBytes,
        long framesDropped,
        long samplesSent,
        long journaledSequence,
        long syncedSequence,
        long batchesQuarantined) {}
