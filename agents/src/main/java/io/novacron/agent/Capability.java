package io.novacron.agent;

import io.novacron.wire.message.ActionCapability;
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

    public static final long SET_CPU_QUOTA = 1L << 5;
    public static final long SET_CPU_SHARES = 1L << 6;
    public static final long PIN_VCPUS = 1L << 7;

    /// Vms that are defined and off are started.
    public static final long START = 1L << 8;

    /// Guests are asked to shut down.
    public static final long STOP = 1L << 9;

    /// A template is cloned.
    public static final long SCALE_OUT = 1L << 10;

    /// A clone is removed, or another member of a group asked to shut down.
    public static final long SCALE_IN = 1L << 11;

    private Capability() {}

    /// Takes away what the host does not allow.
    static long masked(long capabilities, Set<ActionType> allowed) {
        long masked = capabilities;
        for (ActionType type : ActionType.values()) {
            if (!allowed.contains(type)) {
                masked &= ~ActionCapability.of(type);
            }
        }
        return masked;
    }
}
