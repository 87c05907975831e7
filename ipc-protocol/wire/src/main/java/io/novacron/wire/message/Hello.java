package io.novacron.wire.message;

import io.novacron.wire.sbe.ConnectionKind;
import java.util.UUID;

/// First message of a connection, from the agent or scheduler.
///
/// @param spoolEpoch changes whenever the agent starts a new spool; with the agent id and the
///   sequence it names a frame for ever
/// @param capabilities bits as in the schema's `Capabilities` set, read with the static methods of
///   the generated `CapabilitiesDecoder`
/// @param firstSequence oldest sequence still in the spool; 0 when the spool is empty
public record Hello(
        UUID agentId,
        long spoolEpoch,
        ConnectionKind connection,
        int protocolMin,
        int protocolMax,
        long capabilities,
        long firstSequence,
        long lastSequence,
        long clockMs,
        String hostName,
        String agentVersion)
        implements Message {}
