package io.novacron.daemon.decision;

import io.novacron.wire.message.Action;
import java.util.UUID;

/// The way to the agents.
public interface ActionPort {
    /// Hands the action to the host's agent.
    ///
    /// @return an empty string when it was sent, else why it could not be
    String send(UUID host, Action action);
}
