package io.novacron.wire.message;

/// Asks for the open recommendations, the best first.
public record RecommendationsRequest(long requestId, int maxResults) implements Message {}
