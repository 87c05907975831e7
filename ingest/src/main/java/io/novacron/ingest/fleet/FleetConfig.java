package io.novacron.ingest.fleet;

import java.time.Duration;

/// Limits of the fleet.
///
/// @param maxAgents agents that may ever report
/// @param maxEntities hosts and vms at once
/// @param maxEntitiesPerAgent entities of one inventory or batch
/// @param vanishedGrace how long a slot is kept for an entity that no inventory lists
/// @param agentRetention how long the entities of a silent agent are kept
public record FleetConfig(
        int maxAgents,
        int maxEntities,
        int maxEntitiesPerAgent,
        Duration vanishedGrace,
        Duration agentRetention) {
    public static final FleetConfig DEFAULT =
            new FleetConfig(12_000, 120_000, 4_096, Duration.ofMinutes(10), Duration.ofDays(7));

    public FleetConfig {
        check(maxAgents > 0, "fleet.max-agents=%s must be positive", maxAgents);
        check(maxEntities > 0, "fleet.max-entities=%s must be positive", maxEntities);
        check(
                maxEntitiesPerAgent > 0 && maxEntitiesPerAgent <= 65_535,
                "fleet.max-entities-per-agent=%s must be in [1, 65535]",
                maxEntitiesPerAgent);
        check(
                !vanishedGrace.isNegative(),
                "fleet.vanished-grace=%s must not be negative",
                vanishedGrace);
        check(
                agentRetention.compareTo(vanishedGrace) >= 0,
                "fleet.agent-retention=%s must not be shorter than fleet.vanished-grace",
                agentRetention);
    }

    private static void check(boolean holds, String message, Object value) {
        if (!holds) {
            throw new IllegalArgumentException(message.formatted(value));
        }
    }
}
