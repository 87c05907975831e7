package io.novacron.solver;

/// One advised change to one vm, with the state it expects to find, so that an agent can refuse it
/// once that no longer holds.
public sealed interface Advice {
    int vm();

    String vmId();

    Grounds grounds();

    /// Sets the number of vCPUs of a running vm.
    ///
    /// @param reliable false when vCPUs are taken away: hypervisors may time out on an unplug and
    ///   keep a stale count, so verify by reading back, or prefer CPU shares
    record SetVcpus(
            int vm,
            String vmId,
            int host,
            String hostId,
            int fromVcpus,
            int toVcpus,
            boolean reliable,
            Grounds grounds)
            implements Advice {}

    /// Sets the memory of a running vm, through its balloon.
    record SetMemory(
            int vm,
            String vmId,
            int host,
            String hostId,
            long fromBytes,
            long toBytes,
            Grounds grounds)
            implements Advice {}

    /// Moves a running vm to another host.
    ///
    /// @param wave moves of one wave may be carried out together, in any order, or in part; a wave
    ///   starts when the one before it has ended
    record Migrate(
            int vm,
            String vmId,
            int fromHost,
            String fromHostId,
            int toHost,
            String toHostId,
            int wave,
            Grounds grounds)
            implements Advice {}
}
