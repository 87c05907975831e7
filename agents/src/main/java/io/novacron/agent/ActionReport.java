package io.novacron.agent;

import io.novacron.wire.sbe.ErrorCode;
import io.novacron.wire.sbe.LifecycleState;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// What became of an action, with the state that was read back afterwards. An observed quantity
/// that could not be read is zero or null.
public record ActionReport(
        LifecycleState state,
        ErrorCode code,
        int observedVcpus,
        long observedMemoryBytes,
        @Nullable UUID observedHost,
        String text) {

    /// A refusal or failure that left the vm as it was, without a read-back.
    public static ActionReport failed(ErrorCode code, String text) {
        return new ActionReport(LifecycleState.FAILED, code, 0, 0, null, text);
    }

    /// Nobody can say yet.
    public static ActionReport unknown(ErrorCode code, String text) {
        return new ActionReport(LifecycleState.UNKNOWN, code, 0, 0, null, text);
    }
}
