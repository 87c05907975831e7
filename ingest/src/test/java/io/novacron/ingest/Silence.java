package io.novacron.ingest;

import io.novacron.ingest.journal.RecordType;
import io.novacron.wire.message.Outcome;
import java.util.UUID;
import org.agrona.DirectBuffer;

/// A listener that does nothing.
final class Silence implements IngestListener {
    @Override
    public void onTick(long tick, long timeMs, boolean replaying) {}

    @Override
    public void onRecord(
            RecordType type,
            long journalIndex,
            long timeMs,
            DirectBuffer buffer,
            int offset,
            int length,
            boolean replaying) {}

    @Override
    public void onOutcome(
            UUID agentId, Outcome outcome, long journalIndex, long timeMs, boolean replaying) {}
}
