package io.novacron.daemon.service;

import io.novacron.daemon.decision.FleetFacts;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Facts of a tick, and until when they hold.
///
/// @param reported taken before the tick was closed
record ReportedFacts(FleetFacts facts, Map<UUID, Long> reported) implements FleetFacts {
    @Override
    public @Nullable VmFacts vm(UUID vm) {
        return facts.vm(vm);
    }

    @Override
    public boolean isOnline(UUID host) {
        return facts.isOnline(host);
    }

    @Override
    public long reportedAtMs(UUID host) {
        return reported.getOrDefault(host, 0L);
    }

    @Override
    public float[] history(UUID entity, int metricId, int minutes) {
        return facts.history(entity, metricId, minutes);
    }

    @Override
    public List<UUID> vmsOf(UUID host) {
        return facts.vmsOf(host);
    }

    @Override
    public float[] forecastPeak(UUID entity, int metricId) {
        return facts.forecastPeak(entity, metricId);
    }
}
