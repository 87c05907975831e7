package io.novacron.daemon.audit;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The file of the audit chain, a projection of the journal: written anew beside the old file while
/// the journal is replayed, moved into place by [#commit], and appended to from then on, whole
/// lines at a time. After [#restore] only what follows the checkpoint is written anew, and takes
/// the place of what the file has there. What the journal does not give again is never thrown away:
/// it is set aside. One thread.
public final class AuditLog implements AutoCloseable {
    private static final int PENDING_LIMIT = 1 << 20;
    private static final int SET_ASIDE_LIMIT = 8;

    /// Younger lines stay whatever their bytes: checkpoints rely on them.
    public static final Duration ALWAYS_KEPT = Duration.ofDays(2);

    private final Path file;
    private final Path rebuilt;
    private final AuditChain chain = new AuditChain();
    private final ByteArrayOutputStream pending = new ByteArrayOutputStream();
    private FileChannel channel;
    private AuditPlace retired = AuditPlace.BEGINNING; // what the file no longer has
    private int stubLength;
    private String head = AuditChain.GENESIS;
    private long lines;
    private long bytes;
    private long oldestAtMs = Long.MAX_VALUE;
    private @Nullable AuditPlace kept; // what stays of the old file

    public AuditLog(Path file) throws IOException {
        this.file = file;
        this.rebuilt = file.resolveSibling(file.getFileName() + ".rebuilt");
        this.channel = create(rebuilt);
    }

    private static FileChannel create(Path path) throws IOException {
        return FileChannel.open(
                path,
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE);
    }

    /// Adds a line.
    ///
    /// @param fields in the order in which they are to stand; `line`, `previous` and `hash` are
    ///   added
    public void append(long atMs, Map<String, ?> fields) {
        AuditChain.Line line = chain.line(lines + 1, fields, head);
        pending.writeBytes(line.bytes());
        lines++;
        bytes += line.bytes().length;
        head = line.hash();
        oldestAtMs = Math.min(oldestAtMs, atMs);
        if (pending.size() >= PENDING_LIMIT) {
            try {
                flush();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /// Where it ends now; all of it is in the file.
    public AuditPlace place() throws IOException {
        flush();
        return new AuditPlace(lines, head, bytes);
    }

    /// Keeps the file up to this place. Before the first record; nothing is changed yet.
    ///
    /// @throws IOException when the file does not have that line there
    public void restore(AuditPlace place) throws IOException {
        if (place.lines() > 0) {
            try {
                readStub();
                check(place);
            } catch (IOException e) {
                retired = AuditPlace.BEGINNING;
                stubLength = 0;
                oldestAtMs = Long.MAX_VALUE;
                throw e;
            }
        }
        kept = place;
        lines = place.lines();
        head = place.head();
        bytes = place.bytes();
    }

    private void readStub() throws IOException {
        AuditPlace stub = null;
        try (var reader = new AuditReader(file)) {
            byte[] first = reader.next();
            stub = first == null ? null : AuditChain.retired(first);
            stubLength = stub == null ? 0 : AuditChain.stub(stub).length;
            byte[] oldest = stub == null ? first : reader.next();
            oldestAtMs = oldest == null ? Long.MAX_VALUE : atMs(oldest);
        }
        retired = stub == null ? AuditPlace.BEGINNING : stub;
    }

    private static long atMs(byte[] line) throws IOException {
        return AuditChain.read(line).path("atMs").asLong(Long.MAX_VALUE);
    }

    private void check(AuditPlace place) throws IOException {
        if (place.lines() < retired.lines()) {
            throw new IOException(
                    "%s begins after line %d and must have line %d. Maybe the checkpoint is older?"
                            .formatted(file, retired.lines(), place.lines()));
        }
        String stated =
                place.lines() == retired.lines() ? retired.head() : lineBefore(place).stated();
        if (!place.head().equals(stated)) {
            throw new IOException(
                    "%s: line %d must have hash %s. Maybe the file was changed?"
                            .formatted(file, place.lines(), place.head()));
        }
    }

    private record Found(@Nullable String stated) {}

    private Found lineBefore(AuditPlace place) throws IOException {
        long end = offset(place);
        try (var content = new RandomAccessFile(file.toFile(), "r")) {
            if (content.length() < end) {
                throw new IOException(
                        "%s has %d bytes and must have %d. Maybe it was cut?"
                                .formatted(file, content.length(), end));
            }
            var tail = new byte[(int) Math.min(end, AuditChain.LONGEST_LINE)];
            content.seek(end - tail.length);
            content.readFully(tail);
            String text = new String(tail, StandardCharsets.UTF_8).stripTrailing();
            byte[] line =
                    text.substring(text.lastIndexOf('\n') + 1).getBytes(StandardCharsets.UTF_8);
            JsonNode read = AuditChain.read(line);
            boolean itself = read.path("line").asLong() == place.lines();
            return new Found(itself ? AuditChain.statedHash(line) : null);
        }
    }

    /// Where in the file a place of the chain is.
    private long offset(AuditPlace place) {
        return place.bytes() - retired.bytes() + stubLength;
    }

    /// Moves what the replay wrote into place.
    ///
    /// @return where the old file, or its end, is kept, because the journal did not give it again;
    ///   null when it gave everything
    public @Nullable Path commit() throws IOException {
        flush();
        channel.close();
        AuditPlace place = kept;
        long from = place == null ? 0 : offset(place);
        Path aside = setAside(from);
        if (place == null) {
            Files.move(
                    rebuilt,
                    file,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } else {
            try (FileChannel old =
                    FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                old.truncate(from);
            }
            try (var out = Files.newOutputStream(file, StandardOpenOption.APPEND)) {
                Files.copy(rebuilt, out);
            }
            Files.delete(rebuilt);
        }
        channel = FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
        return aside;
    }

    /// Copies the old file from there, when what was rebuilt does not begin with it.
    private @Nullable Path setAside(long from) throws IOException {
        if (!Files.exists(file) || Files.size(file) <= from) {
            return null;
        }
        try (var old = Files.newByteChannel(file)) {
            old.position(from);
            if (isBeginningOfRebuilt(old)) {
                return null;
            }
            Path aside = free();
            old.position(from);
            try (var in = Channels.newInputStream(old)) {
                Files.copy(in, aside, StandardCopyOption.REPLACE_EXISTING);
            }
            return aside;
        }
    }

    private boolean isBeginningOfRebuilt(java.nio.channels.SeekableByteChannel old)
            throws IOException {
        var left = ByteBuffer.allocate(1 << 16);
        var right = ByteBuffer.allocate(1 << 16);
        try (var fresh = Files.newByteChannel(rebuilt)) {
            while (true) {
                fill(old, left);
                if (left.remaining() == 0) {
                    return true;
                }
                right.limit(left.remaining());
                fill(fresh, right);
                if (!left.equals(right)) {
                    return false;
                }
                left.clear();
                right.clear();
            }
        }
    }

    private static void fill(java.nio.channels.SeekableByteChannel from, ByteBuffer into)
            throws IOException {
        while (into.hasRemaining() && from.read(into) >= 0) {}
        into.flip();
    }

    /// The first name that is free; the last one is used again when none is.
    private Path free() {
        Path aside = file;
        for (int i = 1; i <= SET_ASIDE_LIMIT; i++) {
            aside = file.resolveSibling("%s.aside-%d".formatted(file.getFileName(), i));
            if (!Files.exists(aside)) {
                break;
            }
        }
        return aside;
    }

    /// The hash of a line that the file has; null when it does not have it. Reads the file.
    public @Nullable String hashOf(long line) throws IOException {
        flush();
        if (line == 0) {
            return AuditChain.GENESIS;
        }
        if (line == lines) {
            return head;
        }
        if (line == retired.lines()) {
            return retired.head();
        }
        try (var reader = new AuditReader(file)) {
            long number = retired.lines() - (stubLength > 0 ? 1 : 0);
            for (byte[] next = reader.next(); next != null; next = reader.next()) {
                if (++number == line) {
                    return AuditChain.statedHash(next);
                }
            }
        }
        return null;
    }

    // --- retention -------------------------------------------------------------------------

    /// How far lines may go: those older than `age`, and the oldest while the file is larger than
    /// `limitBytes`. Null while it is not worth the copy (a tenth of the age, a quarter of the
    /// bytes). Reads the file when it is.
    public @Nullable AuditPlace retirable(long nowMs, Duration age, long limitBytes)
            throws IOException {
        long size = bytes - retired.bytes();
        boolean old = nowMs - oldestAtMs > age.toMillis() + age.toMillis() / 10;
        if (lines <= retired.lines() || (!old && size <= limitBytes)) {
            return null;
        }
        flush();
        long limit = size > limitBytes ? limitBytes - limitBytes / 4 : limitBytes;
        AuditPlace place = retired;
        try (var reader = new AuditReader(file)) {
            if (stubLength > 0) {
                reader.next();
            }
            for (byte[] line = reader.next(); line != null; line = reader.next()) {
                String hash = AuditChain.statedHash(line);
                long agoMs = nowMs - atMs(line);
                boolean goes =
                        agoMs > age.toMillis()
                                || (bytes - place.bytes() > limit
                                        && agoMs > ALWAYS_KEPT.toMillis());
                if (!goes || hash == null || place.lines() + 1 >= lines) {
                    break;
                }
                place = new AuditPlace(place.lines() + 1, hash, place.bytes() + line.length + 1);
            }
        }
        return place.lines() == retired.lines() ? null : place;
    }

    /// Takes the lines up to there out of the file, after a line of the chain has said so.
    public void retire(AuditPlace place) throws IOException {
        flush();
        if (place.lines() <= retired.lines() || place.lines() >= lines) {
            return;
        }
        channel.close();
        long from = offset(place);
        byte[] stub = AuditChain.stub(place);
        try (FileChannel out = create(rebuilt);
                FileChannel old = FileChannel.open(file)) {
            write(out, stub);
            for (long at = from; at < old.size(); ) {
                at += old.transferTo(at, old.size() - at, out);
            }
            out.force(true);
        }
        Files.move(
                rebuilt, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        readStub();
        channel = FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
    }

    /// What a line must say in its `facts`, with kind `AUDIT_RETIRED`, before [#retire].
    public static Map<String, String> retirementFacts(AuditPlace place) {
        return AuditChain.facts(place);
    }

    /// The place that such facts say.
    public static AuditPlace retirement(Map<String, String> facts) {
        return new AuditPlace(
                Long.parseLong(facts.getOrDefault("lines", "0")),
                facts.getOrDefault("head", AuditChain.GENESIS),
                Long.parseLong(facts.getOrDefault("bytes", "0")));
    }

    // --- the rest ---------------------------------------------------------------------------

    public void flush() throws IOException {
        if (pending.size() > 0) {
            byte[] text = pending.toByteArray();
            pending.reset();
            write(channel, text);
        }
    }

    private static void write(FileChannel to, byte[] bytes) throws IOException {
        var buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            to.write(buffer);
        }
    }

    /// Forces a file to the device. Any thread.
    public static void force(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
    }

    /// The hash of the last line.
    public String head() {
        return head;
    }

    public long lines() {
        return lines;
    }

    @Override
    public void close() throws IOException {
        flush();
        channel.close();
    }
}
