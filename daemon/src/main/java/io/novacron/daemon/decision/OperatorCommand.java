package io.novacron.daemon.decision;

import io.novacron.daemon.view.ActionRequest;
import io.novacron.wire.sbe.LifecycleState;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// What an operator asked for, as it is journaled before it is carried out.
///
/// @param requestId matches the command to the caller that waits for it; of one run of the daemon
/// @param decisionId 0 where it is about none
/// @param request of [Verb#ACT]; else null
/// @param host of [Verb#DRAIN] and [Verb#UNDRAIN]; else null
/// @param fromMs when a [Verb#DRAIN] begins; 0: at once
/// @param state that a [Verb#REPORT] tells of; else null
public record OperatorCommand(
        long requestId,
        long decisionId,
        Verb verb,
        String who,
        String reason,
        @Nullable ActionRequest request,
        @Nullable UUID host,
        long fromMs,
        @Nullable LifecycleState state) {
    /// What to do.
    public enum Verb {
        APPROVE,
        REJECT,
        /// Stops all automation; of no decision.
        STOP,
        /// Lets automation go on; of no decision.
        RESUME,
        /// Asks for an action, and approves it.
        ACT,
        /// Empties a host, and keeps it empty.
        DRAIN,
        /// Lets a host take vms again.
        UNDRAIN,
        /// A webhook says what became of a decision.
        REPORT
    }

    OperatorCommand(
            long requestId,
            long decisionId,
            Verb verb,
            String who,
            String reason,
            @Nullable ActionRequest request,
            @Nullable UUID host,
            long fromMs) {
        this(requestId, decisionId, verb, who, reason, request, host, fromMs, null);
    }

    /// About a decision, or about none.
    OperatorCommand(long requestId, long decisionId, Verb verb, String who, String reason) {
        this(requestId, decisionId, verb, who, reason, null, null, 0);
    }
}
