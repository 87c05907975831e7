package io.novacron.agent;

import io.novacron.wire.message.Action;
import java.util.List;

/// Where an agent's vms come from, and what acts on them.
///
/// [#sample] and [#vms] are called by the sampling thread, [#execute] and [#readBack] by command
/// threads (at most one at a time for a vm). None of them may wait without a bound: an
/// implementation puts a watchdog on every call that leaves the process.
public interface Hypervisor extends AutoCloseable {

    /// What stands behind it, for people: `libvirt 9.0.0, qemu:///system` or `none: <why>`.
    String description();

    /// The capability bits of a hello; may change when a lost connection comes back.
    long capabilities();

    /// The last known list; never null, and empty when there is nothing to know.
    List<VmDescription> vms();

    /// Puts what was measured since the last call into the sink. A quantity that could not be read
    /// is left out, never put as zero.
    void sample(long nowNs, SampleSink sink);

    /// Does what the action says and waits for its end. Checks the action's precondition first.
    /// Expected failures come back in the report; after a timeout the report says `UNKNOWN`, for
    /// what was begun may still take effect.
    ActionReport execute(Action action, ActionProgress progress);

    /// Compares what is with what the action wanted: `KEPT` when the target holds, `FAILED` when
    /// the state from before it holds and nothing is under way, `UNKNOWN` otherwise.
    ActionReport readBack(Action action);

    /// CPU time of the hypervisor's management daemon that this agent caused, cumulative. An
    /// estimate.
    long causedCpuNs();

    @Override
    void close();
}
