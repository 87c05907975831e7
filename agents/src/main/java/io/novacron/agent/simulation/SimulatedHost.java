package io.novacron.agent.simulation;

import java.util.UUID;

/// One host of a simulated fleet.
record SimulatedHost(UUID uuid, String name, int cores, long memoryBytes) {}
