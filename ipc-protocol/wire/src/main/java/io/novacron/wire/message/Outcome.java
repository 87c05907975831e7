package io.novacron.wire.message;

import io.novacron.wire.sbe.ErrorCode;
import io.novacron.wire.sbe.LifecycleState;
import java.util.UUID;

/// What became of an action; resent until it is acknowledged on the control stream.
public record Outcome(
        long sequence,
        long actionId,
        LifecycleState state,
        ErrorCode code,
        long startedAtMs,
        long finishedAtMs,
        int observedVcpus,
        long observedMemoryBytes,
        UUID observedHost,
        String text)
        implements Message {}
