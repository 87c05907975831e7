package io.novacron.daemon.decision;

import java.util.List;
import java.util.Map;
import java.util.UUID;

/// A group of the configuration, as of one tick.
///
/// Demand and capacity are in cores.
///
/// @param members vms that the group's selector takes and that run
/// @param memberVcpus of the template, or of the usual member where the group has none
/// @param observed what the members used in the last minutes, together; NaN where it is not known
/// @param recentPeak the highest minute of the group's stabilisation window; NaN where it is not
///   known
/// @param pathSeconds when the forecast of the group's demand has points, from the tick; empty
///   without a forecast
/// @param pathDemand `[point * levels + level]`
/// @param hosts where the next members would go, best first: each with those before it placed
/// @param labels that all members have
/// @param model that most of the forecast comes from
public record GroupFacts(
        String name,
        List<Member> members,
        int memberVcpus,
        long memberMemoryBytes,
        double observed,
        double recentPeak,
        List<Integer> pathSeconds,
        List<Float> pathDemand,
        List<Destination> hosts,
        Map<String, String> labels,
        String model) {
    /// The label that a cloned member has; its value is the group's name.
    public static final String SCALED_LABEL = "novacron.scaled";

    public GroupFacts {
        members = List.copyOf(members);
        pathSeconds = List.copyOf(pathSeconds);
        pathDemand = List.copyOf(pathDemand);
        hosts = List.copyOf(hosts);
        labels = Map.copyOf(labels);
    }

    /// @param isClone whether scaling created it
    public record Member(
            UUID id,
            String name,
            UUID host,
            String hostName,
            int vcpus,
            long memoryBytes,
            long sinceMs,
            boolean isClone,
            Map<String, String> labels) {
        public Member {
            labels = Map.copyOf(labels);
        }
    }

    /// A host with the group's template and room for a member.
    ///
    /// @param labels of the host
    public record Destination(
            UUID host, String hostName, UUID template, Map<String, String> labels) {
        public Destination {
            labels = Map.copyOf(labels);
        }
    }

    int size() {
        return members.size();
    }
}
