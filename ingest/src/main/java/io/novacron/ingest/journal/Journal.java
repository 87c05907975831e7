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
import java.util.function.LongConsumer;
import net.openhft.chronicle.bytes.PointerBytesStore;
import net.openhft.chronicle.core.time.TimeProvider;
import net.openhft.chronicle.queue.ExcerptAppender;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueue;
import net.openhft.chronicle.wire.DocumentContext;
import org.agrona.DirectBuffer;
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

    /// Most records in one block.
    public static final int MAX_BLOCK_RECORDS = BlockWriter.MAX_RECORDS;

    /// What a replay found.
    ///
    /// @param firstOrdinal first record that was read, 0 when there was none
    public record Recovery(
            long firstOrdinal,
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
    private final Retention retention;
    private final BlockWriter block = new BlockWriter();
    private final PointerBytesStore head = new PointerBytesStore();
    private final PointerBytesStore apart = new PointerBytesStore();
    private final List<NativeFile> unsyncedFiles = new ArrayList<>();

    private @Nullable NativeFile file;
    private int cycle = Integer.MIN_VALUE;
    private long allocatedTo;
    private long position;
    private long nowMs;
    private long queueMs;
    private long ordinal;
    private long syncedOrdinal;
    private long lastSyncMs;
    private boolean syncSoon;
    private long retryAtMs = Long.MIN_VALUE;
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
        readClock();
        this.timeProvider = () -> queueMs; // read once a block, so that its file is foreseen
        this.space = space;
        this.lockChannel = lockChannel;
        this.lock = lock;
        this.watermarks = watermarks;
        this.recovery = recovery;
        this.ordinal = recovery.lastOrdinal();
        this.syncedOrdinal = recovery.lastOrdinal();
        this.lastSyncMs = nowMs;
        this.generation = Generations.create(config.directory());
        this.queue = Generations.queue(generation).timeProvider(timeProvider).build();
        this.appender = queue.createAppender();
        appender.singleThreadedCheckDisabled(true); // opened here, then owned by the journal thread
        this.retention = new Retention(config, clock);
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
        return open(config, clock, space, JournalCursor.FIRST_KEPT, handler);
    }

    /// The same, but the handler is given the records from `fromOrdinal` on: what comes before is
    /// in a checkpoint, and is not read.
    ///
    /// @throws IOException also when that record is no longer kept
    public static Journal open(
            JournalConfig config,
            InstantSource clock,
            JournalSpace space,
            long fromOrdinal,
            RecordHandler handler)
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
            Recovery recovery =
                    replay(config.directory(), watermarks.syncedOrdinal(), fromOrdinal, handler);
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

    /// Opens the newest file for reading and closes it again, which changes nothing. The first time
    /// in a JVM the queue's classes are loaded and linked for that, half a second that a start can
    /// spend while it reads its checkpoint. Any thread.
    public static void warmUp(Path directory) throws IOException {
        List<Path> generations = Generations.list(directory);
        if (generations.isEmpty()) {
            return;
        }
        Path newest = generations.getLast();
        List<Generations.CycleFile> cycles = Generations.cycles(newest);
        if (cycles.isEmpty()) {
            return;
        }
        try (JournalCursor cursor = JournalCursor.ofGeneration(newest)) {
            cursor.start(cycles.getLast().cycle());
        }
        NativeFile.open(cycles.getLast().path()).close();
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
            if (Generations.cycles(generation).isEmpty()) {
                Generations.delete(generation);
            }
        }
    }

    private static Recovery replay(
            Path directory, long synced, long fromOrdinal, RecordHandler handler)
            throws IOException {
        try (var cursor = new JournalCursor(directory, synced, fromOrdinal, Generations::cut)) {
            while (cursor.read(handler, Integer.MAX_VALUE) > 0) {
                // reads to the end
            }
            return new Recovery(
                    cursor.firstOrdinal(),
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

    /// Whether a record of this payload length may join the block; if not, [#flush] comes first.
    public boolean hasRoomFor(int payloadLength) {
        return block.hasRoomFor(payloadLength);
    }

    /// Gives a record its ordinal and puts it into the block. It is in the journal when [#flush]
    /// has returned true, and its memory must stay as it is until then.
    ///
    /// @param source the agent's index, or [RecordLayout#NO_SOURCE]
    /// @param buffer holds the payload at `offset`
    /// @param view a view of the same memory, from offset 0, for the journal thread alone
    /// @return the ordinal, or -1 when the journal is not available
    public long append(
            RecordType type,
            int source,
            long timeMs,
            long sequence,
            DirectBuffer buffer,
            ByteBuffer view,
            int offset,
            int payloadLength) {
        if (!block.hasRoomFor(payloadLength)) {
            throw new IllegalStateException(
                    "a block of %d records has no room for %d bytes. Maybe flush it first?"
                            .formatted(block.records(), payloadLength));
        }
        if (!ready(payloadLength, type.fromAgent())) {
            return -1;
        }
        long next = ordinal + block.records() + 1;
        block.add(type.code(), source, next, timeMs, sequence, buffer, view, offset, payloadLength);
        return next;
    }

    /// Appends the block, if there is anything in it.
    ///
    /// @return false when that failed: then no record since the last flush is in the journal, and
    ///   their ordinals will be given again
    public boolean flush() {
        int records = block.records();
        if (records == 0) {
            return true;
        }
        block.finish();
        try {
            appendBlock();
        } catch (Exception | InternalError e) { // the queue throws IOException undeclared
            LOGGER.error("journal append failed at record {}", ordinal + 1, e);
            fail("append failed: " + e);
            return false;
        } finally {
            block.clear();
        }
        ordinal += records;
        long before = position;
        position = Objects.requireNonNull(appender.wire()).bytes().writePosition();
        if (appender.cycle() != cycle) {
            releaseReserve(before);
            before = 0;
            followFile();
            retention.wake(); // another file is complete
        }
        bytesAppended += position - before;
        return true;
    }

    private void appendBlock() {
        head.set(block.address(), block.headLength());
        if (block.apartLength() == 0) {
            appender.writeBytes(head);
            return;
        }
        apart.set(block.apartAddress(), block.apartLength());
        try (DocumentContext document = appender.writingDocument()) {
            try {
                Objects.requireNonNull(document.wire()).bytes().write(head).write(apart);
            } catch (RuntimeException | InternalError e) {
                document.rollbackOnClose();
                throw e;
            }
        }
    }

    /// Room first: a page of a mapped file that the disk has no block for is a SIGBUS.
    private boolean ready(int payloadLength, boolean fromAgent) {
        boolean newFile = false;
        if (block.records() == 0) {
            readClock();
            newFile = failure == null && (file == null || startsCycle());
        }
        int length = block.length() + BlockLayout.LONGEST_RECORD_HEADER + payloadLength;
        boolean needsRoom = file != null && position + 2L * length + PAGE > allocatedTo;
        boolean retry = problem() != null && retryIsDue();
        if (needsRoom || retry || newFile || synchroniser.failure() != null) {
            makeRoom(length);
        }
        return failure == null && (!fromAgent || shortage == null);
    }

    /// The time that chooses the queue's file never goes back, whatever the clock does: the queue
    /// refuses to write into a file that it has ended.
    private void readClock() {
        nowMs = clock.millis();
        queueMs = Math.max(queueMs, nowMs);
    }

    /// A clock that has gone back must not put a retry off by as much.
    private boolean retryIsDue() {
        return nowMs >= retryAtMs || nowMs < retryAtMs - RETRY_INTERVAL_MS;
    }

    private void makeRoom(int length) {
        retryAtMs = nowMs + RETRY_INTERVAL_MS;
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
        } else if (file == null || allocate(length)) {
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

    private boolean allocate(int length) {
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

    /// The file that ends at this position keeps no blocks behind it, but for the queue's end mark.
    private void releaseReserve(long end) {
        long from = (end & -4096L) + PAGE;
        if (file != null && allocatedTo > from) {
            file.release(from, allocatedTo - from);
        }
    }

    /// The queue has begun a file: open it too, for reserving blocks and for syncing.
    private void followFile() {
        cycle = appender.cycle();
        try {
            file = NativeFile.open(Objects.requireNonNull(appender.currentFile()).toPath());
            unsyncedFiles.add(file);
            directorySynced = false;
            allocatedTo = 0;
            allocate(0);
        } catch (IOException e) {
            LOGGER.error("journal file cannot be opened a second time", e);
            fail(String.valueOf(e.getMessage()));
        }
    }

    private void fail(String why) {
        retryAtMs = nowMs + RETRY_INTERVAL_MS;
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
        readClock();
        if (problem() != null && retryIsDue()) {
            makeRoom(0);
        }
        if (ordinal > syncedOrdinal && !synchroniser.busy()) {
            long sinceMs = nowMs - lastSyncMs;
            if (syncSoon || sinceMs >= config.syncInterval().toMillis() || sinceMs < 0) {
                startSync();
            }
        }
        return moved;
    }

    /// Has the next [#poll] begin a sync of what is appended, whatever the interval; while another
    /// one is under way, the first poll after it.
    public void syncSoon() {
        syncSoon = true;
    }

    /// Told of each sync that is done, on the thread that syncs. Before the first record.
    public void onSynced(LongConsumer listener) {
        synchroniser.onSynced(listener);
    }

    private void startSync() {
        lastSyncMs = nowMs;
        syncSoon = false;
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

    /// The last record that is in the journal.
    public long ordinal() {
        return ordinal;
    }

    public long syncedOrdinal() {
        return syncedOrdinal;
    }

    /// Bytes of the files filled since the start: headers, padding and the queue's index included.
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

    /// Lets go of the records before this one, which a durable checkpoint has: their files may be
    /// deleted when age or bytes ask for it. Any thread; the deletion is done by another.
    ///
    /// @param ordinal the first record that a restart from the checkpoint will read
    public void retainFrom(long ordinal) {
        retention.retainFrom(ordinal);
    }

    /// Files deleted since the start. Any thread.
    public long filesDeleted() {
        return retention.filesDeleted();
    }

    /// What the journal's files take up on disk. Any thread; it asks the file system.
    public long bytesOnDisk() {
        return retention.bytesOnDisk();
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
        flush();
        retention.close();
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
            retention.close();
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
