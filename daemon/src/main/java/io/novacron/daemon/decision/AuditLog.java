package io.novacron.daemon.decision;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Who did what to which decision, why and from which inputs: one JSON line a transition, each with
/// the hash of the line before it, so that a changed or missing line shows.
///
/// It is a projection of the journal: written anew beside the old file while the journal is
/// replayed, moved into place by [#commit], and appended to from then on. One thread.
final class AuditLog implements AutoCloseable {
    private static final JsonMapper JSON =
            JsonMapper.builder().disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY).build();
    private static final String GENESIS = "0".repeat(64);

    private final Path file;
    private final Path rebuilt;
    private final MessageDigest sha256;
    private BufferedWriter writer;
    private String head = GENESIS;
    private long lines;

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
            writer.write(JSON.writeValueAsString(line));
            writer.newLine();
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Moves what the replay wrote into place.
    void commit() throws IOException {
        writer.flush();
        Files.move(
                rebuilt, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
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
