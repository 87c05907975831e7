package io.novacron.ingest.journal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
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
/// A block with a bad CRC that was on the device by the last sync mark is damage: it is skipped and
/// its records counted. One after the mark is a torn tail: the generation ends before it. The
/// journal of a running daemon may be read too; the cursor then ends at what is there.
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
    private final BlockReader block = new BlockReader();

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
    private boolean skipped; // a damaged block, whose number of records is not known

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

    /// Reads on, whole blocks, until at least `limit` records have been read.
    ///
    /// @return records read; 0 at the end
    /// @throws IOException when a file cannot be read, or another version wrote it
    public int read(RecordHandler handler, int limit) throws IOException {
        long before = recordsRead;
        while (recordsRead - before < limit && (tailer != null || nextGeneration())) {
            if (readBlock(handler) == Step.END) {
                closeGeneration();
            }
        }
        return (int) (recordsRead - before);
    }

    public long lastOrdinal() {
        return lastOrdinal;
    }

    public long recordsRead() {
        return recordsRead;
    }

    /// Records in blocks with a bad CRC among those that had been synced.
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
        BLOCK,
        SKIPPED,
        END
    }

    private Step readBlock(RecordHandler handler) throws IOException {
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
            long first = block.firstOrdinal();
            if (first >= cutOrdinal) {
                return Step.END;
            }
            countMissing(first);
            handling = true;
            problem = block.read(first, handler);
            if (problem != null) {
                throw new IOException(
                        "journal block at record %d in %s has a good CRC and bad contents: %s"
                                .formatted(first, generation, problem));
            }
            lastOrdinal = first + block.records() - 1;
            recordsRead += block.records();
            return Step.BLOCK;
        } catch (RuntimeException | InternalError e) {
            if (handling) {
                throw e;
            }
            // A torn document header sends the queue's reader astray in many ways; all mean this.
            Step step = damaged("the queue cannot read it: " + e);
            return step == Step.SKIPPED ? Step.END : step;
        }
    }

    private void countMissing(long first) {
        long missing = first - lastOrdinal - 1;
        if (skipped) {
            recordsDamaged += missing;
        } else {
            recordsLost += missing;
        }
        skipped = false;
        startOfGeneration = false;
    }

    /// Damaged bytes must not look like an end silently: what is wrong goes into the log.
    private @Nullable String problem(int length) throws IOException {
        String problem = block.wrap(buffer, length);
        if (problem != null) {
            return problem;
        }
        long first = block.firstOrdinal();
        boolean mayJump = startOfGeneration || skipped;
        boolean follows = mayJump ? first > lastOrdinal : first == lastOrdinal + 1;
        return follows ? null : "ordinal=%d does not follow %d".formatted(first, lastOrdinal);
    }

    private Step damaged(String problem) throws IOException {
        long ordinal = lastOrdinal + 1;
        if (ordinal >= cutOrdinal) {
            return Step.END;
        }
        if (ordinal <= syncedOrdinal) {
            LOGGER.error(
                    "journal block after record {} in {} is damaged and skipped: {}. Maybe the"
                            + " device is failing?",
                    lastOrdinal,
                    generation,
                    problem);
            skipped = true;
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
            countMissing(Math.max(lastOrdinal, syncedOrdinal) + 1);
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
