package io.novacron.daemon.view;

import io.novacron.daemon.view.DecisionRow.ReasonRow;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Best hosts first; `rejections` counts the other hosts by the reason they were left out.
///
/// @param promise if one was asked for and a host will do
public record PlacementRow(
        long tick,
        List<Candidate> hosts,
        Map<String, Integer> rejections,
        @Nullable Promise promise) {

    /// Room that is kept for a vm to come.
    public record Promise(UUID vm, UUID hostId, String hostName, long untilMs) {}

    /// One host that fits.
    public record Candidate(
            UUID hostId, String hostName, float score, float confidence, List<ReasonRow> reasons) {
        public Candidate {
            reasons = List.copyOf(reasons);
        }
    }

    public PlacementRow {
        hosts = List.copyOf(hosts);
        rejections = Map.copyOf(rejections);
    }
}
