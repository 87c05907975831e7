package io.novacron.agent;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.novacron.wire.Framing;
import io.novacron.wire.message.Action;
import io.novacron.wire.message.Message;
import io.novacron.wire.message.Messages;
import io.novacron.wire.message.Outcome;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.agrona.ExpandableArrayBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/// What was asked of this host, what was begun and what became of it: one line each, on disk before
/// the next step is taken.
///
/// ```text
///  2026-11-21T05:02:42Z | RECEIVED | 17 | SET_VCPUS <vm> 2 -> 4 vcpus | base64 of the frame
///  2026-11-21T05:02:42Z | STARTED  | 17
///  2026-11-21T05:02:43Z | DONE     | 17 | KEPT NONE: 4 vcpus          | base64 of the frame
///  2026-11-21T05:02:43Z | TOLD     | 17
/// ```
///
/// with tabs for bars. At [#MAX_BYTES] the file becomes `actions.log.1` and a new one begins with
/// what is still in hand and the last [#MAX_FINISHED] outcomes. Thread-safe.
final class ActionsLog implements AutoCloseable {
    static final int MAX_FINISHED = 256;
    static final long MAX_BYTES = 4 * 1024 * 1024;
    private static final String NAME = "actions.log";

    private final @Nullable Path folder;
    private final AgentClock clock;
    private final long maxBytes;
    private final Messages messages = new Messages();
    private final Framing framing = new Framing();
    private final ExpandableArrayBuffer buffer = new ExpandableArrayBuffer();
    private final Map<Long, Entry> entries = new LinkedHashMap<>();
    private @Nullable FileChannel channel;
    private long rewriteAtBytes;

    /// One action and how far it got.
    record Entry(Action action, boolean started, @Nullable Outcome outcome, boolean told) {

        boolean isFinished() {
            return outcome != null;
        }
    }

    private ActionsLog(@Nullable Path folder, AgentClock clock, long maxBytes) {
        this.folder = folder;
        this.clock = clock;
        this.maxBytes = maxBytes;
        this.rewriteAtBytes = maxBytes;
    }

    /// A log that dies with its process, for simulated hosts.
    static ActionsLog inMemory(AgentClock clock) {
        return new ActionsLog(null, clock, MAX_BYTES);
    }

    static ActionsLog open(Path folder, AgentClock clock) throws IOException {
        return open(folder, clock, MAX_BYTES);
    }

    static ActionsLog open(Path folder, AgentClock clock, long maxBytes) throws IOException {
        var log = new ActionsLog(folder, clock, maxBytes);
        Path path = folder.resolve(NAME);
        if (Files.exists(path)) {
            String text = Files.readString(path, UTF_8);
            int end = text.lastIndexOf('\n') + 1; // a line that was cut short was not acted upon
            text.substring(0, end).lines().forEach(log::replay);
            log.forgetOldest();
            try (var torn = FileChannel.open(path, StandardOpenOption.WRITE)) {
                torn.truncate(text.substring(0, end).getBytes(UTF_8).length);
            }
        }
        log.channel = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        return log;
    }

    private void replay(String line) {
        String[] columns = line.split("\t", -1);
        try {
            long id = Long.parseLong(columns[2]);
            Entry entry = entries.get(id);
            switch (columns[1]) {
                case "RECEIVED" ->
                        entries.put(id, new Entry((Action) decode(columns[4]), false, null, false));
                case "STARTED" -> {
                    if (entry != null) {
                        entries.put(id, new Entry(entry.action, true, null, false));
                    }
                }
                case "DONE" -> {
                    if (entry != null) {
                        entries.put(
                                id,
                                new Entry(entry.action, true, (Outcome) decode(columns[4]), false));
                    }
                }
                case "TOLD" -> {
                    if (entry != null) {
                        entries.put(id, new Entry(entry.action, true, entry.outcome, true));
                    }
                }
                default -> {} // a later version's
            }
        } catch (RuntimeException e) {
            // a damaged line: its action counts as far as the lines around it say
            return;
        }
    }

    /// Every action known, in the order it came.
    synchronized List<Entry> entries() {
        return List.copyOf(entries.values());
    }

    synchronized @Nullable Entry entry(long actionId) {
        return entries.get(actionId);
    }

    synchronized void received(Action action) throws IOException {
        write("RECEIVED", action.actionId(), describe(action), action, true);
        entries.put(action.actionId(), new Entry(action, false, null, false));
        forgetOldest();
    }

    synchronized void started(Action action) throws IOException {
        write("STARTED", action.actionId(), null, null, true);
        entries.put(action.actionId(), new Entry(action, true, null, false));
    }

    synchronized void done(Action action, Outcome outcome) throws IOException {
        entries.put(action.actionId(), new Entry(action, true, outcome, false));
        String text = outcome.state() + " " + outcome.code() + ": " + outcome.text();
        write("DONE", action.actionId(), text, outcome, true);
    }

    /// The outcome is in the control spool, which answers for it from now on.
    synchronized void told(Action action) throws IOException {
        Entry entry = entries.get(action.actionId());
        if (entry != null) {
            entries.put(action.actionId(), new Entry(action, true, entry.outcome, true));
            write("TOLD", action.actionId(), null, null, false);
        }
    }

    static String describe(Action action) {
        String what =
                switch (action.actionType()) {
                    case SET_VCPUS ->
                            action.expectedVcpus() + " -> " + action.targetVcpus() + " vcpus";
                    case SET_MEMORY ->
                            action.expectedMemoryBytes()
                                    + " -> "
                                    + action.targetMemoryBytes()
                                    + " bytes";
                    case LIVE_MIGRATE -> "to " + action.targetHost() + " " + action.targetUri();
                    case SET_CPU_QUOTA, SET_CPU_SHARES, PIN_VCPUS ->
                            action.expectedSetting() + " -> " + action.targetSetting();
                    default -> "";
                };
        return action.actionType() + " " + action.vm() + " " + what;
    }

    private void forgetOldest() {
        long finished = entries.values().stream().filter(Entry::isFinished).count();
        var each = entries.values().iterator();
        while (finished > MAX_FINISHED && each.hasNext()) {
            if (each.next().isFinished()) {
                each.remove();
                finished--;
            }
        }
    }

    private void write(
            String step, long id, @Nullable String text, @Nullable Message message, boolean sync)
            throws IOException {
        if (channel != null && channel.size() > rewriteAtBytes) {
            rewrite();
        }
        append(line(step, id, text, message), sync);
    }

    private void append(String line, boolean sync) throws IOException {
        if (channel == null) {
            return;
        }
        long start = channel.size();
        var bytes = ByteBuffer.wrap(line.getBytes(UTF_8));
        try {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            if (sync) {
                channel.force(false);
            }
        } catch (IOException e) {
            channel.truncate(start);
            throw e;
        }
    }

    private String line(String step, long id, @Nullable String text, @Nullable Message message) {
        var line = new StringBuilder();
        line.append(Instant.ofEpochMilli(clock.nowMs())).append('\t').append(step);
        line.append('\t').append(id);
        if (text != null && message != null) {
            line.append('\t').append(text.replaceAll("[\\t\\r\\n]", " "));
            int length = messages.encode(message, buffer, 0);
            byte[] frame = Arrays.copyOf(buffer.byteArray(), length);
            line.append('\t').append(Base64.getEncoder().encodeToString(frame));
        }
        return line.append('\n').toString();
    }

    private Message decode(String base64) {
        var frame = new UnsafeBuffer(Base64.getDecoder().decode(base64));
        int length = Framing.checkHeader(frame, 0, frame.capacity(), Framing.MAX_FRAME_LENGTH);
        if (length < 0) {
            throw new IllegalArgumentException("frame is cut short");
        }
        framing.checkCrc(frame, 0, length);
        return messages.decode(frame, 0, length);
    }

    /// Begins a new file with what must be remembered; the old one stays beside it.
    private void rewrite() throws IOException {
        Path home = folder;
        if (home == null) {
            return;
        }
        Path aside = home.resolve(NAME + ".new");
        if (channel != null) {
            channel.close();
        }
        var fresh = FileChannel.open(aside, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        fresh.truncate(0); // of a rewrite that a kill cut short
        channel = fresh;
        forgetOldest();
        for (Entry entry : entries.values()) {
            long id = entry.action.actionId();
            append(line("RECEIVED", id, describe(entry.action), entry.action), false);
            if (entry.started) {
                append(line("STARTED", id, null, null), false);
            }
            if (entry.outcome != null) {
                append(line("DONE", id, entry.outcome.state().name(), entry.outcome), false);
            }
            if (entry.told) {
                append(line("TOLD", id, null, null), false);
            }
        }
        fresh.force(true);
        rewriteAtBytes = Math.max(maxBytes, 2 * fresh.size()); // or each line could rewrite it all
        Path path = home.resolve(NAME);
        Files.move(path, home.resolve(NAME + ".1"), StandardCopyOption.REPLACE_EXISTING);
        Files.move(aside, path, StandardCopyOption.ATOMIC_MOVE);
        try (var directory = FileChannel.open(home, StandardOpenOption.READ)) {
            directory.force(true);
        }
    }

    @Override
    public synchronized void close() throws IOException {
        if (channel != null) {
            channel.close();
        }
    }
}
