package io.novacron.ingest;

import io.novacron.ingest.journal.Journal;
import io.novacron.ingest.journal.RecordHandler;
import io.novacron.ingest.journal.RecordType;
import io.novacron.ingest.journal.SessionRecord;
import io.novacron.ingest.statistics.Counter;
import io.novacron.ingest.statistics.IngestStatistics;
import org.agrona.DirectBuffer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Rebuilds everything from the journal at start: agents, sequences, fleet store, and through the
/// listener whatever the daemon keeps.
final class Replay implements RecordHandler {
    private static final Logger LOGGER = LoggerFactory.getLogger(Replay.class);

    private final RecordApplier applier;
    private final AgentTable agents;
    private final IngestStatistics statistics;
    private final long after;
    private long tailRecords;

    /// @param after the last record of the checkpoint that it begins from; 0 without one
    Replay(RecordApplier applier, AgentTable agents, IngestStatistics statistics, long after) {
        this.applier = applier;
        this.after = after;
        this.agents = agents;
        this.statistics = statistics;
    }

    @Override
    public void onRecord(
            int typeCode,
            int source,
            long ordinal,
            long timeMs,
            long sequence,
            DirectBuffer buffer,
            int offset,
            int length) {
        if (ordinal <= after) {
            return; // its effect is in the checkpoint
        }
        tailRecords++;
        RecordType type = RecordType.ofCode(typeCode);
        if (type == null) {
            statistics.increment(Counter.RECORDS_UNKNOWN);
            return;
        }
        applier.apply(type, source, ordinal, timeMs, sequence, buffer, offset, length, true);
        AgentEntry agent = agents.find(source);
        if (agent == null) {
            return;
        }
        if (type == RecordType.SESSION) {
            long sessionId = SessionRecord.sessionId(buffer, offset);
            if (SessionRecord.event(buffer, offset) == SessionRecord.BEGIN) {
                agent.sessionId = sessionId;
                agent.stream(SessionRecord.kind(buffer, offset)).begin(sequence);
            }
        } else {
            Stream stream = type == RecordType.OUTCOME ? agent.control : agent.data;
            JournalStage.replay(stream, type, sequence);
        }
    }

    /// The journal has been read to its end.
    void finish(Journal.Recovery recovery) {
        statistics.add(Counter.RECORDS_REPLAYED, tailRecords);
        statistics.add(Counter.RECORDS_DAMAGED, recovery.recordsDamaged());
        statistics.add(Counter.RECORDS_LOST, recovery.recordsLost());
        statistics.add(Counter.JOURNAL_TAILS_CUT, recovery.tailsCut());
        LOGGER.info("journal replayed, {} records applied: {}", tailRecords, recovery);
    }

    /// Records applied.
    long tailRecords() {
        return tailRecords;
    }
}
