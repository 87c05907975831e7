package io.novacron.ingest;

import io.novacron.ingest.journal.RecordType;
import io.novacron.wire.message.Outcome;
import java.util.UUID;
import org.agrona.DirectBuffer;

/// What the daemon hears of the journal: on the fleet thread, in journal order, the same live and
/// in replay. It must return soon and not block; what it throws is counted and logged.
public interface IngestListener {
    /// A tick is closed: `store().pin()` gives the view of it.
    void onTick(long tick, long timeMs, boolean replaying);

    /// A record that the daemon itself appended. The buffer is valid only during the call.
    ///
    /// @param journalIndex the record's ordinal in the journal, from 1 without gaps
    void onRecord(
            RecordType type,
            long journalIndex,
            long timeMs,
            DirectBuffer buffer,
            int offset,
            int length,
            boolean replaying);

    /// An agent has said what became of an action.
    void onOutcome(UUID agentId, Outcome outcome, long timeMs, boolean replaying);
}
