package io.novacron.agent.libvirt;

import io.novacron.agent.ActionProgress;
import io.novacron.agent.ActionReport;
import io.novacron.agent.Capability;
import io.novacron.agent.Hypervisor;
import io.novacron.agent.HypervisorSettings;
import io.novacron.agent.SampleSink;
import io.novacron.agent.VmDescription;
import io.novacron.wire.message.Action;
import io.novacron.wire.sbe.EntityState;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/// The vms of a libvirt host.
///
/// | who | does | bound |
/// |---|---|---|
/// | sampling thread | fast path: `/proc` of the guests | one scan of `/proc` in 10 s |
/// | poller's thread | slow path: decides when, digests | pace by budget, one pass of samples kept |
/// | statistics pool | the bulk reads | 1 connection, 4 hanging calls |
/// | commands pool | actions and their read-back | 4 connections, 8 hanging calls |
///
/// Neither a hanging guest nor a hanging libvirtd stops the fast path, the other guests, or the
/// caller.
final class LibvirtHypervisor implements Hypervisor {
    private static final Duration FIRST_READ_PATIENCE = Duration.ofSeconds(3);
    private static final Duration READ_PATIENCE = Duration.ofMillis(500);
    private static final int STATISTICS_CONNECTIONS = 1;
    private static final int MAX_HANGING_STATISTICS = 4;
    private static final int COMMAND_CONNECTIONS = 4;
    private static final int MAX_HANGING_COMMANDS = 8;

    private final CallPool statistics;
    private final CallPool commands;
    private final FastPath fastPath;
    private final SampleBuffer samples = new SampleBuffer();
    private final Set<UUID> acting = ConcurrentHashMap.newKeySet();
    private final Set<UUID> migrating = ConcurrentHashMap.newKeySet();
    private final StatsPoller poller;
    private final LibvirtExecutor executor;

    private LibvirtHypervisor(LibvirtUri uri, HypervisorSettings settings) {
        var clock = settings.nanoClock();
        statistics =
                new CallPool(
                        "statistics",
                        uri.uri(),
                        STATISTICS_CONNECTIONS,
                        MAX_HANGING_STATISTICS,
                        clock);
        commands =
                new CallPool(
                        "command", uri.uri(), COMMAND_CONNECTIONS, MAX_HANGING_COMMANDS, clock);
        var finder = new ProcessFinder(settings.procRoot());
        fastPath = new FastPath(finder);
        poller = new StatsPoller(uri, settings, statistics, finder, fastPath, samples, acting);
        executor =
                new LibvirtExecutor(
                        uri,
                        settings.hostId(),
                        new CommandCalls(commands, uri.callTimeout(), clock),
                        acting,
                        migrating);
    }

    /// Opens and waits a little for the first answer. Never fails: see [#description].
    static LibvirtHypervisor open(HypervisorSettings settings) {
        var hypervisor = new LibvirtHypervisor(LibvirtUri.parse(settings.uri()), settings);
        hypervisor.poller.start();
        hypervisor.poller.request(FIRST_READ_PATIENCE);
        return hypervisor;
    }

    @Override
    public String description() {
        return poller.description();
    }

    @Override
    public long capabilities() {
        if (!poller.connected()) {
            return 0;
        }
        return Capability.LIBVIRT
                | Capability.SET_VCPUS
                | Capability.SET_MEMORY
                | Capability.LIVE_MIGRATE
                | Capability.SET_CPU_QUOTA
                | Capability.SET_CPU_SHARES
                | Capability.PIN_VCPUS
                | Capability.START
                | Capability.STOP
                | Capability.SCALE_OUT
                | Capability.SCALE_IN;
    }

    @Override
    public List<VmDescription> vms() {
        var stopped = fastPath.stopped();
        if (stopped.isEmpty() && migrating.isEmpty()) {
            return poller.vms();
        }
        return poller.vms().stream().map(vm -> withState(vm, stopped)).toList();
    }

    @Override
    public void sample(long nowNs, SampleSink sink) {
        fastPath.sample(nowNs, poller.vms(), poller.daemonPid(), sink);
        poller.request(READ_PATIENCE);
        samples.drainTo(sink);
    }

    @Override
    public ActionReport execute(Action action, ActionProgress progress) {
        var report = executor.execute(action, progress);
        poller.refresh(action.vm());
        poller.requestNow();
        return report;
    }

    @Override
    public ActionReport readBack(Action action) {
        return executor.readBack(action);
    }

    @Override
    public long causedCpuNs() {
        return poller.causedCpuNs();
    }

    @Override
    public void close() {
        poller.close();
        statistics.close();
        commands.close();
        fastPath.close();
    }

    /// The list by libvirt's word alone.
    List<VmDescription> polledVms() {
        return poller.vms();
    }

    /// Calls that hang now, in both pools.
    int hangingCalls() {
        return statistics.abandoned() + commands.abandoned();
    }

    private VmDescription withState(VmDescription vm, Set<UUID> stopped) {
        EntityState state;
        if (stopped.contains(vm.uuid())) {
            state = EntityState.UNRESPONSIVE;
        } else if (migrating.contains(vm.uuid())) {
            state = EntityState.MIGRATING;
        } else {
            return vm;
        }
        return new VmDescription(
                vm.uuid(),
                vm.name(),
                state,
                vm.vcpus(),
                vm.maxVcpus(),
                vm.memoryBytes(),
                vm.maxMemoryBytes(),
                vm.diskBytes(),
                vm.labels());
    }
}
