package io.novacron.wire.message;

/// Approves or rejects a recommendation.
public record ApproveRequest(long requestId, long id, boolean approve, String who, String reason)
        implements Message {}
