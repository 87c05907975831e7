package io.novacron.ingest.journal;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.function.Consumer;

/// Prints records for people, one line each.
public final class JournalDump {
    private static final int BATCH = 1024;

    private JournalDump() {}

    /// Gives the lines of the records from one ordinal on, at most `limit`, to a consumer.
    public static void print(Path directory, long fromOrdinal, long limit, Consumer<String> out)
            throws IOException {
        long end = limit > Long.MAX_VALUE - fromOrdinal ? Long.MAX_VALUE : fromOrdinal + limit;
        long kept = Retired.read(directory).firstOrdinal();
        try (JournalCursor cursor = JournalCursor.open(directory, Math.max(kept, fromOrdinal))) {
            RecordHandler printer =
                    (typeCode, source, ordinal, timeMs, sequence, _, _, length) -> {
                        if (ordinal >= fromOrdinal && ordinal < end) {
                            RecordType type = RecordType.ofCode(typeCode);
                            out.accept(
                                    "%d %s %s source=%d sequence=%d bytes=%d"
                                            .formatted(
                                                    ordinal,
                                                    Instant.ofEpochMilli(timeMs),
                                                    type == null ? "type-" + typeCode : type,
                                                    source,
                                                    sequence,
                                                    length));
                        }
                    };
            while (cursor.lastOrdinal() < end - 1 && cursor.read(printer, BATCH) > 0) {
                // reads on
            }
        }
    }
}
