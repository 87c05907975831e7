package io.novacron.agent.libvirt;

import io.novacron.agent.HypervisorSettings;
import io.novacron.agent.VmDescription;
import io.novacron.agent.libvirt.Connection.DomainState;
import io.novacron.agent.libvirt.LibvirtException.Kind;
import io.novacron.wire.sbe.EntityState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// The slow path: reads all domains' statistics in bulk, when asked for and no more often than the
/// [SlowPathPacer] allows. Its thread owns everything here but the published, volatile fields; the
/// libvirt calls run on the pool's thread and hand back values.
///
/// A guest that hangs makes the first read after it overrun. The read is given up, repeated at once
/// on another connection (which answers, with fewer parameters for that guest), and the guest is
/// told as unresponsive. One unanswered read alone is no proof: another client may hold the guest
/// for a moment.
final class StatsPoller implements AutoCloseable, Runnable {
    private static final int GROUPS =
            Connection.STATS_STATE
                    | Connection.STATS_BALLOON
                    | Connection.STATS_VCPU
                    | Connection.STATS_INTERFACE
                    | Connection.STATS_BLOCK;
    private static final Duration MAX_INTERVAL = Duration.ofMinutes(5);
    private static final double BUDGET =
            0.004; // of one core; leaves 0.1 % for the agent's other work
    private static final long LABELS_AGE_NS = Duration.ofMinutes(10).toNanos();
    private static final int MAX_DETAILS_PER_READ = 25;
    private static final int UNANSWERED_READS = 2;
    private static final long UNMEASURED_COST_NS =
            2_000_000; // a guest, when the daemon is not found
    private static final long CONFIRM_NS = Duration.ofSeconds(1).toNanos();
    private static final long FIRST_RETRY_NS = Duration.ofMillis(250).toNanos();
    private static final long LAST_RETRY_NS = Duration.ofSeconds(30).toNanos();

    private final LibvirtUri uri;
    private final HypervisorSettings settings;
    private final LongSupplier nanoClock;
    private final CallPool pool;
    private final ProcessFinder finder;
    private final FastPath fastPath;
    private final SampleBuffer samples;
    private final Set<UUID> acting;
    private final SlowPathPacer pacer;
    private final Thread thread =
            Thread.ofPlatform().daemon().name("libvirt-poller").unstarted(this);

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private boolean wanted = true; // guarded by lock, as all up to `passes`
    private boolean urgent;
    private boolean reading;
    private boolean retrying;
    private long retryNs;
    private long lastPassNs;
    private boolean closed;
    private long passes;

    private final Map<UUID, VmHistory> histories = new HashMap<>();
    private final Map<UUID, Integer> unanswered = new HashMap<>();
    private final Map<UUID, Labels> labels = new HashMap<>();
    private final Set<UUID> stale = ConcurrentHashMap.newKeySet(); // details to be read anew
    private boolean overran;
    private int failures;
    private String failure = "";

    private volatile List<VmDescription> vms = List.of();
    private volatile String description;
    private volatile boolean connected;
    private volatile int daemonPid = Posix.UNKNOWN;
    private final AtomicLong causedCpuNs = new AtomicLong();

    StatsPoller(
            LibvirtUri uri,
            HypervisorSettings settings,
            CallPool pool,
            ProcessFinder finder,
            FastPath fastPath,
            SampleBuffer samples,
            Set<UUID> acting) {
        this.uri = uri;
        this.settings = settings;
        this.nanoClock = settings.nanoClock();
        this.pool = pool;
        this.finder = finder;
        this.fastPath = fastPath;
        this.samples = samples;
        this.acting = acting;
        this.pacer =
                new SlowPathPacer(uri.slowInterval().toNanos(), MAX_INTERVAL.toNanos(), BUDGET);
        this.description = "none: %s has not answered yet".formatted(uri.uri());
    }

    void start() {
        lastPassNs = nanoClock.getAsLong() - MAX_INTERVAL.toNanos();
        thread.start();
    }

    List<VmDescription> vms() {
        return vms;
    }

    String description() {
        return description;
    }

    boolean connected() {
        return connected;
    }

    int daemonPid() {
        return daemonPid;
    }

    long causedCpuNs() {
        return causedCpuNs.get();
    }

    /// Asks for a read if one is due, and waits a little for it, so that its samples come with the
    /// interval they are of.
    void request(Duration patience) {
        lock.lock();
        try {
            wanted = true;
            changed.signalAll();
            long remainingNs = patience.toNanos();
            long before = passes;
            while (remainingNs > 0
                    && passes == before
                    && (reading || !retrying && due(nanoClock.getAsLong()))) {
                remainingNs = changed.awaitNanos(remainingNs);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }

    /// Asks for a read soon, due or not: something was changed.
    void requestNow() {
        lock.lock();
        try {
            urgent = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void run() {
        while (awaitDue()) {
            pass();
            lock.lock();
            try {
                passes++;
                reading = false;
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        thread.interrupt(); // it may wait for a call
    }

    /// Waits until there is something to read; false when closed.
    private boolean awaitDue() {
        lock.lock();
        try {
            while (!closed) {
                long nowNs = nanoClock.getAsLong();
                if (urgent || due(nowNs)) {
                    wanted = false;
                    urgent = false;
                    reading = true;
                    lastPassNs = nowNs;
                    return true;
                }
                if (retrying) {
                    changed.await(Math.max(1, retryNs - nowNs), TimeUnit.NANOSECONDS);
                } else {
                    changed.await();
                }
            }
        } catch (InterruptedException e) {
            // closed
        } finally {
            lock.unlock();
        }
        return false;
    }

    private boolean due(long nowNs) {
        if (retrying) {
            return nowNs - retryNs >= 0;
        }
        long intervalNs = pacer.intervalNs();
        // A tenth early is in time: the sampling thread's interval is ours, and both jitter.
        return wanted && nowNs - lastPassNs >= intervalNs - intervalNs / 10;
    }

    /// The next read asks again for what bulk statistics do not say of a vm: an action may have
    /// changed it.
    void refresh(UUID vm) {
        stale.add(vm);
    }

    private void pass() {
        var labelled = freshlyLabelled(nanoClock.getAsLong());
        try {
            int pid = daemonPid;
            var reading =
                    pool.call("read statistics", uri.callTimeout(), c -> read(c, pid, labelled));
            onReading(reading, nanoClock.getAsLong());
        } catch (LibvirtException e) {
            onFailure(e, nanoClock.getAsLong());
        } catch (RuntimeException e) {
            // one bad row must not end the poller's life
            onFailure(
                    new LibvirtException(Kind.REFUSED, "read statistics failed unexpectedly: " + e),
                    nanoClock.getAsLong());
        }
    }

    /// Runs on the pool's thread; may never return.
    private Reading read(Connection connection, int knownDaemonPid, Set<UUID> labelled)
            throws LibvirtException {
        long threadBefore = Posix.threadCpuNs();
        int pid = knownDaemonPid;
        long daemonBefore = pid == Posix.UNKNOWN ? Posix.UNKNOWN : Posix.processCpuNs(pid);
        if (daemonBefore == Posix.UNKNOWN) {
            pid = finder.daemon(uri);
            daemonBefore = pid == Posix.UNKNOWN ? Posix.UNKNOWN : Posix.processCpuNs(pid);
        }
        var rows = connection.allDomainStats(GROUPS);
        var details = new HashMap<UUID, Details>();
        for (var row : rows) {
            if (details.size() < MAX_DETAILS_PER_READ
                    && (!labelled.contains(row.uuid()) || !row.has("vcpu.current"))) {
                details.put(row.uuid(), details(connection, row));
            }
        }
        var version = connection.version();
        long daemonAfter = pid == Posix.UNKNOWN ? Posix.UNKNOWN : Posix.processCpuNs(pid);
        long daemonNs =
                daemonAfter == Posix.UNKNOWN || daemonBefore == Posix.UNKNOWN
                        ? rows.size() * UNMEASURED_COST_NS
                        : daemonAfter - daemonBefore;
        return new Reading(
                version, rows, details, pid, daemonNs, Posix.threadCpuNs() - threadBefore);
    }

    /// What bulk statistics do not say; a domain that vanished meanwhile has none.
    private static Details details(Connection connection, DomainStats row) throws LibvirtException {
        try {
            var labels = new HashMap<>(connection.labels(row.uuid()));
            if (row.active()) {
                labels.putAll(connection.settings(row.uuid()));
            }
            return new Details(
                    labels, row.has("vcpu.current") ? null : connection.state(row.uuid()));
        } catch (LibvirtException e) {
            if (e.kind() == Kind.CONNECTION_LOST) {
                throw e;
            }
            return new Details(Map.of(), null);
        }
    }

    private void onReading(Reading reading, long nowNs) {
        causedCpuNs.addAndGet(reading.daemonNs);
        pacer.onRead(reading.daemonNs + reading.clientNs);
        daemonPid = reading.daemonPid;
        reading.details.forEach((vm, details) -> labels.put(vm, new Labels(details.labels, nowNs)));

        var present = new HashSet<UUID>();
        var known = fastPath.known();
        var pass = new SampleBuffer.Pass();
        boolean confirm = false;
        for (var row : reading.rows) {
            present.add(row.uuid());
            confirm |= countUnanswered(row);
            histories
                    .computeIfAbsent(row.uuid(), VmHistory::new)
                    .onRow(row, nowNs, known.contains(row.uuid()), pass);
        }
        histories.keySet().retainAll(present);
        unanswered.keySet().retainAll(present);
        labels.keySet().retainAll(present);
        vms = describe(reading);
        samples.publish(pass);

        description = "libvirt %s, %s".formatted(reading.version, uri.uri());
        connected = true;
        if (!failure.isEmpty()) {
            settings.log().info("libvirt-back", "uri", uri.uri(), "after", failure);
        }
        failure = "";
        failures = 0;
        overran = false;
        retry(confirm ? nowNs + CONFIRM_NS : 0, confirm);
    }

    /// Counts a guest's unanswered reads in a row; true when the next read should come soon, to
    /// tell a busy guest from one that hangs.
    private boolean countUnanswered(DomainStats row) {
        if (!row.unanswered() || acting.contains(row.uuid())) {
            if (unanswered.remove(row.uuid()) != null) {
                settings.log().info("vm-answers", "vm", row.name());
            }
            return false;
        }
        int before = unanswered.getOrDefault(row.uuid(), 0);
        int now = overran ? UNANSWERED_READS : Math.min(before + 1, UNANSWERED_READS);
        unanswered.put(row.uuid(), now);
        if (now == UNANSWERED_READS && before != UNANSWERED_READS) {
            settings.log().warn("vm-unresponsive", "vm", row.name(), "uuid", row.uuid());
        }
        return now < UNANSWERED_READS;
    }

    private List<VmDescription> describe(Reading reading) {
        var before = new HashMap<UUID, VmDescription>();
        vms.forEach(vm -> before.put(vm.uuid(), vm));
        var list = new ArrayList<VmDescription>(reading.rows.size());
        for (var row : reading.rows) {
            var details = reading.details.get(row.uuid());
            list.add(describe(row, details == null ? null : details.state, before.get(row.uuid())));
        }
        return List.copyOf(list);
    }

    private VmDescription describe(
            DomainStats row, @Nullable DomainState sizes, @Nullable VmDescription before) {
        var state = row.state();
        if (unanswered.getOrDefault(row.uuid(), 0) >= UNANSWERED_READS) {
            state = EntityState.UNRESPONSIVE;
        }
        long disk = row.sum("block", "capacity");
        var label = labels.get(row.uuid());
        return new VmDescription(
                row.uuid(),
                row.name(),
                state,
                (int)
                        known(
                                row.get("vcpu.current"),
                                sizes == null ? 0 : sizes.vcpus(),
                                before == null ? 0 : before.vcpus()),
                (int)
                        known(
                                row.get("vcpu.maximum"),
                                sizes == null ? 0 : sizes.maxVcpus(),
                                before == null ? 0 : before.maxVcpus()),
                known(
                        bytes(row.get("balloon.current")),
                        sizes == null ? 0 : sizes.memoryBytes(),
                        before == null ? 0 : before.memoryBytes()),
                known(
                        bytes(row.get("balloon.maximum")),
                        sizes == null ? 0 : sizes.maxMemoryBytes(),
                        before == null ? 0 : before.maxMemoryBytes()),
                known(disk, 0, before == null ? 0 : before.diskBytes()),
                label == null ? Map.of() : label.values);
    }

    private static long known(long read, long asked, long before) {
        return read != DomainStats.MISSING ? read : asked != 0 ? asked : before;
    }

    private static long bytes(long kibibytes) {
        return kibibytes == DomainStats.MISSING ? kibibytes : kibibytes << 10;
    }

    private void onFailure(LibvirtException e, long nowNs) {
        failures++;
        // The first overrun and the first loss are news of an old connection: ask a new one at
        // once.
        boolean atOnce =
                failures == 1 && (e.kind() == Kind.OVERRAN || e.kind() == Kind.CONNECTION_LOST);
        overran |= e.kind() == Kind.OVERRAN;
        if (!atOnce) {
            connected &= e.kind() == Kind.OVERRAN || e.kind() == Kind.DEGRADED;
            description =
                    connected
                            ? "libvirt, %s, degraded: %s".formatted(uri.uri(), e.getMessage())
                            : "none: " + e.getMessage();
        }
        if (failure.isEmpty() && !atOnce) {
            settings.log().warn("libvirt-trouble", "uri", uri.uri(), "why", e.getMessage());
            failure = e.getMessage();
        }
        long delayNs = Math.min(FIRST_RETRY_NS << Math.min(failures, 10), LAST_RETRY_NS);
        retry(atOnce ? nowNs : nowNs + delayNs, true);
    }

    private void retry(long atNs, boolean on) {
        lock.lock();
        try {
            retrying = on;
            retryNs = atNs;
        } finally {
            lock.unlock();
        }
    }

    private Set<UUID> freshlyLabelled(long nowNs) {
        var fresh = new HashSet<UUID>();
        labels.keySet().removeIf(stale::remove);
        labels.forEach((vm, label) -> {
            if (nowNs - label.readNs < LABELS_AGE_NS) {
                fresh.add(vm);
            }
        });
        return fresh;
    }

    private record Reading(
            String version,
            List<DomainStats> rows,
            Map<UUID, Details> details,
            int daemonPid,
            long daemonNs,
            long clientNs) {}

    private record Details(Map<String, String> labels, @Nullable DomainState state) {}

    private record Labels(Map<String, String> values, long readNs) {}
}
