package io.novacron.wire.message;

import io.novacron.wire.sbe.ErrorCode;
import io.novacron.wire.sbe.LifecycleState;

/// What became of an approval.
public record ApproveReply(
        long requestId, long id, LifecycleState state, ErrorCode code, String text)
        implements Message {}
