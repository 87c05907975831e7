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

/// First stage after the ring: drops what was journaled before, gathers the rest into blocks, moves
/// the two watermarks. The journal thread owns it.
///
/// The order that keeps the promise: append the block, note the watermarks in the file that
/// survives a kill, publish them to the event loop, which acknowledges. The ring's sequence moves
/// at the end of a batch, and so does a block end there at the latest: the fleet stage sees nothing
/// that is not in the journal. When a frame cannot be appended its stream is broken: nothing of it
/// is journaled or acknowledged until the agent says hello again, so that a cumulative
/// acknowledgement never covers a frame that is not there. A block that fails takes its streams
/// back to where they were.
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
    private final List<Slot> inBlock = new ArrayList<>(Journal.MAX_BLOCK_RECORDS);
    private final List<Stream> touched = new ArrayList<>(); // by the block, or told again
    private List<Stream> unsynced = new ArrayList<>();
    private List<Stream> syncing = new ArrayList<>();
    private final int acknowledgeFrames;
    private long syncsStarted;
    private boolean syncSoon;
    private long bytesCounted;
    private long filesDeleted;
    private volatile long syncedOrdinal;

    /// @param acknowledgeFrames frames of a stream that make a notice; fewer wait for the sweep of
    ///   the event loop
    JournalStage(
            Journal journal,
            RecordRing ring,
            Notices notices,
            IngestStatistics statistics,
            int acknowledgeFrames) {
        this.journal = journal;
        this.ring = ring;
        this.notices = notices;
        this.statistics = statistics;
        this.acknowledgeFrames = acknowledgeFrames;
        this.view = ring.newView();
    }

    @Override
    public void onEvent(Slot slot, long sequence, boolean endOfBatch) {
        Stream stream = slot.stream;
        if (!journal.hasRoomFor(slot.payloadLength)) {
            flushBlock();
        }
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
        if (flushBlock() && appended) { // the answer says where the journal ends
            stream.begin(slot.sequence);
            journal.agent(stream.agent.index, stream.agent.agentId);
            publish(stream);
        } else {
            appended = false;
        }
        stream.refused = !appended;
        stream.answeredSession = appended ? slot.sessionId : -slot.sessionId;
        notices.add(stream);
    }

    /// What was acknowledged in a spool epoch that is over stays known for the verification.
    private void appendFinalWatermark(Stream stream, long timeMs) {
        if (!journal.hasRoomFor(AcknowledgedRecord.LENGTH)) {
            flushBlock();
        }
        AcknowledgedRecord.write(scratch, 0, stream.kind, stream.epoch, stream.frames);
        long ordinal =
                journal.append(
                        RecordType.ACKNOWLEDGED,
                        stream.agent.index,
                        timeMs,
                        stream.highest,
                        scratch,
                        scratchView,
                        0,
                        AcknowledgedRecord.LENGTH);
        if (ordinal > 0) {
            statistics.increment(Counter.RECORDS_APPENDED);
        }
        flushBlock(); // makes room for the session record, however long its hello is
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
            touch(stream);
        } else if (append(slot)) {
            if (verdict == Stream.Verdict.REORDERED) {
                statistics.increment(Counter.FRAMES_REORDERED);
            } else {
                statistics.add(Counter.FRAMES_MISSING, stream.gapBefore(slot.sequence));
            }
            touch(stream);
            stream.commit(slot.sequence);
            if (!stream.unsynced) {
                stream.unsynced = true;
                unsynced.add(stream);
            }
        } else {
            refuse(slot, stream);
        }
    }

    private void touch(Stream stream) {
        if (!stream.touched) {
            stream.touched = true;
            stream.mark();
            touched.add(stream);
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
        syncSoon |= slot.syncSoon;
        Stream stream = slot.stream;
        slot.ordinal =
                journal.append(
                        slot.type,
                        stream == null ? RecordLayout.NO_SOURCE : stream.agent.index,
                        slot.timeMs,
                        slot.sequence,
                        ring.buffer(),
                        view,
                        slot.offset + RecordLayout.HEADER_LENGTH,
                        slot.payloadLength);
        if (slot.ordinal < 0) {
            slot.dropped = true;
            statistics.increment(Counter.RECORDS_NOT_JOURNALED);
            return false;
        }
        inBlock.add(slot);
        return true;
    }

    /// Appends what is gathered, then lets the watermarks of its streams follow.
    private boolean flushBlock() {
        boolean flushed = journal.flush();
        if (flushed) {
            statistics.add(Counter.RECORDS_APPENDED, inBlock.size());
        } else {
            takeBack();
        }
        for (int i = 0; i < touched.size(); i++) {
            Stream stream = touched.get(i);
            stream.touched = false;
            if (flushed) {
                publish(stream);
            } else {
                stream.rollback();
            }
            if (!flushed || stream.frames - stream.noticedFrames >= acknowledgeFrames) {
                stream.noticedFrames = stream.frames;
                notices.add(stream);
            }
        }
        touched.clear();
        inBlock.clear();
        return flushed;
    }

    private void takeBack() {
        statistics.add(Counter.RECORDS_NOT_JOURNALED, inBlock.size());
        for (int i = 0; i < inBlock.size(); i++) {
            Slot slot = inBlock.get(i);
            slot.dropped = true;
            if (slot.stream != null) {
                refuse(slot, slot.stream);
            }
        }
    }

    private void finishBatch() {
        flushBlock();
        if (syncSoon) {
            syncSoon = false;
            journal.syncSoon();
        }
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
        statistics.add(Counter.JOURNAL_FILES_DELETED, journal.filesDeleted() - filesDeleted);
        filesDeleted = journal.filesDeleted();
        if (journal.poll()) {
            statistics.increment(Counter.JOURNAL_SYNCS);
            syncedOrdinal = journal.syncedOrdinal();
            for (int i = 0; i < syncing.size(); i++) {
                Stream stream = syncing.get(i);
                if (stream.syncing > stream.publishedSynced) {
                    stream.publishedSynced = stream.syncing;
                    if (acknowledgeFrames == 1) {
                        notices.add(stream);
                    }
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
