package io.novacron.daemon.view;

import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A new vm that wants a host: near `affinity`, away from `antiAffinity`.
///
/// @param promise to whom room on the best host is to be promised; null: nobody
public record PlacementQuery(
        int vcpus,
        long memoryBytes,
        int maxResults,
        List<UUID> affinity,
        List<UUID> antiAffinity,
        @Nullable PromiseTo promise) {

    /// A vm to come, and how long it may take.
    public record PromiseTo(UUID vm, int seconds) {
        private static final int USUAL_SECONDS = 60;
        private static final int MOST_SECONDS = 3_600;

        public PromiseTo {
            if (seconds < 0 || seconds > MOST_SECONDS) {
                throw new CommandException(
                        CommandException.Kind.INVALID,
                        "promiseSeconds=%d must be in [0, %d]; 0 means %d"
                                .formatted(seconds, MOST_SECONDS, USUAL_SECONDS));
            }
            seconds = seconds == 0 ? USUAL_SECONDS : seconds;
        }
    }

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
