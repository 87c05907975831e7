package io.novacron.ingest.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import net.openhft.chronicle.bytes.PointerBytesStore;
import net.openhft.chronicle.core.time.TimeProvider;
import net.openhft.chronicle.queue.ExcerptAppender;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueue;
import org.agrona.MutableDirectBuffer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The journal as its one writer sees it. After [#open] has replayed what is there, one thread owns
/// it.
///
/// Bounded: records by `maxRecordBytes`; the files by the disk, and a disk that is nearly full is
/// an answer ([#available] is false), never a crash: blocks are reserved ahead of the mapping.
public final class Journal implements AutoCloseable {
    private static final Logger LOGGER = LoggerFactory.getLogger(Journal.class);
    private static final String LOCK = "lock";
    private static final long RETRY_INTERVAL_MS = 1_000;
    private static final int PAGE = 64 * 1024; // an index page of the queue fits in between

    /// What a replay found.
    public record Recovery(
            long lastOrdinal,
            long recordsReplayed,
            long recordsDamaged,
            long recordsLost,
            long tailsCut,
            boolean cleanStop) {}

    private final JournalConfig config;
    private final InstantSource clock;
    private final TimeProvider timeProvider;
    private final JournalSpace space;
    private final FileChannel lockChannel;
    private final FileLock lock;
    private final WatermarkFile watermarks;
    private final Recovery recovery;
    private final Path generation;
    private final SingleChronicleQueue queue;
    private final ExcerptAppender appender;
    private final Synchroniser synchroniser = new Synchroniser();
    private final Checksum checksum = new Checksum();
    private final PointerBytesStore record = new PointerBytesStore();
    private final List<NativeFile> unsyncedFiles = new ArrayList<>();

    private @Nullable NativeFile file;
    private int cycle = Integer.MIN_VALUE;
    private long allocatedTo;
    private long ordinal;
    private long syncedOrdinal;
    private long lastSyncMs;
    private long retryAtMs = Long.MIN_VALUE;
    private long latestMs = Long.MIN_VALUE;
    private long bytesAppended;
    private long syncsCompleted;
    private boolean directorySynced;
    private boolean closed;
    private long syncsStarted;
    // Written by the journal thread, read by any: volatile pairs the two.
    private volatile @Nullable String failure; // nothing can be appended
    private volatile @Nullable String shortage; // what is left is for the daemon's own records

    private Journal(
            JournalConfig config,
            InstantSource clock,
            JournalSpace space,
            FileChannel lockChannel,
            FileLock lock,
            WatermarkFile watermarks,
            Recovery recovery)
            throws IOException {
        this.config = config;
        this.clock = clock;
        this.timeProvider = this::queueTimeMs;
        this.space = space;
        this.lockChannel = lockChannel;
        this.lock = lock;
        this.watermarks = watermarks;
        this.recovery = recovery;
        this.ordinal = recovery.lastOrdinal();
        this.syncedOrdinal = recovery.lastOrdinal();
        this.lastSyncMs = clock.millis();
        this.generation = Generations.create(config.directory());
        this.queue = Generations.queue(generation).timeProvider(timeProvider).build();
        this.appender = queue.createAppender();
        appender.singleThreadedCheckDisabled(true); // opened here, then owned by the journal thread
    }

    /// Locks the directory, gives every record to the handler in order, and is ready to append.
    public static Journal open(JournalConfig config, InstantSource clock, RecordHandler handler)
            throws IOException {
        return open(config, clock, JournalSpace.of(config.directory()), handler);
    }

    /// The same with another source of how much room there is.
    public static Journal open(
            JournalConfig config, InstantSource clock, JournalSpace space, RecordHandler handler)
            throws IOException {
        Files.createDirectories(config.directory());
        FileChannel channel =
                FileChannel.open(
                        config.directory().resolve(LOCK),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE);
        WatermarkFile watermarks = null;
        try {
            FileLock lock = lock(config.directory(), channel);
            watermarks = WatermarkFile.open(config.directory(), config.maxAgents());
            removeEmptyGenerations(config.directory());
            Recovery recovery = replay(config.directory(), watermarks.syncedOrdinal(), handler);
            if (!recovery.cleanStop()) {
                syncLastGeneration(config.directory()); // what was replayed counts as synced now
                watermarks.syncedOrdinal(recovery.lastOrdinal());
            }
            return new Journal(config, clock, space, channel, lock, watermarks, recovery);
        } catch (IOException | RuntimeException e) {
            channel.close();
            if (watermarks != null) {
                watermarks.close();
            }
            throw e;
        }
    }

    private static FileLock lock(Path directory, FileChannel channel) throws IOException {
        FileLock lock;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            lock = null;
        }
        if (lock == null) {
            throw new IOException(
                    "journal %s is in use. Maybe another daemon runs on it?".formatted(directory));
        }
        return lock;
    }

    private static void removeEmptyGenerations(Path directory) throws IOException {
        for (Path generation : Generations.list(directory)) {
            List<Path> files;
            try (var entries = Files.list(generation)) {
                files = entries.toList();
            }
            if (files.stream().noneMatch(file -> file.toString().endsWith(".cq4"))) {
                for (Path file : files) {
                    Files.delete(file);
                }
                Files.delete(generation);
            }
        }
    }

    private static Recovery replay(Path directory, long synced, RecordHandler handler)
            throws IOException {
        try (var cursor = new JournalCursor(directory, synced, Generations::cut)) {
            while (cursor.read(handler, Integer.MAX_VALUE) > 0) {
                // reads to the end
            }
            return new Recovery(
                    cursor.lastOrdinal(),
                    cursor.recordsRead(),
                    cursor.recordsDamaged(),
                    cursor.recordsLost(),
                    cursor.tailsCut(),
                    cursor.lastOrdinal() == synced);
        }
    }

    private static void syncLastGeneration(Path directory) throws IOException {
        List<Path> generations = Generations.list(directory);
        if (generations.isEmpty()) {
            return;
        }
        try (var files = Files.list(generations.getLast())) {
            for (Path path : files.filter(f -> f.toString().endsWith(".cq4")).toList()) {
                try (NativeFile unsynced = NativeFile.open(path)) {
                    unsynced.sync();
                }
            }
        }
        Generations.syncDirectory(generations.getLast());
    }

    public Recovery recovery() {
        return recovery;
    }

    /// Appends the record whose header is at `offset`, as [RecordLayout#write] left it; fills in
    /// ordinal and CRC.
    ///
    /// @param view a view of the same memory, from offset 0, for the journal thread alone
    /// @return the ordinal, or -1 when the journal is not available
    public long append(MutableDirectBuffer buffer, ByteBuffer view, int offset, int payloadLength) {
        RecordType type = RecordType.ofCode(RecordLayout.typeCode(buffer, offset));
        int length = RecordLayout.HEADER_LENGTH + payloadLength;
        if (!ready(length, type != null && type.fromAgent())) {
            return -1;
        }
        RecordLayout.ordinal(buffer, offset, ordinal + 1);
        int crc =
                checksum.of(
                        view,
                        offset + RecordLayout.COVERED_OFFSET,
                        length - RecordLayout.COVERED_OFFSET);
        RecordLayout.crc(buffer, offset, crc);
        try {
            record.set(buffer.addressOffset() + offset, length);
            appender.writeBytes(record);
        } catch (RuntimeException | InternalError e) {
            LOGGER.error("journal append failed at record {}", ordinal + 1, e);
            fail("append failed: " + e);
            return -1;
        }
        ordinal++;
        bytesAppended += length;
        if (appender.cycle() != cycle) {
            followFile();
        }
        return ordinal;
    }

    /// Room first: a page of a mapped file that the disk has no block for is a SIGBUS.
    private boolean ready(int length, boolean fromAgent) {
        long position = file == null ? allocatedTo : position();
        boolean needsRoom = file == null || position + 2L * length + PAGE > allocatedTo;
        boolean retry = problem() != null && retryIsDue(clock.millis());
        if (synchroniser.failure() != null || needsRoom || retry || startsCycle()) {
            makeRoom(position, length);
        }
        return failure == null && (!fromAgent || shortage == null);
    }

    /// A clock that has gone back must not put a retry off by as much.
    private boolean retryIsDue(long nowMs) {
        return nowMs >= retryAtMs || nowMs < retryAtMs - RETRY_INTERVAL_MS;
    }

    /// The time that chooses the queue's file never goes back, whatever the clock does: the queue
    /// refuses to write into a file that it has ended.
    private long queueTimeMs() {
        latestMs = Math.max(latestMs, clock.millis());
        return latestMs;
    }

    private void makeRoom(long position, int length) {
        retryAtMs = clock.millis() + RETRY_INTERVAL_MS;
        IOException syncFailure = synchroniser.failure();
        if (syncFailure != null) {
            fail("sync failed: " + syncFailure.getMessage());
            return;
        }
        long needed = config.allocateAheadBytes() + length;
        long usable = space.usableBytes();
        shortage = shortage(usable, config.reservedBytes() + needed, shortage);
        if (usable < needed) {
            fail("usable space of %d bytes must be at least %d".formatted(usable, needed));
        } else if (file == null || allocate(position, length)) {
            failure = null;
        }
    }

    private @Nullable String shortage(long usable, long needed, @Nullable String before) {
        if (usable >= needed) {
            if (before != null) {
                LOGGER.info("journal accepts agents' frames again: {} bytes are free", usable);
            }
            return null;
        }
        if (before == null) {
            LOGGER.error(
                    "journal refuses agents' frames: usable space of {} is {} bytes, must be at"
                            + " least {}. Maybe free some?",
                    config.directory(),
                    usable,
                    needed);
        }
        return "usable space of %s is %d bytes, must be at least %d. Maybe free some?"
                .formatted(config.directory(), usable, needed);
    }

    private boolean startsCycle() {
        return file != null && queue.rollCycle().current(timeProvider, queue.epoch()) > cycle;
    }

    private boolean allocate(long position, int length) {
        long from = Math.max(position & -4096L, allocatedTo);
        long to = position + 2L * length + PAGE + config.allocateAheadBytes();
        if (to <= from) {
            return true;
        }
        int error = Objects.requireNonNull(file).allocate(from, to - from);
        if (error != 0) {
            fail(
                    "%d bytes cannot be reserved in %s: errno %d%s"
                            .formatted(
                                    to - from,
                                    generation,
                                    error,
                                    error == NativeFile.ENOSPC ? ", no space left" : ""));
            return false;
        }
        allocatedTo = to;
        return true;
    }

    private long position() {
        return Objects.requireNonNull(appender.wire()).bytes().writePosition();
    }

    /// The queue has begun a file: open it too, for reserving blocks and for syncing.
    private void followFile() {
        cycle = appender.cycle();
        try {
            file = NativeFile.open(Objects.requireNonNull(appender.currentFile()).toPath());
            unsyncedFiles.add(file);
            directorySynced = false;
            allocatedTo = 0;
            allocate(position(), 0);
        } catch (IOException e) {
            LOGGER.error("journal file cannot be opened a second time", e);
            fail(String.valueOf(e.getMessage()));
        }
    }

    private void fail(String why) {
        retryAtMs = clock.millis() + RETRY_INTERVAL_MS;
        if (!why.equals(failure)) {
            LOGGER.error("journal is not available: {}", why);
            failure = why;
        }
    }

    /// Starts a sync when one is due and takes note of one that is done. Cheap; called often.
    ///
    /// @return whether [#syncedOrdinal] has moved
    public boolean poll() {
        long completed = synchroniser.completedOrdinal();
        boolean moved = completed > syncedOrdinal;
        if (moved) {
            syncedOrdinal = completed;
            syncsCompleted++;
            watermarks.syncedOrdinal(completed);
        }
        long nowMs = clock.millis();
        if (problem() != null && retryIsDue(nowMs)) {
            makeRoom(file == null ? 0 : position(), 0);
        }
        if (ordinal > syncedOrdinal && !synchroniser.busy()) {
            long sinceMs = nowMs - lastSyncMs;
            if (sinceMs >= config.syncInterval().toMillis() || sinceMs < 0) {
                startSync(nowMs);
            }
        }
        return moved;
    }

    private void startSync(long nowMs) {
        lastSyncMs = nowMs;
        if (synchroniser.failure() != null || unsyncedFiles.isEmpty()) {
            return;
        }
        if (!directorySynced) {
            try {
                Generations.syncDirectory(generation);
                directorySynced = true;
            } catch (IOException e) {
                fail("sync of %s failed: %s".formatted(generation, e.getMessage()));
                return;
            }
        }
        syncsStarted++;
        synchroniser.start(new Synchroniser.Request(List.copyOf(unsyncedFiles), ordinal));
        unsyncedFiles.subList(0, unsyncedFiles.size() - 1).clear();
    }

    public long ordinal() {
        return ordinal;
    }

    public long syncedOrdinal() {
        return syncedOrdinal;
    }

    public long bytesAppended() {
        return bytesAppended;
    }

    public long syncsCompleted() {
        return syncsCompleted;
    }

    /// Why agents' records are refused now, or null. Any thread.
    public @Nullable String problem() {
        String now = failure;
        return now == null ? shortage : now;
    }

    /// Why no record at all can be appended now, or null. Any thread.
    public @Nullable String failure() {
        return failure;
    }

    /// Counts the syncs begun, so that the caller sees when what was appended is on its way.
    public long syncsStarted() {
        return syncsStarted;
    }

    /// Notes what is about to be acknowledged to an agent: see [WatermarkFile].
    public void acknowledge(int source, int stream, long epoch, long sequence, long frames) {
        watermarks.acknowledge(source, stream, epoch, sequence, frames);
    }

    /// Ties a source to its agent in the watermark file.
    public void agent(int source, UUID agentId) {
        watermarks.agent(source, agentId);
    }

    /// Syncs what is there and lets go of everything.
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        synchroniser.close(); // after the sync under way
        try {
            Generations.syncDirectory(generation);
            for (NativeFile unsynced : unsyncedFiles) {
                unsynced.sync();
            }
            if (synchroniser.failure() == null) {
                watermarks.syncedOrdinal(ordinal);
            }
        } catch (IOException e) {
            LOGGER.error("journal was not synced at its close", e);
        }
        watermarks.sync();
        release();
    }

    /// Lets go without syncing or marking anything, as a killed process would. For tests.
    public void abandon() {
        if (!closed) {
            closed = true;
            synchroniser.close();
            release();
        }
    }

    private void release() {
        unsyncedFiles.forEach(NativeFile::close);
        appender.close();
        queue.close();
        watermarks.close();
        try {
            lock.release();
            lockChannel.close();
        } catch (IOException e) {
            LOGGER.warn("journal lock of {} was not released", config.directory(), e);
        }
    }
}
