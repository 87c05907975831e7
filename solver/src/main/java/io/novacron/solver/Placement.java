package io.novacron.solver;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// Hosts for a new vm, best first; hosts that are alike in the order of their slots.
///
/// @param rejected how many hosts were rejected for which reason first, in the order of the checks;
///   rejected and accepted hosts together are all hosts
/// @param accepted hosts that would do, whether among the candidates or not
public record Placement(List<Candidate> candidates, List<Rejected> rejected, int accepted) {
    public Placement {
        candidates = List.copyOf(candidates);
        rejected = List.copyOf(rejected);
    }

    /// @param score in `[0, 1]`, higher is better; comparable within one answer
    public record Candidate(int host, String hostId, double score, Grounds grounds) {}

    /// @param resource which ran out, for [Rejection#CAPACITY] and [Rejection#SAFETY_LEVEL]
    public record Rejected(Rejection reason, @Nullable String resource, int hosts) {}
}
