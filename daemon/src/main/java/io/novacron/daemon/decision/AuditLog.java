package io.novacron.daemon.decision;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.novacron.daemon.decision.DecisionState.AuditPlace;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Who did what to which decision, why and from which inputs: one JSON line a transition, each with
/// the hash of the line before it, so that a changed or missing line shows.
///
/// It is a projection of the journal: written anew beside the old file while the journal is
/// replayed, moved into place by [#commit], and appended to from then on. After [#restore] only
/// what follows the checkpoint is written anew, and takes the place of what the file has there. One
/// thread.
final class AuditLog implements AutoCloseable {
    private static final JsonMapper JSON =
            JsonMapper.builder().disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY).build();
    private static final String GENESIS = "0".repeat(64);
    private static final int LONGEST_LINE = 1024 * 1024;

    private final Path file;
    private final Path rebuilt;
    private final MessageDigest sha256;
    private BufferedWriter writer;
    private String head = GENESIS;
    private long lines;
    private long bytes;
    private @Nullable AuditPlace kept; // what stays of the old file

    AuditLog(Path file) throws IOException {
        this.file = file;
        this.rebuilt = file.resolveSibling(file.getFileName() + ".rebuilt");
        this.writer = Files.newBufferedWriter(rebuilt);
        try {
            this.sha256 = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java platform has it
        }
    }

    void record(Decision decision) {
        var last = decision.transitions().getLast();
        Map<String, @Nullable Object> line = new LinkedHashMap<>();
        line.put("line", ++lines);
        line.put("atMs", last.atMs());
        line.put("decision", decision.id());
        line.put("type", decision.proposal().type().name());
        line.put("vm", decision.proposal().vmId().toString());
        line.put("host", decision.proposal().hostId().toString());
        line.put("state", last.state().name());
        line.put("who", last.who());
        line.put("text", last.text());
        line.put("inputsHash", decision.proposal().inputsHash());
        line.put("model", decision.proposal().model());
        line.put("previous", head);
        try {
            String body = JSON.writeValueAsString(line);
            head = HexFormat.of().formatHex(sha256.digest(body.getBytes(StandardCharsets.UTF_8)));
            line.put("hash", head);
            String text = JSON.writeValueAsString(line) + "\n";
            writer.write(text);
            bytes += text.getBytes(StandardCharsets.UTF_8).length;
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Where it ends now; all of it is in the file.
    AuditPlace place() throws IOException {
        writer.flush();
        return new AuditPlace(lines, head, bytes);
    }

    /// Keeps the file up to this place. Before the first record; nothing is changed yet.
    ///
    /// @throws IOException when the file does not have that line there
    void restore(AuditPlace place) throws IOException {
        if (place.lines() > 0) {
            Map<?, ?> last = lineBefore(place.bytes());
            if (!place.head().equals(last.get("hash"))
                    || ((Number) Objects.requireNonNull(last.get("line"))).longValue()
                            != place.lines()) {
                throw new IOException(
                        "%s: line %d must have hash %s. Maybe the file was changed?"
                                .formatted(file, place.lines(), place.head()));
            }
        }
        kept = place;
        lines = place.lines();
        head = place.head();
        bytes = place.bytes();
    }

    private Map<?, ?> lineBefore(long end) throws IOException {
        try (var content = new RandomAccessFile(file.toFile(), "r")) {
            if (content.length() < end) {
                throw new IOException(
                        "%s has %d bytes and must have %d. Maybe it was cut?"
                                .formatted(file, content.length(), end));
            }
            var tail = new byte[(int) Math.min(end, LONGEST_LINE)];
            content.seek(end - tail.length);
            content.readFully(tail);
            String text = new String(tail, StandardCharsets.UTF_8).stripTrailing();
            return JSON.readValue(text.substring(text.lastIndexOf('\n') + 1), Map.class);
        }
    }

    /// Moves what the replay wrote into place.
    void commit() throws IOException {
        writer.flush();
        AuditPlace place = kept;
        if (place == null) {
            Files.move(
                    rebuilt,
                    file,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
            return;
        }
        writer.close();
        try (FileChannel old =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            old.truncate(place.bytes());
        }
        try (var out = Files.newOutputStream(file, StandardOpenOption.APPEND)) {
            Files.copy(rebuilt, out);
        }
        Files.delete(rebuilt);
        writer = Files.newBufferedWriter(file, StandardOpenOption.APPEND);
    }

    /// Forces a file to the device. Any thread.
    static void force(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
    }

    void flush() throws IOException {
        writer.flush();
    }

    /// The hash of the last line; an anchor kept elsewhere proves that nothing was cut off.
    String head() {
        return head;
    }

    long lines() {
        return lines;
    }

    @Override
    public void close() throws IOException {
        writer.close();
    }
}
