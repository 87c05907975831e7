package io.novacron.ingest.journal;

import io.novacron.ingest.journal.Generations.CycleFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
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

    /// Instead of an ordinal: all that is kept.
    public static final long FIRST_KEPT = 0;

    /// Called when a generation ends before its last bytes, with the first ordinal that is cut.
    @FunctionalInterface
    interface TornTail {
        void onTornTail(Path generation, long ordinal) throws IOException;
    }

    private final Deque<Path> generations;
    private final long syncedOrdinal;
    private final long fromOrdinal;
    private final TornTail tornTail;
    private final UnsafeBuffer buffer = new UnsafeBuffer(0, 0);
    private final BlockReader block = new BlockReader();

    private @Nullable Path generation;
    private @Nullable SingleChronicleQueue queue;
    private @Nullable ExcerptTailer tailer;
    private long cutOrdinal;
    private long firstOrdinal;
    private long firstTimeMs; // of the block that was last looked for
    private long lastOrdinal;
    private long recordsRead;
    private long recordsDamaged;
    private long recordsLost;
    private long tailsCut;
    private boolean startOfGeneration;
    private boolean skipped; // a damaged block, whose number of records is not known

    /// @param fromOrdinal first record to be read, [#FIRST_KEPT] for all that there are
    JournalCursor(Path directory, long syncedOrdinal, long fromOrdinal, TornTail tornTail)
            throws IOException {
        long kept = Retired.read(directory).firstOrdinal();
        if (fromOrdinal != FIRST_KEPT && fromOrdinal < kept) {
            throw new IOException(
                    ("journal %s begins at record %d, must begin at %d or before. Maybe the"
                                    + " checkpoint is of another journal?")
                            .formatted(directory, kept, fromOrdinal));
        }
        this.generations = new ArrayDeque<>(Generations.list(directory));
        this.syncedOrdinal = Math.max(syncedOrdinal, Math.max(kept, fromOrdinal) - 1);
        this.fromOrdinal = Math.max(kept, fromOrdinal);
        this.tornTail = tornTail;
        if (this.fromOrdinal > 1) {
            skipGenerations();
        }
    }

    /// Opens the journal in this directory for reading; nothing in it is changed.
    public static JournalCursor open(Path directory) throws IOException {
        return open(directory, FIRST_KEPT);
    }

    /// The same from one record on, which is found without reading what is before it.
    ///
    /// @throws IOException when that record is no longer kept
    public static JournalCursor open(Path directory, long fromOrdinal) throws IOException {
        long synced;
        try (WatermarkFile watermarks = WatermarkFile.openReadOnly(directory)) {
            synced = watermarks.syncedOrdinal();
        }
        return new JournalCursor(directory, synced, fromOrdinal, (_, _) -> {});
    }

    /// A cursor for looking into the files of one generation with [#start].
    static JournalCursor ofGeneration(Path generation) {
        return new JournalCursor(generation);
    }

    private JournalCursor(Path generation) {
        this.generations = new ArrayDeque<>();
        this.syncedOrdinal = 0;
        this.fromOrdinal = 0;
        this.tornTail = (_, _) -> {};
        this.generation = generation;
        this.queue = Generations.queue(generation).readOnly(true).build();
        this.tailer = queue.createTailer();
    }

    /// The first ordinal in a file and the time of its first record, zeros if it cannot be read.
    long[] start(int cycle) throws IOException {
        long first = firstOrdinalAt(cycle, 0);
        return new long[] {first, first == 0 ? 0 : firstTimeMs};
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

    /// The first record that was read, 0 before there is one.
    public long firstOrdinal() {
        return firstOrdinal;
    }

    /// The last record that was read or passed over; before `fromOrdinal - 1` only when the journal
    /// ends there.
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
            if (firstOrdinal == 0) {
                firstOrdinal = Math.max(first, fromOrdinal);
            }
            handling = true;
            problem = block.read(fromOrdinal, handler);
            if (problem != null) {
                throw new IOException(
                        "journal block at record %d in %s has a good CRC and bad contents: %s"
                                .formatted(first, generation, problem));
            }
            lastOrdinal = first + block.records() - 1;
            recordsRead += Math.clamp(lastOrdinal - fromOrdinal + 1, 0, block.records());
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
        long missing = Math.max(0, first - Math.max(lastOrdinal + 1, fromOrdinal));
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
            if (lastOrdinal < fromOrdinal - 1) {
                return false; // it does not reach to where reading was to begin: no loss, another
                // one
            }
            countMissing(Math.max(lastOrdinal, syncedOrdinal) + 1);
            lastOrdinal = Math.max(lastOrdinal, syncedOrdinal);
            return false;
        }
        cutOrdinal = Generations.cut(generation);
        startOfGeneration = true;
        List<CycleFile> cycles = Generations.cycles(generation);
        if (cycles.isEmpty()) {
            return nextGeneration();
        }
        queue = Generations.queue(generation).readOnly(true).build();
        tailer = queue.createTailer();
        moveTo(cycles.getFirst().cycle(), 0); // its own start may be a file that was deleted
        if (lastOrdinal < fromOrdinal - 1) {
            seek(cycles);
        }
        return true;
    }

    private boolean moveTo(int cycle, long block) {
        long index = Objects.requireNonNull(queue).rollCycle().toIndex(cycle, block);
        return Objects.requireNonNull(tailer).moveToIndex(index);
    }

    /// Passes over the generations that end before the first record that is wanted.
    private void skipGenerations() throws IOException {
        List<Path> all = List.copyOf(generations);
        for (int i = all.size() - 1; i > 0; i--) {
            long first = firstOrdinal(all.get(i));
            if (first > 0 && first <= fromOrdinal) {
                generations.removeAll(all.subList(0, i));
                return;
            }
        }
    }

    /// The first record of a generation, 0 when it has none that can be read.
    private long firstOrdinal(Path of) throws IOException {
        List<CycleFile> cycles = Generations.cycles(of);
        if (cycles.isEmpty()) {
            return 0;
        }
        try {
            queue = Generations.queue(of).readOnly(true).build();
            tailer = queue.createTailer();
            return firstOrdinalAt(cycles.getFirst().cycle(), 0);
        } finally {
            closeGeneration();
        }
    }

    /// Finds the block that holds the first record that is wanted: the file, then by halving. What
    /// cannot be read is not jumped over: reading then begins before it.
    private void seek(List<CycleFile> cycles) throws IOException {
        int at = cycles.size() - 1;
        long first = firstOrdinalAt(cycles.get(at).cycle(), 0);
        while (at > 0 && (first == 0 || first > fromOrdinal)) {
            at--;
            first = firstOrdinalAt(cycles.get(at).cycle(), 0);
        }
        int cycle = cycles.get(at).cycle();
        long low = 0;
        long high = first == 0 || first > fromOrdinal ? 0 : blocksIn(cycle);
        while (high - low > 1) {
            long middle = low + high >>> 1;
            long ordinal = firstOrdinalAt(cycle, middle);
            if (ordinal == 0) {
                low = 0;
                break;
            } else if (ordinal <= fromOrdinal) {
                low = middle;
            } else {
                high = middle;
            }
        }
        long found = firstOrdinalAt(cycle, low);
        if (found > 0 && found <= fromOrdinal) {
            lastOrdinal = found - 1;
        }
        moveTo(cycle, low);
    }

    private long blocksIn(int cycle) {
        try {
            return Objects.requireNonNull(tailer).excerptsInCycle(cycle);
        } catch (RuntimeException e) {
            LOGGER.warn("the index of {} cannot be read: {}", generation, e.toString());
            return 0;
        }
    }

    private long firstOrdinalAt(int cycle, long at) throws IOException {
        try {
            if (!moveTo(cycle, at)) {
                return 0;
            }
            try (DocumentContext document = Objects.requireNonNull(tailer).readingDocument()) {
                if (!document.isPresent()) {
                    return 0;
                }
                Bytes<?> bytes = Objects.requireNonNull(document.wire()).bytes();
                int length = (int) bytes.readRemaining();
                buffer.wrap(bytes.addressForRead(bytes.readPosition()), length);
                if (block.wrap(buffer, length) != null) {
                    return 0;
                }
                firstTimeMs = block.timeMs();
                return block.firstOrdinal();
            }
        } catch (RuntimeException | InternalError e) {
            LOGGER.debug("block {} of file {} cannot be read", at, cycle, e);
            return 0;
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
