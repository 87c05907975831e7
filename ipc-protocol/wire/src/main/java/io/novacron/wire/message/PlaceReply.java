package io.novacron.wire.message;

import java.util.List;
import java.util.UUID;

/// Hosts for a new vm, best first.
///
/// @param rejections why other hosts were left out, for people; cut at its bound
public record PlaceReply(long requestId, long tick, List<Host> hosts, String rejections)
        implements Message {
    public PlaceReply {
        hosts = List.copyOf(hosts);
    }

    /// One host offered. Higher scores are better; confidence is in [0, 1].
    public record Host(UUID host, float score, float confidence, String name, String reason) {}
}
