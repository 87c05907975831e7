package io.novacron.ingest.journal;

import org.agrona.DirectBuffer;

/// Takes records in journal order. The buffer is valid only during the call.
@FunctionalInterface
public interface RecordHandler {
    /// @param typeCode see [RecordType#ofCode]; unknown codes are passed on
    void onRecord(
            int typeCode,
            int source,
            long ordinal,
            long timeMs,
            long sequence,
            DirectBuffer buffer,
            int offset,
            int length);
}
