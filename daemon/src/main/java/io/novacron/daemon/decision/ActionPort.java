package io.novacron.daemon.decision;

import io.novacron.wire.message.Action;
import java.util.UUID;

/// The way to the agents, and to whoever else scales groups.
public interface ActionPort extends ScalingExecutor {
    /// Hands the action to the host's agent.
    ///
    /// @return an empty string when it was sent, else why it could not be
    String send(UUID host, Action action);

    /// To the agent of the order's host.
    @Override
    default String scale(ScalingOrder order) {
        return send(order.host(), order.action());
    }
}
