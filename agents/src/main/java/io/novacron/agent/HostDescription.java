package io.novacron.agent;

/// A host's name and sizes. A size that is not known is zero.
public record HostDescription(String name, int cpus, long memoryBytes, long diskBytes) {}
