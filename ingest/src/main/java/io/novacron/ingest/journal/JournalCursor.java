package io.novacron.ingest.journal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.Objects;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.queue.ExcerptTailer;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueue;
import net.openhft.chronicle.wire.DocumentContext;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads a journal from its beginning, one generation after the other. One thread owns it.
///
/// A record with a bad CRC that was on the device by the last sync mark is damage: it is skipped
/// and counted. One after the mark is a torn tail: the generation ends before it. The journal of a
/// running daemon may be read too; the cursor then ends at what is there.
public final class JournalCursor implements AutoCloseable {
    private static final Logger LOGGER = LoggerFactory.getLogger(JournalCursor.class);

    /// Called when a generation ends before its last bytes, with the first ordinal that is cut.
    @FunctionalInterface
    interface TornTail {
        void onTornTail(Path generation, long ordinal) throws IOException;
    }

    private final Deque<Path> generations;
    private final long syncedOrdinal;
    private final TornTail tornTail;
    private final UnsafeBuffer buffer = new UnsafeBuffer(0, 0);
    private final Checksum checksum = new Checksum();

    private @Nullable Path generation;
    private @Nullable SingleChronicleQueue queue;
    private @Nullable ExcerptTailer tailer;
    private long cutOrdinal;
    private long lastOrdinal;
    private long recordsRead;
    private long recordsDamaged;
    private long recordsLost;
    private long tailsCut;
    private boolean startOfGeneration;

    JournalCursor(Path directory, long syncedOrdinal, TornTail tornTail) throws IOException {
        this.generations = new ArrayDeque<>(Generations.list(directory));
        this.syncedOrdinal = syncedOrdinal;
        this.tornTail = tornTail;
    }

    /// Opens the journal in this directory for reading; nothing in it is changed.
    public static JournalCursor open(Path directory) throws IOException {
        long synced;
        try (WatermarkFile watermarks = WatermarkFile.openReadOnly(directory)) {
            synced = watermarks.syncedOrdinal();
        }
        return new JournalCursor(directory, synced, (_, _) -> {});
    }

    /// Reads on, at most `limit` records.
    ///
    /// @return records given to the handler; 0 at the end
    public int read(RecordHandler handler, int limit) throws IOException {
        int count = 0;
        while (count < limit && (tailer != null || nextGeneration())) {
            switch (readOne(handler)) {
                case RECORD -> count++;
                case SKIPPED -> {}
                case END -> closeGeneration();
            }
        }
        return count;
    }

    public long lastOrdinal() {
        return lastOrdinal;
    }

    public long recordsRead() {
        return recordsRead;
    }

    /// Records with a bad CRC among those that had been synced.
    public long recordsDamaged() {
        return recordsDamaged;
    }

    /// Ordinals that are not there although later ones are, or although the sync mark passed them.
    public long recordsLost() {
        return recordsLost;
    }

    public long tailsCut() {
        return tailsCut;
    }

    private enum Step {
        RECORD,
        SKIPPED,
        END
    }

    private Step readOne(RecordHandler handler) throws IOException {
        boolean handling = false;
        try (DocumentContext document = Objects.requireNonNull(tailer).readingDocument()) {
            if (!document.isPresent()) {
                return Step.END;
            }
            Bytes<?> bytes = Objects.requireNonNull(document.wire()).bytes();
            int length = (int) bytes.readRemaining();
            buffer.wrap(bytes.addressForRead(bytes.readPosition()), length);
            String problem = problem(length);
            if (problem != null) {
                return damaged(problem);
            }
            long ordinal = RecordLayout.ordinal(buffer, 0);
            if (ordinal >= cutOrdinal) {
                return Step.END;
            }
            recordsLost += ordinal - lastOrdinal - 1;
            startOfGeneration = false;
            lastOrdinal = ordinal;
            recordsRead++;
            handling = true;
            handler.onRecord(
                    RecordLayout.typeCode(buffer, 0),
                    RecordLayout.source(buffer, 0),
                    ordinal,
                    RecordLayout.timeMs(buffer, 0),
                    RecordLayout.sequence(buffer, 0),
                    buffer,
                    RecordLayout.HEADER_LENGTH,
                    RecordLayout.payloadLength(buffer, 0));
            return Step.RECORD;
        } catch (RuntimeException | InternalError e) {
            if (handling) {
                throw e;
            }
            // A torn document header sends the queue's reader astray in many ways; all mean this.
            Step step = damaged("the queue cannot read it: " + e);
            return step == Step.SKIPPED ? Step.END : step;
        }
    }

    /// Damaged bytes must not look like an end silently: what is wrong goes into the log.
    private @Nullable String problem(int length) {
        if (length < RecordLayout.HEADER_LENGTH) {
            return "length=%d is shorter than a record's header".formatted(length);
        }
        int payloadLength = RecordLayout.payloadLength(buffer, 0);
        if (payloadLength < 0 || payloadLength > length - RecordLayout.HEADER_LENGTH) {
            return "payload length=%d does not fit into %d".formatted(payloadLength, length);
        }
        int covered = RecordLayout.HEADER_LENGTH - RecordLayout.COVERED_OFFSET + payloadLength;
        int actual = checksum.of(buffer, RecordLayout.COVERED_OFFSET, covered);
        if (actual != RecordLayout.crc(buffer, 0)) {
            return String.format(
                    Locale.ROOT,
                    "crc32c=0x%08x must be 0x%08x",
                    actual,
                    RecordLayout.crc(buffer, 0));
        }
        int version = RecordLayout.version(buffer, 0);
        if (version != RecordLayout.VERSION) {
            return "version=%d is not known. Maybe a newer daemon wrote it?".formatted(version);
        }
        long ordinal = RecordLayout.ordinal(buffer, 0);
        boolean follows = startOfGeneration ? ordinal > lastOrdinal : ordinal == lastOrdinal + 1;
        return follows ? null : "ordinal=%d does not follow %d".formatted(ordinal, lastOrdinal);
    }

    private Step damaged(String problem) throws IOException {
        long ordinal = lastOrdinal + 1;
        if (ordinal >= cutOrdinal) {
            return Step.END;
        }
        if (ordinal <= syncedOrdinal) {
            LOGGER.error(
                    "journal record {} in {} is damaged and skipped: {}. Maybe the device is"
                            + " failing?",
                    ordinal,
                    generation,
                    problem);
            recordsDamaged++;
            lastOrdinal = ordinal;
            return Step.SKIPPED;
        }
        LOGGER.warn("journal is cut at record {} in {}: {}", ordinal, generation, problem);
        tailsCut++;
        tornTail.onTornTail(Objects.requireNonNull(generation), ordinal);
        return Step.END;
    }

    private boolean nextGeneration() throws IOException {
        generation = generations.pollFirst();
        if (generation == null) {
            recordsLost += Math.max(0, syncedOrdinal - lastOrdinal);
            lastOrdinal = Math.max(lastOrdinal, syncedOrdinal);
            return false;
        }
        cutOrdinal = Generations.cut(generation);
        startOfGeneration = true;
        if (!hasFiles(generation)) {
            return nextGeneration();
        }
        queue = Generations.queue(generation).readOnly(true).build();
        tailer = queue.createTailer().toStart();
        return true;
    }

    private static boolean hasFiles(Path generation) throws IOException {
        try (var files = Files.list(generation)) {
            return files.anyMatch(file -> file.toString().endsWith(".cq4"));
        }
    }

    private void closeGeneration() {
        if (tailer != null) {
            tailer.close();
            tailer = null;
        }
        if (queue != null) {
            queue.close();
            queue = null;
        }
    }

    @Override
    public void close() {
        closeGeneration();
        generations.clear();
    }
}
