package io.novacron.daemon.audit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps the head of the audit log in a file of its own, elsewhere. A thread of its own forces the
/// log to the device first, then replaces the anchor and forces that, so the log is never behind
/// its anchor; places that come meanwhile are taken together.
public final class AuditAnchor implements AutoCloseable {
    private static final Logger LOGGER = LoggerFactory.getLogger(AuditAnchor.class);

    /// Between two anchors: the forced writes of one compete with those of the journal, on which
    /// actions wait. Places that come meanwhile are taken together.
    private static final long REST_NS = 50_000_000;

    private static final Pattern TEXT =
            Pattern.compile("\\{\"lines\":(\\d{1,18}),\"head\":\"([0-9a-f]{64})\"}\n");

    private final Path log;
    private final Path file;
    private final Thread thread;
    private final AtomicReference<@Nullable AuditPlace> waiting = new AtomicReference<>();
    private final Semaphore work = new Semaphore(0);
    private final LongAdder anchorsWritten = new LongAdder();
    private final LongAdder anchorsFailed = new LongAdder();
    private volatile Head anchored = new Head(0, AuditChain.GENESIS);
    private volatile String problem = "";
    private volatile boolean closed;

    /// The number of a line and its hash.
    public record Head(long lines, String head) {
        /// The first 48 bits of the hash: a number that a gauge holds exactly.
        public long prefix() {
            return Long.parseLong(head.substring(0, 12), 16);
        }

        String text() {
            return "{\"lines\":%d,\"head\":\"%s\"}\n".formatted(lines, head);
        }
    }

    /// @param log whose head it is
    /// @param file where the head is kept; its folder is made
    public AuditAnchor(Path log, Path file) {
        this.log = log;
        this.file = file;
        this.thread = Thread.ofPlatform().name("novacron-audit").unstarted(this::run);
    }

    public void start() {
        thread.start();
    }

    /// Reads an anchor.
    ///
    /// @return null when there is none
    /// @throws IOException when the file cannot be read or is not an anchor
    public static @Nullable Head read(Path file) throws IOException {
        if (!Files.exists(file)) {
            return null;
        }
        Matcher text =
                TEXT.matcher(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1));
        if (!text.matches()) {
            throw new IOException(
                    "%s is not an anchor of an audit log. Maybe it was changed?".formatted(file));
        }
        return new Head(Long.parseLong(text.group(1)), text.group(2));
    }

    /// Anchors this place soon. Never blocks.
    public void offer(AuditPlace place) {
        waiting.set(place);
        work.release();
    }

    /// What was anchored last.
    public Head anchored() {
        return anchored;
    }

    /// Why it cannot be written; empty when it can.
    public String problem() {
        return problem;
    }

    public long anchorsWritten() {
        return anchorsWritten.sum();
    }

    public long anchorsFailed() {
        return anchorsFailed.sum();
    }

    private void run() {
        while (true) {
            try {
                work.acquire();
            } catch (InterruptedException _) {
                return;
            }
            work.drainPermits();
            boolean last = closed; // before the look, so that what was offered before it is written
            AuditPlace place = waiting.getAndSet(null);
            if (place != null) {
                write(place);
            }
            if (last) {
                return;
            }
            LockSupport.parkNanos(this, REST_NS);
        }
    }

    private void write(AuditPlace place) {
        var head = new Head(place.lines(), place.head());
        try {
            AuditLog.force(log);
            replace(head);
            anchored = head;
            problem = "";
            anchorsWritten.increment();
        } catch (IOException e) {
            anchorsFailed.increment();
            if (problem.isEmpty()) {
                LOGGER.error("the head of the audit log cannot be anchored in {}", file, e);
            }
            problem = "the head cannot be anchored in %s: %s".formatted(file, e);
        }
    }

    private void replace(Head head) throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        if (folder == null) {
            throw new IOException("%s has no folder".formatted(file));
        }
        Files.createDirectories(folder);
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        try (FileChannel out =
                FileChannel.open(
                        fresh,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE)) {
            out.write(ByteBuffer.wrap(head.text().getBytes(StandardCharsets.UTF_8)));
            out.force(true);
        }
        Files.move(
                fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        try (FileChannel names = FileChannel.open(folder)) {
            names.force(true); // the new name, too, survives a power loss
        }
    }

    /// Anchors what was offered, then stops. Idempotent.
    @Override
    public void close() {
        closed = true;
        work.release();
        try {
            thread.join();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
