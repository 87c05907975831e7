package io.novacron.agent;

import io.novacron.wire.catalogue.Metrics;
import java.util.UUID;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// Measures the host and its vms at every interval and spools what it finds.
///
/// One thread, which owns the sources and the table. It sleeps until the next interval; an interval
/// that was missed is skipped and counted, not caught up with.
final class Sampler implements AutoCloseable {
    private static final int MAX_INTERVAL_MS = 60_000;
    private static final long JOIN_MS = 5_000;
    private static final int MAX_MISSED = 6;

    private final UUID hostId;
    private final HostSource host;
    private final Hypervisor hypervisor;
    private final SelfCost selfCost;
    private final InventoryTracker inventory;
    private final SampleTable table;
    private final AgentClock clock;
    private final AgentLog log;
    private final Thread thread;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private long intervalNs; // guarded by lock
    private boolean closed; // guarded by lock

    private volatile long lastEndedNs;
    private boolean sampledBefore;
    private long previousNs;
    private long previousCpuNs = -1;
    private final AtomicLong intervalsMissed = new AtomicLong();
    private final AtomicLong intervalsFailed = new AtomicLong();

    Sampler(
            UUID hostId,
            HostSource host,
            Hypervisor hypervisor,
            SelfCost selfCost,
            InventoryTracker inventory,
            SampleTable table,
            long intervalMs,
            AgentClock clock,
            AgentLog log,
            ThreadFactory threads) {
        this.hostId = hostId;
        this.host = host;
        this.hypervisor = hypervisor;
        this.selfCost = selfCost;
        this.inventory = inventory;
        this.table = table;
        this.clock = clock;
        this.log = log;
        this.intervalNs = TimeUnit.MILLISECONDS.toNanos(intervalMs);
        this.thread = threads.newThread(this::run);
        this.lastEndedNs = clock.nowNs();
    }

    void start() {
        thread.start();
    }

    /// Takes over the daemon's wish for an interval.
    void interval(long intervalMs) {
        lock.lock();
        try {
            intervalNs = TimeUnit.MILLISECONDS.toNanos(intervalMs);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        long nextNs = clock.nowNs();
        while (true) {
            long nowNs = clock.nowNs();
            if (nextNs - nowNs <= 0) {
                sampleSafely(nowNs);
                lastEndedNs = clock.nowNs();
                long missed = (clock.nowNs() - nextNs) / currentIntervalNs();
                intervalsMissed.addAndGet(missed);
                nextNs += (missed + 1) * currentIntervalNs();
            }
            long wantedNs = awaitUntil(nextNs);
            if (wantedNs < 0) {
                return;
            }
            // the interval may have become shorter while this thread slept
            nextNs = nextNs - clock.nowNs() > wantedNs ? clock.nowNs() + wantedNs : nextNs;
        }
    }

    private long currentIntervalNs() {
        lock.lock();
        try {
            return intervalNs;
        } finally {
            lock.unlock();
        }
    }

    /// @return the present interval, or -1 when the sampler is closed
    private long awaitUntil(long deadlineNs) {
        lock.lock();
        try {
            long leftNs = deadlineNs - clock.nowNs();
            if (!closed && leftNs > 0) {
                changed.awaitNanos(leftNs);
            }
            return closed ? -1 : intervalNs;
        } catch (InterruptedException e) {
            return -1;
        } finally {
            lock.unlock();
        }
    }

    private void sampleSafely(long nowNs) {
        try {
            sample(nowNs, clock.nowMs());
        } catch (RuntimeException e) {
            // one bad interval must not end the agent's life
            if (intervalsFailed.getAndIncrement() == 0) {
                log.warn("interval failed", "error", e);
            }
        }
    }

    /// One interval: what there is, then what it does.
    ///
    /// @return the number of samples spooled
    int sample(long nowNs, long nowMs) {
        inventory.update(nowMs);
        host.sample(nowNs, (metric, value) -> table.put(hostId, metric, value));
        hypervisor.sample(nowNs, table);
        sampleSelf(nowNs);
        long elapsedMs = TimeUnit.NANOSECONDS.toMillis(nowNs - previousNs);
        int intervalMs =
                sampledBefore
                        ? (int) Math.clamp(elapsedMs, 1, MAX_INTERVAL_MS)
                        : (int) TimeUnit.NANOSECONDS.toMillis(currentIntervalNs());
        sampledBefore = true;
        previousNs = nowNs;
        return table.spool(nowMs, intervalMs);
    }

    private void sampleSelf(long nowNs) {
        long ownNs = selfCost.cpuNs();
        long cpuNs = ownNs < 0 ? -1 : ownNs + hypervisor.causedCpuNs();
        long elapsedNs = nowNs - previousNs;
        if (sampledBefore && previousCpuNs >= 0 && cpuNs >= previousCpuNs && elapsedNs > 0) {
            table.put(hostId, Metrics.AGENT_CPU, 100f * (cpuNs - previousCpuNs) / elapsedNs);
        }
        previousCpuNs = cpuNs;
        long rssBytes = selfCost.rssBytes();
        table.put(hostId, Metrics.AGENT_RSS, rssBytes < 0 ? Float.NaN : rssBytes);
    }

    /// Whether an interval ended not too long ago.
    boolean isKeepingUp(long nowNs) {
        return nowNs - lastEndedNs < MAX_MISSED * currentIntervalNs();
    }

    long intervalsMissed() {
        return intervalsMissed.get();
    }

    long intervalsFailed() {
        return intervalsFailed.get();
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
        if (thread.isAlive()) {
            try {
                thread.join(JOIN_MS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
