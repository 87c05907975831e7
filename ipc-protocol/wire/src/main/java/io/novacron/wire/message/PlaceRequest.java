package io.novacron.wire.message;

import java.util.List;
import java.util.UUID;

/// Asks for the best hosts for a new vm.
public record PlaceRequest(
        long requestId,
        int vcpus,
        long memoryBytes,
        int maxResults,
        List<UUID> affinity,
        List<UUID> antiAffinity)
        implements Message {
    public PlaceRequest {
        affinity = List.copyOf(affinity);
        antiAffinity = List.copyOf(antiAffinity);
    }
}
