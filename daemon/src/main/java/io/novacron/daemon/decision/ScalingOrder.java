package io.novacron.daemon.decision;

import io.novacron.wire.message.Action;
import io.novacron.wire.sbe.ActionType;
import java.util.UUID;

/// What an executor is told: one decision about one group.
///
/// @param decision its number: the same order is carried out once, however often it is told
/// @param executor `webhook` or `libvirt`
/// @param from members before
/// @param to members after
/// @param summary in words
/// @param action the same for an agent
public record ScalingOrder(
        long decision,
        String group,
        String executor,
        ActionType type,
        int from,
        int to,
        long issuedAtMs,
        long expiresAtMs,
        String summary,
        Action action) {
    public static final String WEBHOOK = "webhook";
    public static final String LIBVIRT = "libvirt";

    /// The host of the agent that carries it out; of no host where a webhook does.
    public UUID host() {
        return action.expectedHost();
    }
}
