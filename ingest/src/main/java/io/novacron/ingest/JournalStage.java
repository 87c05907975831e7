package io.novacron.ingest;

import com.lmax.disruptor.EventHandler;
import io.novacron.ingest.journal.AcknowledgedRecord;
import io.novacron.ingest.journal.Journal;
import io.novacron.ingest.journal.RecordLayout;
import io.novacron.ingest.journal.RecordType;
import io.novacron.ingest.journal.SessionRecord;
import io.novacron.ingest.statistics.Counter;
import io.novacron.ingest.statistics.IngestStatistics;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;

/// First stage after the ring: drops what was journaled before, appends the rest, moves the two
/// watermarks. The journal thread owns it.
///
/// The order that keeps the promise: append, note the watermark in the file that survives a kill,
/// publish it to the event loop, which acknowledges. When a frame cannot be appended its stream is
/// broken: nothing of it is journaled or acknowledged until the agent says hello again, so that a
/// cumulative acknowledgement never covers a frame that is not there.
final class JournalStage implements EventHandler<Slot> {
    private static final int SCRATCH_LENGTH = 256;

    private final Journal journal;
    private final RecordRing ring;
    private final Notices notices;
    private final IngestStatistics statistics;
    private final ByteBuffer view;
    private final ByteBuffer scratchView =
            ByteBuffer.allocateDirect(SCRATCH_LENGTH).order(ByteOrder.LITTLE_ENDIAN);
    private final UnsafeBuffer scratch = new UnsafeBuffer(scratchView);
    private final List<Stream> inBatch = new ArrayList<>();
    private List<Stream> unsynced = new ArrayList<>();
    private List<Stream> syncing = new ArrayList<>();
    private long syncsStarted;
    private long bytesCounted;
    private volatile long syncedOrdinal;

    JournalStage(Journal journal, RecordRing ring, Notices notices, IngestStatistics statistics) {
        this.journal = journal;
        this.ring = ring;
        this.notices = notices;
        this.statistics = statistics;
        this.view = ring.newView();
    }

    @Override
    public void onEvent(Slot slot, long sequence, boolean endOfBatch) {
        Stream stream = slot.stream;
        if (stream == null) {
            append(slot);
        } else if (slot.type == RecordType.SESSION) {
            onSession(slot, stream);
        } else if (slot.sequence == 0) {
            onUnnumbered(slot, stream);
        } else {
            onNumbered(slot, stream);
        }
        if (endOfBatch) {
            finishBatch();
        }
    }

    @Override
    public void onTimeout(long sequence) {
        pollJournal();
        notices.flush();
    }

    private void onSession(Slot slot, Stream stream) {
        int payload = slot.offset + RecordLayout.HEADER_LENGTH;
        boolean begin = SessionRecord.event(ring.buffer(), payload) == SessionRecord.BEGIN;
        if (begin && stream.epoch != slot.sequence && stream.frames > 0) {
            appendFinalWatermark(stream, slot.timeMs);
        }
        boolean appended = append(slot);
        if (!begin) {
            return;
        }
        if (appended) {
            stream.begin(slot.sequence);
            journal.agent(stream.agent.index, stream.agent.agentId);
            publish(stream);
        }
        stream.refused = !appended;
        stream.answeredSession = appended ? slot.sessionId : -slot.sessionId;
        notices.add(stream);
    }

    /// What was acknowledged in a spool epoch that is over stays known for the verification.
    private void appendFinalWatermark(Stream stream, long timeMs) {
        int payload = RecordLayout.HEADER_LENGTH;
        AcknowledgedRecord.write(scratch, payload, stream.kind, stream.epoch, stream.frames);
        RecordLayout.write(
                scratch,
                0,
                RecordType.ACKNOWLEDGED,
                stream.agent.index,
                AcknowledgedRecord.LENGTH,
                timeMs,
                stream.highest);
        if (journal.append(scratch, scratchView, 0, AcknowledgedRecord.LENGTH) > 0) {
            statistics.increment(Counter.RECORDS_APPENDED);
        }
    }

    private void onUnnumbered(Slot slot, Stream stream) {
        if (stream.broken || !append(slot)) {
            refuse(slot, stream);
        }
    }

    private void onNumbered(Slot slot, Stream stream) {
        if (stream.broken) {
            refuse(slot, stream);
            return;
        }
        Stream.Verdict verdict = stream.verdict(slot.sequence);
        if (verdict == Stream.Verdict.DUPLICATE) {
            statistics.increment(Counter.FRAMES_DUPLICATED);
            slot.dropped = true;
        } else if (append(slot)) {
            if (verdict == Stream.Verdict.REORDERED) {
                statistics.increment(Counter.FRAMES_REORDERED);
            } else {
                statistics.add(Counter.FRAMES_MISSING, stream.gapBefore(slot.sequence));
            }
            stream.commit(slot.sequence);
            if (!stream.unsynced) {
                stream.unsynced = true;
                unsynced.add(stream);
            }
        } else {
            refuse(slot, stream);
            return;
        }
        if (!stream.inBatch) {
            stream.inBatch = true;
            inBatch.add(stream);
        }
    }

    private void refuse(Slot slot, Stream stream) {
        slot.dropped = true;
        if (!stream.broken) {
            stream.broken = true;
            stream.refused = true;
            notices.add(stream);
        }
    }

    private boolean append(Slot slot) {
        slot.ordinal = journal.append(ring.buffer(), view, slot.offset, slot.payloadLength);
        if (slot.ordinal < 0) {
            slot.dropped = true;
            statistics.increment(Counter.RECORDS_NOT_JOURNALED);
            return false;
        }
        statistics.increment(Counter.RECORDS_APPENDED);
        return true;
    }

    private void finishBatch() {
        for (int i = 0; i < inBatch.size(); i++) {
            Stream stream = inBatch.get(i);
            stream.inBatch = false;
            publish(stream);
            notices.add(stream);
        }
        inBatch.clear();
        statistics.add(Counter.RECORD_BYTES_APPENDED, journal.bytesAppended() - bytesCounted);
        bytesCounted = journal.bytesAppended();
        pollJournal();
        notices.flush();
    }

    private void publish(Stream stream) {
        journal.acknowledge(
                stream.agent.index, stream.kind, stream.epoch, stream.highest, stream.frames);
        stream.publishedJournaled = stream.highest;
    }

    private void pollJournal() {
        if (journal.poll()) {
            statistics.increment(Counter.JOURNAL_SYNCS);
            syncedOrdinal = journal.syncedOrdinal();
            for (int i = 0; i < syncing.size(); i++) {
                Stream stream = syncing.get(i);
                if (stream.syncing > stream.publishedSynced) {
                    stream.publishedSynced = stream.syncing;
                    notices.add(stream);
                }
            }
            syncing.clear();
        }
        if (journal.syncsStarted() != syncsStarted) {
            syncsStarted = journal.syncsStarted();
            List<Stream> started = unsynced;
            unsynced = syncing;
            syncing = started;
            for (int i = 0; i < syncing.size(); i++) {
                Stream stream = syncing.get(i);
                stream.unsynced = false;
                stream.syncing = stream.highest;
            }
        }
    }

    /// The last record known to be on the device. Any thread.
    long syncedOrdinal() {
        return syncedOrdinal;
    }

    /// Rebuilds what is known of a stream from a record of an earlier start.
    static void replay(Stream stream, RecordType type, long sequence) {
        if (sequence != 0
                && (type == RecordType.FRAME
                        || type == RecordType.INVENTORY
                        || type == RecordType.OUTCOME)) {
            stream.commit(sequence);
            stream.publishedJournaled = stream.highest;
            stream.publishedSynced = stream.highest;
        }
    }
}
