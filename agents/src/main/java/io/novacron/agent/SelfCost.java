package io.novacron.agent;

/// What the agent's process costs. Thread-safe.
public interface SelfCost {

    /// CPU time so far, or -1 when it is not known.
    long cpuNs();

    /// Resident memory, or -1 when it is not known.
    long rssBytes();
}
