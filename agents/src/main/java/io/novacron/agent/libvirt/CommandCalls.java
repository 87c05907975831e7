package io.novacron.agent.libvirt;

import io.novacron.agent.libvirt.Connection.DomainJob;
import io.novacron.agent.libvirt.Connection.DomainState;
import io.novacron.agent.libvirt.LibvirtException.Kind;
import io.novacron.wire.message.VmSetting;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/// The calls that actions make: short reads, repeated once when a connection turns out to be
/// broken, and changes, which are remembered while they hang, for they may take effect any time.
final class CommandCalls {
    private final CallPool pool;
    private final Duration callTimeout;
    private final LongSupplier nanoClock;
    // At most as many as the pool lets hang.
    private final Map<UUID, CallPool.InFlight<?>> hanging = new ConcurrentHashMap<>();

    CommandCalls(CallPool pool, Duration callTimeout, LongSupplier nanoClock) {
        this.pool = pool;
        this.callTimeout = callTimeout;
        this.nanoClock = nanoClock;
    }

    long nowNs() {
        return nanoClock.getAsLong();
    }

    Duration remaining(long deadlineNs) {
        return Duration.ofNanos(Math.max(0, deadlineNs - nowNs()));
    }

    DomainState state(UUID vm, long deadlineNs) throws LibvirtException {
        return ask("read state", deadlineNs, c -> c.state(vm));
    }

    DomainJob job(UUID vm, long deadlineNs) throws LibvirtException {
        return ask("read job", deadlineNs, c -> c.job(vm));
    }

    /// @return in canonical form
    String setting(UUID vm, VmSetting setting, long deadlineNs) throws LibvirtException {
        return ask("read " + setting.label(), deadlineNs, c -> c.setting(vm, setting));
    }

    int hostCpus(long deadlineNs) throws LibvirtException {
        return ask("read host CPUs", deadlineNs, Connection::hostCpus);
    }

    /// The end of a read that begins now.
    long readDeadlineNs() {
        return nowNs() + callTimeout.toNanos();
    }

    /// A read, within the deadline and the limit of any read.
    <T> T ask(String what, long deadlineNs, CallPool.Call<T> call) throws LibvirtException {
        var left = remaining(deadlineNs);
        var timeout = left.compareTo(callTimeout) < 0 ? left : callTimeout;
        try {
            return pool.call(what, timeout, call);
        } catch (LibvirtException e) {
            if (e.kind() != Kind.CONNECTION_LOST) {
                throw e;
            }
            return pool.call(what, timeout, call);
        }
    }

    /// Begins a change of a vm; whoever begins it calls [#settle] in the end.
    CallPool.InFlight<Boolean> begin(String what, long deadlineNs, Change change)
            throws LibvirtException {
        return pool.start(
                what,
                remaining(deadlineNs),
                c -> {
                    change.on(c);
                    return true;
                });
    }

    /// Gives a change up if it has not ended, and remembers it.
    void settle(UUID vm, CallPool.InFlight<?> change) {
        if (change.abandon()) {
            hanging.put(vm, change);
        }
    }

    /// Whether an earlier change of the vm may still take effect.
    boolean hangs(UUID vm) {
        hanging.values().removeIf(CallPool.InFlight::ended);
        return hanging.containsKey(vm);
    }

    /// What a change does on an open connection.
    @FunctionalInterface
    interface Change {
        void on(Connection connection) throws LibvirtException;
    }
}
