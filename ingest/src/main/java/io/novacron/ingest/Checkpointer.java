package io.novacron.ingest;

import io.novacron.ingest.checkpoint.CheckpointConfig;
import io.novacron.ingest.checkpoint.CheckpointFiles;
import io.novacron.ingest.checkpoint.CheckpointWriter;
import io.novacron.ingest.checkpoint.Section;
import io.novacron.ingest.fleet.Fleet;
import io.novacron.ingest.fleet.FleetSnapshot;
import io.novacron.ingest.journal.JournalSpace;
import io.novacron.ingest.statistics.Counter;
import io.novacron.ingest.statistics.IngestStatistics;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Writes checkpoints. At a tick the fleet thread takes a snapshot, which is quick, and goes on; a
/// thread of its own writes the file aside, forces it to the device, waits until the journal is on
/// the device up to there too, gives the file its name, and tells what of the journal is still
/// needed. One at a time.
///
/// A checkpoint must never know of a record that a power loss takes from the journal: its ordinal
/// would be given again. Hence the wait.
final class Checkpointer implements AutoCloseable {
    private static final Logger LOGGER = LoggerFactory.getLogger(Checkpointer.class);
    private static final long SYNC_POLL_NS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final double BYTES_PER_MB = 1e6;
    private static final double NS_PER_SECOND = 1e9;

    /// What a snapshot is taken of.
    record Sources(
            Fleet fleet,
            AgentTable agents,
            RecordApplier applier,
            IngestListener listener,
            IngestStatistics statistics) {}

    private record Snapshot(
            long ordinal, FleetSnapshot fleet, AgentsSnapshot agents, CheckpointSection listener) {}

    private final CheckpointConfig config;
    private final CheckpointFiles files;
    private final Sources sources;
    private final JournalSpace space;
    private final long reservedBytes;
    private final LongSupplier syncedOrdinal;
    private final LongConsumer retainFrom;
    private final LongSupplier nanoClock;
    private final Thread thread;

    // The fleet thread's.
    private long lastStartNs;

    // Set by the fleet thread when it is null, cleared by the thread that writes: volatile.
    private volatile @Nullable Snapshot snapshot;
    private volatile boolean requested;
    private volatile boolean givenUp;
    private volatile boolean closed;
    private volatile long lastOrdinal;
    private volatile long lastBytes;

    /// @param lastOrdinal of the checkpoint that this start began from, 0 when there was none
    /// @param syncedOrdinal the last record known to be on the device; any thread may ask
    /// @param retainFrom told the first record that the journal must keep
    Checkpointer(
            CheckpointConfig config,
            CheckpointFiles files,
            Sources sources,
            JournalSpace space,
            long reservedBytes,
            long lastOrdinal,
            LongSupplier syncedOrdinal,
            LongConsumer retainFrom,
            LongSupplier nanoClock) {
        this.config = config;
        this.files = files;
        this.sources = sources;
        this.space = space;
        this.reservedBytes = reservedBytes;
        this.lastOrdinal = lastOrdinal;
        this.syncedOrdinal = syncedOrdinal;
        this.retainFrom = retainFrom;
        this.nanoClock = nanoClock;
        this.lastStartNs = nanoClock.getAsLong();
        this.thread = Thread.ofPlatform().name("novacron-checkpoint").daemon().unstarted(this::run);
    }

    void start() {
        if (config.enabled()) {
            thread.start();
        }
    }

    /// A tick has been applied, and the listener has heard of it. The fleet thread; quick.
    void onTick(long ordinal) {
        if (!config.enabled() || snapshot != null) {
            return;
        }
        long nowNs = nanoClock.getAsLong();
        if (requested || nowNs - lastStartNs >= config.interval().toNanos()) {
            requested = false;
            lastStartNs = nowNs;
            try {
                snapshot = take(ordinal, true);
                LockSupport.unpark(thread);
            } catch (RuntimeException e) {
                failed(ordinal, e);
            }
        }
    }

    private Snapshot take(long ordinal, boolean atTick) {
        CheckpointSection listener = sources.listener().checkpoint(); // it may throw: first
        return new Snapshot(
                ordinal,
                sources.fleet().snapshot(atTick),
                AgentsSnapshot.of(sources.agents(), sources.applier().lastSessionId()),
                listener);
    }

    /// Asks for a checkpoint at the next tick, whatever the interval. Any thread.
    void request() {
        requested = true;
    }

    /// Of the last record in a checkpoint that is in place, 0 when there is none. Any thread.
    long lastOrdinal() {
        return lastOrdinal;
    }

    long lastBytes() {
        return lastBytes;
    }

    private void run() {
        while (!closed) {
            Snapshot next = snapshot;
            if (next == null) {
                LockSupport.park(this);
                continue;
            }
            writeAndPublish(next, syncedOrdinal);
            snapshot = null;
        }
    }

    private void writeAndPublish(Snapshot next, LongSupplier synced) {
        try {
            long startNs = nanoClock.getAsLong();
            long bytes = writeAside(next);
            awaitSync(next.ordinal(), synced);
            retainFrom.accept(files.publish(next.ordinal(), config.keep()) + 1);
            lastOrdinal = next.ordinal();
            lastBytes = bytes;
            sources.statistics().increment(Counter.CHECKPOINTS_WRITTEN);
            LOGGER.info(
                    "checkpoint of record {} written: {} MB in {} s",
                    next.ordinal(),
                    bytes / BYTES_PER_MB,
                    (nanoClock.getAsLong() - startNs) / NS_PER_SECOND);
        } catch (IOException | RuntimeException e) {
            if (!givenUp) {
                failed(next.ordinal(), e);
            }
            discardAside();
        } finally {
            next.fleet().close();
        }
    }

    private void failed(long ordinal, Exception why) {
        sources.statistics().increment(Counter.CHECKPOINTS_FAILED);
        LOGGER.warn(
                "checkpoint of record {} was not written, the one before stays: {}",
                ordinal,
                why.toString());
    }

    private long writeAside(Snapshot next) throws IOException {
        checkRoom();
        try (var out = CheckpointWriter.create(files.aside())) {
            new CheckpointHeader(next.ordinal()).write(out);
            next.fleet().write(out, () -> givenUp);
            next.fleet().close(); // the tiles may be used again
            next.agents().write(out);
            out.begin(Section.LISTENER);
            out.putBytes(next.listener().bytes());
            out.finish();
            return out.bytesWritten();
        }
    }

    /// The journal comes first: what it keeps in reserve is not taken for checkpoints.
    private void checkRoom() throws IOException {
        long needed = sources.fleet().store().bytesInUse() + reservedBytes;
        if (space.usableBytes() < needed) {
            throw new IOException(
                    "usable space of %s is %d bytes, must be at least %d. Maybe free some?"
                            .formatted(files.folder(), space.usableBytes(), needed));
        }
    }

    private void awaitSync(long ordinal, LongSupplier synced) throws IOException {
        while (synced.getAsLong() < ordinal) {
            if (givenUp) {
                throw new IOException("it was given up");
            }
            LockSupport.parkNanos(SYNC_POLL_NS);
        }
    }

    private void discardAside() {
        try {
            files.discardAside();
        } catch (IOException e) {
            LOGGER.warn("what was written of a checkpoint is still there: {}", e.toString());
        }
    }

    /// Gives up what is under way, and, when the stages have come to rest with all of the journal
    /// applied and on the device, writes a last one, so that the next start has nothing to replay.
    void writeLast(long ordinal) {
        close();
        if (config.enabled() && ordinal > lastOrdinal) {
            givenUp = false;
            writeAndPublish(take(ordinal, false), () -> ordinal);
        }
    }

    /// Gives up what is under way. Idempotent.
    @Override
    public void close() {
        givenUp = true;
        closed = true;
        LockSupport.unpark(thread);
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        Snapshot left = snapshot;
        if (left != null) {
            left.fleet().close();
            snapshot = null;
        }
    }
}
