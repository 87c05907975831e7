package io.novacron.agent;

import java.nio.file.Path;
import java.util.UUID;
import java.util.function.LongSupplier;

/// What a [HypervisorProvider] is given.
///
/// @param uri the connection URI, as configured
/// @param hostId the host's identity, which is the agent's id
/// @param procRoot `/proc`, or a fixture of it
/// @param sysRoot `/sys`, or a fixture of it
/// @param nanoClock monotonic time
/// @param log where expected trouble is told, once per kind
public record HypervisorSettings(
        String uri,
        UUID hostId,
        Path procRoot,
        Path sysRoot,
        LongSupplier nanoClock,
        AgentLog log) {}
