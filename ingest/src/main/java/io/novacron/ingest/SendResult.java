package io.novacron.ingest;

/// What became of an action that was to be sent.
public enum SendResult {
    /// On its way; the agent answers with an outcome.
    SENT,
    /// The agent has no control connection.
    NOT_CONNECTED,
    /// The agent does not read what it has been sent so far.
    OVERLOADED
}
