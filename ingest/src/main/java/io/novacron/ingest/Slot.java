package io.novacron.ingest;

import io.novacron.ingest.journal.RecordType;
import org.jspecify.annotations.Nullable;

/// One place of the ring: where a record lies in the arena and what it is. Filled by the event
/// loop, then by the journal thread, then read by the fleet thread; the ring hands it over.
final class Slot {
    RecordType type = RecordType.NOTE;
    int offset;
    int payloadLength;
    long endPosition;
    long timeMs;
    long sequence;
    long sessionId;
    @Nullable Stream stream;
    boolean syncSoon;

    // Set by the journal thread.
    long ordinal;
    boolean dropped;
}
