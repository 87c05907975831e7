package io.novacron.agent.spool;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// What an agent remembers over restarts, in one folder that one process may use at a time:
///
/// ```text
///  lock          held while the agent runs
///  epoch         one number: which life of this folder the sequences and ids belong to
///  agent-id      only where the host has no machine id
///  entities      the ids given to entities in this epoch
///  data/         metric batches and inventories not yet synced by the daemon
///  control/      outcomes not yet synced by the daemon
///  actions.log   see the core's actions log
/// ```
///
/// An epoch ends when any of it is missing or damaged, for then a sequence or an id could be given
/// twice; and when nothing waits and [#MANY_IDS] ids are used up.
public final class AgentState implements AutoCloseable {
    static final int MANY_IDS = 50_000;
    private static final long CONTROL_BYTES = 4 * 1024 * 1024;
    private static final long CONTROL_AGE_MS = 30L * 24 * 3600 * 1000;

    private final Path folder;
    private final FileChannel lockFile;
    private final long epoch;
    private final EntityIds entityIds;
    private final FileSpool data;
    private final FileSpool control;

    private AgentState(
            Path folder,
            FileChannel lockFile,
            long epoch,
            EntityIds entityIds,
            FileSpool data,
            FileSpool control) {
        this.folder = folder;
        this.lockFile = lockFile;
        this.epoch = epoch;
        this.entityIds = entityIds;
        this.data = data;
        this.control = control;
    }

    /// @param bootId changes with each boot of the machine; empty when nobody knows
    public static AgentState open(
            Path folder,
            long maxBytes,
            long maxAgeMs,
            String bootId,
            RandomGenerator random,
            Consumer<IOException> onError)
            throws IOException {
        Files.createDirectories(folder);
        FileChannel lockFile = lock(folder);
        try {
            var limits = new SpoolLimits(maxBytes, maxAgeMs, false);
            var controlLimits = new SpoolLimits(CONTROL_BYTES, CONTROL_AGE_MS, true);
            long epoch = readEpoch(folder);
            EntityIds ids = epoch == 0 ? null : EntityIds.open(folder, epoch);
            if (ids != null && ids.size() >= MANY_IDS && !hasSegments(folder.resolve("data"))) {
                ids.close();
                ids = null;
            }
            if (ids == null) {
                epoch = beginEpoch(folder, random);
                ids = EntityIds.create(folder, epoch);
            }
            return new AgentState(
                    folder,
                    lockFile,
                    epoch,
                    ids,
                    FileSpool.open(folder.resolve("data"), epoch, bootId, limits, onError),
                    FileSpool.open(
                            folder.resolve("control"), epoch, bootId, controlLimits, onError));
        } catch (IOException | RuntimeException e) {
            lockFile.close();
            throw e;
        }
    }

    private static FileChannel lock(Path folder) throws IOException {
        var channel =
                FileChannel.open(
                        folder.resolve("lock"),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE);
        @Nullable FileLock lock;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            lock = null;
        }
        if (lock == null) {
            channel.close();
            throw new IOException(
                    "spool=%s is used by another agent. Maybe one is running already?"
                            .formatted(folder));
        }
        return channel;
    }

    private static boolean hasSegments(Path spool) throws IOException {
        if (!Files.isDirectory(spool)) {
            return false;
        }
        try (var files = Files.list(spool)) {
            return files.anyMatch(Segment::isSegment);
        }
    }

    /// @return 0 when there is none
    private static long readEpoch(Path folder) throws IOException {
        Path path = folder.resolve("epoch");
        if (!Files.exists(path)) {
            return 0;
        }
        String text = Files.readString(path, US_ASCII).strip();
        return text.matches("[1-9]\\d{0,17}") ? Long.parseLong(text) : 0;
    }

    private static long beginEpoch(Path folder, RandomGenerator random) throws IOException {
        long epoch = random.nextLong(1, 1_000_000_000_000_000_000L);
        writeDurably(folder, "epoch", epoch + "\n");
        return epoch;
    }

    /// The identity of a host without a machine id: made once and kept.
    public static UUID keptAgentId(Path folder, RandomGenerator random) throws IOException {
        Files.createDirectories(folder);
        Path path = folder.resolve("agent-id");
        if (Files.exists(path)) {
            try {
                return UUID.fromString(Files.readString(path, US_ASCII).strip());
            } catch (IllegalArgumentException e) {
                throw new IOException(
                        "%s must hold a UUID. Maybe delete it, and let the agent make a new one?"
                                .formatted(path),
                        e);
            }
        }
        long version = (random.nextLong() & ~0xF000L) | 0x4000L;
        long variant = (random.nextLong() >>> 2) | Long.MIN_VALUE;
        var id = new UUID(version, variant);
        writeDurably(folder, "agent-id", id + "\n");
        return id;
    }

    private static void writeDurably(Path folder, String name, String text) throws IOException {
        Path aside = folder.resolve(name + ".new");
        Files.writeString(aside, text, US_ASCII);
        try (var channel = FileChannel.open(aside, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        Files.move(aside, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
        try (var directory = FileChannel.open(folder, StandardOpenOption.READ)) {
            directory.force(true);
        }
    }

    public Path folder() {
        return folder;
    }

    public long epoch() {
        return epoch;
    }

    public EntityIds entityIds() {
        return entityIds;
    }

    public FileSpool data() {
        return data;
    }

    public FileSpool control() {
        return control;
    }

    @Override
    public void close() throws IOException {
        control.close();
        data.close();
        entityIds.close();
        lockFile.close();
    }
}
