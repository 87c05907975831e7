package io.novacron.daemon.decision;

/// What an operator asked for, as it is journaled before it is carried out.
///
/// @param requestId matches the command to the caller that waits for it; of one run of the daemon
public record OperatorCommand(
        long requestId, long decisionId, Verb verb, String who, String reason) {
    /// What to do with a proposal.
    public enum Verb {
        APPROVE,
        REJECT,
        /// Stops all automation; of no decision.
        STOP,
        /// Lets automation go on; of no decision.
        RESUME
    }
}
