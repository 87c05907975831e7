package io.novacron.wire.message;

import io.novacron.wire.sbe.ActionType;
import io.novacron.wire.sbe.LifecycleState;
import java.util.List;
import java.util.UUID;

/// The open recommendations, best first.
public record RecommendationsReply(long requestId, List<Recommendation> recommendations)
        implements Message {
    public RecommendationsReply {
        recommendations = List.copyOf(recommendations);
    }

    /// One advised change. The summary is for people; it is cut at its bound.
    public record Recommendation(
            long id,
            ActionType actionType,
            LifecycleState state,
            UUID vm,
            float confidence,
            long proposedAtMs,
            String summary) {}
}
