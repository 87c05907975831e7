package io.novacron.wire.message;

import io.novacron.wire.sbe.ActionType;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// One command to one agent, with the state it expects to find.
///
/// Fields that an action type does not use are 0, the zero UUID or empty. The signature covers the
/// rest; it is copied in and out, so that the record stays immutable.
///
/// @param expectedSetting see [VmSetting]; empty expects nothing
/// @param targetSetting see [VmSetting]
public record Action(
        long actionId,
        ActionType actionType,
        UUID vm,
        long issuedAtMs,
        long expiresAtMs,
        int timeoutMs,
        int expectedVcpus,
        long expectedMemoryBytes,
        UUID expectedHost,
        int targetVcpus,
        long targetMemoryBytes,
        UUID targetHost,
        String targetUri,
        byte[] signature,
        String expectedSetting,
        String targetSetting)
        implements Message {
    public Action {
        signature = signature.clone();
    }

    /// An action that changes no setting.
    public Action(
            long actionId,
            ActionType actionType,
            UUID vm,
            long issuedAtMs,
            long expiresAtMs,
            int timeoutMs,
            int expectedVcpus,
            long expectedMemoryBytes,
            UUID expectedHost,
            int targetVcpus,
            long targetMemoryBytes,
            UUID targetHost,
            String targetUri,
            byte[] signature) {
        this(
                actionId,
                actionType,
                vm,
                issuedAtMs,
                expiresAtMs,
                timeoutMs,
                expectedVcpus,
                expectedMemoryBytes,
                expectedHost,
                targetVcpus,
                targetMemoryBytes,
                targetHost,
                targetUri,
                signature,
                "",
                "");
    }

    @Override
    public byte[] signature() {
        return signature.clone();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Action that
                && withoutSignature().equals(that.withoutSignature())
                && Arrays.equals(signature, that.signature);
    }

    @Override
    public int hashCode() {
        return Long.hashCode(actionId);
    }

    @Override
    public String toString() {
        return "Action" + withoutSignature() + " signed by " + signature.length + " bytes";
    }

    private List<Object> withoutSignature() {
        return List.of(
                actionId,
                actionType,
                vm,
                issuedAtMs,
                expiresAtMs,
                timeoutMs,
                expectedVcpus,
                expectedMemoryBytes,
                expectedHost,
                targetVcpus,
                targetMemoryBytes,
                targetHost,
                targetUri,
                expectedSetting,
                targetSetting);
    }
}
