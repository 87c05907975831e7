package io.novacron.ingest;

import io.netty.handler.ssl.SslContext;
import io.novacron.ingest.checkpoint.CheckpointConfig;
import io.novacron.ingest.fleet.FleetConfig;
import io.novacron.ingest.fleet.FleetView;
import io.novacron.ingest.journal.JournalConfig;
import io.novacron.ingest.journal.JournalSpace;
import io.novacron.ingest.journal.RecordType;
import io.novacron.ingest.statistics.Counter;
import io.novacron.wire.message.Outcome;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/// An ingest on a free loopback port with a listener that notes what it hears.
final class IngestHarness implements AutoCloseable, IngestListener {
    record Heard(String what, long number, boolean replaying) {}

    final VirtualClock clock;
    final BlockingQueue<Heard> heard = new LinkedBlockingQueue<>();
    final Ingest ingest;

    /// What a NOTE record does to the fleet thread.
    volatile Runnable stall = () -> {};

    /// What is kept in the next checkpoint, and what the one had that this start began from.
    volatile byte[] kept = {};

    byte @Nullable [] restored;
    private volatile long synced;

    IngestHarness(IngestConfig config, VirtualClock clock) throws IOException {
        this(config, clock, () -> Long.MAX_VALUE, null);
    }

    IngestHarness(
            IngestConfig config, VirtualClock clock, JournalSpace space, @Nullable SslContext tls)
            throws IOException {
        this.clock = clock;
        ingest = Ingest.open(config, clock, space, this, tls);
        ingest.start();
    }

    @Override
    public void onSynced(long journalIndex) {
        synced = journalIndex;
    }

    /// Waits until the journal is on the device up to a record.
    void awaitSynced(long journalIndex) {
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (synced < journalIndex) {
            if (System.nanoTime() - deadlineNs > 0) {
                throw new AssertionError(
                        "synced=%d did not reach %d within 10 s".formatted(synced, journalIndex));
            }
            LockSupport.parkNanos(100_000);
        }
    }

    /// Waits until a counter reaches a value.
    void awaitCount(Counter counter, long value) {
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (count(counter) < value) {
            if (System.nanoTime() - deadlineNs > 0) {
                throw new AssertionError(
                        "%s=%d did not reach %d within 10 s"
                                .formatted(counter.key(), count(counter), value));
            }
            LockSupport.parkNanos(100_000);
        }
    }

    static IngestConfig config(Path directory) {
        return config(directory, Duration.ofMillis(1));
    }

    static IngestConfig config(Path directory, Duration syncInterval) {
        return IngestConfig.defaults(
                        JournalConfig.in(directory)
                                .withSyncInterval(syncInterval)
                                .withReservedBytes(0),
                        new FleetConfig(64, 1_000, 200, Duration.ofMinutes(10), Duration.ofDays(7)))
                .withCheckpoint(CheckpointConfig.OFF);
    }

    TestAgent agent(long id) throws IOException {
        return agent(id, 1);
    }

    TestAgent agent(long id, long spoolEpoch) throws IOException {
        return new TestAgent(ingest.port(), new UUID(1, id), spoolEpoch);
    }

    /// Closes a tick and waits until it is published.
    void tick(long tick, long timeMs) throws InterruptedException {
        if (!ingest.closeTick(tick, timeMs)) {
            throw new AssertionError("tick was refused");
        }
        await("tick", tick);
    }

    Heard await(String what, long number) throws InterruptedException {
        while (true) {
            Heard next = heard.poll(10, TimeUnit.SECONDS);
            if (next == null) {
                throw new AssertionError(what + " " + number + " was not heard of within 10 s");
            }
            if (next.what().equals(what) && next.number() == number) {
                return next;
            }
        }
    }

    long count(Counter counter) {
        return ingest.statistics().get(counter);
    }

    float[] window(int metric, int slot, int steps) {
        try (FleetView view = ingest.store().pin()) {
            var out = new float[steps];
            view.copyWindow(
                    metric,
                    io.novacron.ingest.fleet.Resolution.MINUTE,
                    io.novacron.ingest.fleet.Statistic.MEAN,
                    slot,
                    1,
                    steps,
                    out);
            return out;
        }
    }

    long stateHash() {
        try (FleetView view = ingest.store().pin()) {
            return view.stateHash();
        }
    }

    @Override
    public void onTick(long tick, long timeMs, boolean replaying) {
        heard.add(new Heard("tick", tick, replaying));
    }

    @Override
    public void onRecord(
            RecordType type,
            long journalIndex,
            long timeMs,
            DirectBuffer buffer,
            int offset,
            int length,
            boolean replaying) {
        if (type == RecordType.NOTE) {
            stall.run();
        }
        heard.add(new Heard(type.name(), buffer.getLong(offset), replaying));
    }

    @Override
    public void onOutcome(
            UUID agentId, Outcome outcome, long journalIndex, long timeMs, boolean replaying) {
        heard.add(new Heard("outcome", outcome.actionId(), replaying));
    }

    @Override
    public CheckpointSection checkpoint() {
        byte[] section = kept;
        return () -> section;
    }

    @Override
    public void restore(byte[] section) {
        restored = section;
    }

    @Override
    public void close() {
        ingest.close();
    }
}
