package io.novacron.ingest.journal;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/// What agents have been told, in a small mapped file beside the journal: it is written before each
/// acknowledgement leaves and survives `kill -9` (the pages belong to the kernel), so that a
/// verification can compare promises with records instead of believing the journal about itself.
///
/// ```text
///  0       8      16              64 + 64 × agent index
///  | magic | rows | syncedOrdinal | uuid (16) | data: epoch, sequence, frames | control: the same |
/// ```
///
/// The journal thread is the only writer.
public final class WatermarkFile implements AutoCloseable {
    /// The two streams of an agent that are acknowledged, each with its own sequences.
    public static final int DATA = 0;

    public static final int CONTROL = 1;
    public static final int STREAMS = 2;

    static final String NAME = "watermarks.dat";

    private static final int MAGIC = 0x4E43_574D;
    private static final int VERSION = 1;
    private static final int HEADER_LENGTH = 64;
    private static final int ROW_LENGTH = 64;
    private static final int UUID_LENGTH = 16;
    private static final int STREAM_LENGTH = 24;
    private static final int ROWS_OFFSET = 8;
    private static final int SYNCED_OFFSET = 16;
    private static final ValueLayout.OfLong LONG =
            JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT =
            JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final Arena arena;
    private final MemorySegment memory;
    private final int rows;

    private WatermarkFile(Arena arena, MemorySegment memory, int rows) {
        this.arena = arena;
        this.memory = memory;
        this.rows = rows;
    }

    static WatermarkFile open(Path directory, int maxAgents) throws IOException {
        Path path = directory.resolve(NAME);
        Arena arena = Arena.ofShared();
        try (FileChannel channel =
                FileChannel.open(
                        path,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE)) {
            long length = Math.max(channel.size(), HEADER_LENGTH + (long) ROW_LENGTH * maxAgents);
            MemorySegment memory = channel.map(FileChannel.MapMode.READ_WRITE, 0, length, arena);
            int rows = (int) ((length - HEADER_LENGTH) / ROW_LENGTH);
            if (memory.get(INT, 0) == 0) {
                memory.set(INT, Integer.BYTES, VERSION);
                memory.set(INT, 0, MAGIC);
            }
            memory.set(INT, ROWS_OFFSET, rows);
            return checked(path, new WatermarkFile(arena, memory, rows));
        } catch (IOException | RuntimeException e) {
            arena.close();
            throw e;
        }
    }

    /// Reads the file of a journal that may be in use; an absent one reads as empty.
    static WatermarkFile openReadOnly(Path directory) throws IOException {
        Path path = directory.resolve(NAME);
        Arena arena = Arena.ofShared();
        if (!Files.exists(path) || Files.size(path) < HEADER_LENGTH) {
            return new WatermarkFile(arena, arena.allocate(HEADER_LENGTH), 0);
        }
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            MemorySegment memory =
                    channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
            int rows = (int) ((channel.size() - HEADER_LENGTH) / ROW_LENGTH);
            return checked(path, new WatermarkFile(arena, memory, rows));
        } catch (IOException | RuntimeException e) {
            arena.close();
            throw e;
        }
    }

    private static WatermarkFile checked(Path path, WatermarkFile file) throws IOException {
        int magic = file.memory.get(INT, 0);
        int version = file.memory.get(INT, Integer.BYTES);
        if (magic != MAGIC || version != VERSION) {
            throw new IOException(
                    "%s: magic=0x%08x version=%d must be 0x%08x and %d. Maybe it is another file?"
                            .formatted(path, magic, version, MAGIC, VERSION));
        }
        return file;
    }

    int rows() {
        return rows;
    }

    long syncedOrdinal() {
        return memory.get(LONG, SYNCED_OFFSET);
    }

    void syncedOrdinal(long ordinal) {
        memory.set(LONG, SYNCED_OFFSET, ordinal);
    }

    /// Gives a row to an agent; what stood in it is cleared when it was another's.
    void agent(int index, UUID agentId) {
        if (!agentId.equals(agent(index))) {
            long row = row(index);
            memory.asSlice(row, ROW_LENGTH).fill((byte) 0);
            memory.set(LONG, row, agentId.getMostSignificantBits());
            memory.set(LONG, row + Long.BYTES, agentId.getLeastSignificantBits());
        }
    }

    UUID agent(int index) {
        long row = row(index);
        return new UUID(memory.get(LONG, row), memory.get(LONG, row + Long.BYTES));
    }

    /// Notes that all frames of a stream up to `sequence`, which are `frames` in number, are about
    /// to be acknowledged. The count is written last: a kill in between understates the promise.
    void acknowledge(int index, int stream, long epoch, long sequence, long frames) {
        long offset = stream(index, stream);
        if (memory.get(LONG, offset) != epoch) {
            memory.set(LONG, offset + 2 * Long.BYTES, 0);
            memory.set(LONG, offset + Long.BYTES, 0);
            memory.set(LONG, offset, epoch);
        }
        memory.set(LONG, offset + Long.BYTES, sequence);
        memory.set(LONG, offset + 2 * Long.BYTES, frames);
    }

    long epoch(int index, int stream) {
        return memory.get(LONG, stream(index, stream));
    }

    long sequence(int index, int stream) {
        return memory.get(LONG, stream(index, stream) + Long.BYTES);
    }

    long frames(int index, int stream) {
        return memory.get(LONG, stream(index, stream) + 2 * Long.BYTES);
    }

    void sync() {
        memory.force();
    }

    private long row(int index) {
        return HEADER_LENGTH + (long) ROW_LENGTH * java.util.Objects.checkIndex(index, rows);
    }

    private long stream(int index, int stream) {
        return row(index) + UUID_LENGTH + (long) stream * STREAM_LENGTH;
    }

    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
