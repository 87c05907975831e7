package io.novacron.agent;

import io.novacron.wire.sbe.ActionType;
import java.util.Set;

/// The capability bits of a hello, as the schema's `Capabilities` set numbers them.
public final class Capability {
    /// The host's vms are libvirt domains.
    public static final long LIBVIRT = 1L;

    public static final long SET_VCPUS = 1L << 1;
    public static final long SET_MEMORY = 1L << 2;
    public static final long LIVE_MIGRATE = 1L << 3;

    /// The agent sends metrics of the past.
    public static final long HISTORY = 1L << 4;

    private Capability() {}

    /// Takes away what the host does not allow.
    static long masked(long capabilities, Set<ActionType> allowed) {
        long masked = capabilities;
        if (!allowed.contains(ActionType.SET_VCPUS)) {
            masked &= ~SET_VCPUS;
        }
        if (!allowed.contains(ActionType.SET_MEMORY)) {
            masked &= ~SET_MEMORY;
        }
        if (!allowed.contains(ActionType.LIVE_MIGRATE)) {
            masked &= ~LIVE_MIGRATE;
        }
        return masked;
    }
}
