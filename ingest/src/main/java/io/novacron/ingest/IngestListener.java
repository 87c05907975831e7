package io.novacron.ingest;

import io.novacron.ingest.journal.RecordType;
import io.novacron.wire.message.Outcome;
import java.io.IOException;
import java.util.UUID;
import org.agrona.DirectBuffer;

/// What the daemon hears of the journal: on the fleet thread (but [#onSynced]), in journal order,
/// the same live and in replay. It must return soon and not block; what it throws is counted and
/// logged.
public interface IngestListener {
    /// Hears nothing: for ingest without the rest of a daemon.
    IngestListener DEAF = new IngestListener() {};

    /// A tick is closed: `store().pin()` gives the view of it.
    default void onTick(long tick, long timeMs, boolean replaying) {}

    /// A record that the daemon itself appended. The buffer is valid only during the call.
    ///
    /// @param journalIndex the record's ordinal in the journal, from 1 without gaps
    default void onRecord(
            RecordType type,
            long journalIndex,
            long timeMs,
            DirectBuffer buffer,
            int offset,
            int length,
            boolean replaying) {}

    /// An agent has said what became of an action.
    ///
    /// @param journalIndex the ordinal of the record in the journal
    default void onOutcome(
            UUID agentId, Outcome outcome, long journalIndex, long timeMs, boolean replaying) {}

    /// All records up to this one are on the device. Called on the thread that syncs, in growing
    /// order, for live records only; it must return at once.
    ///
    /// @param journalIndex the ordinal of the last of them
    default void onSynced(long journalIndex) {}

    /// What must be kept so that [#restore] and the records after this moment lead to where all
    /// records lead. Called between two records; what is told of later records is not to be in it.
    default CheckpointSection checkpoint() {
        return CheckpointSection.NONE;
    }

    /// A start begins from a checkpoint: the first call, before any record. When it throws, the
    /// listener is as it was before, and is given an older checkpoint, or every record there is.
    ///
    /// @param section what [#checkpoint] gave; empty when it gave nothing
    /// @throws IOException when the section cannot be used; the message says why
    default void restore(byte[] section) throws IOException {}
}
