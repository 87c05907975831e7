package io.novacron.daemon.view;

import io.novacron.daemon.view.DecisionRow.ReasonRow;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/// Best hosts first; `rejections` counts the other hosts by the reason they were left out.
public record PlacementRow(long tick, List<Candidate> hosts, Map<String, Integer> rejections) {

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
