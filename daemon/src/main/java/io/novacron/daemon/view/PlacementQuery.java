package io.novacron.daemon.view;

import java.util.List;
import java.util.UUID;

/// A new vm that wants a host: near `affinity`, away from `antiAffinity`.
public record PlacementQuery(
        int vcpus, long memoryBytes, int maxResults, List<UUID> affinity, List<UUID> antiAffinity) {
    public PlacementQuery {
        if (vcpus <= 0 || vcpus > 4096) {
            throw new CommandException(
                    CommandException.Kind.INVALID,
                    "vcpus=%d must be in [1, 4096]. Maybe the flag --vcpus is missing?"
                            .formatted(vcpus));
        }
        if (memoryBytes <= 0) {
            throw new CommandException(
                    CommandException.Kind.INVALID,
                    "memory=%d bytes must be positive. Maybe a unit is missing, e.g. 4GiB?"
                            .formatted(memoryBytes));
        }
        if (maxResults < 0) {
            throw new CommandException(
                    CommandException.Kind.INVALID,
                    "limit=%d must not be negative".formatted(maxResults));
        }
        affinity = List.copyOf(affinity);
        antiAffinity = List.copyOf(antiAffinity);
    }
}
