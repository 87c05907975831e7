package io.novacron.ingest.journal;

import io.novacron.wire.message.Hello;
import io.novacron.wire.message.Messages;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.agrona.DirectBuffer;

/// What a journal holds against what agents were promised.
///
/// @param framesAcknowledged frames that agents were told are journaled
/// @param framesJournaled frames in the journal, each counted once
/// @param missing frames acknowledged that are not in the journal
/// @param duplicated frames that are in it more than once
/// @param recordsDamaged synced records with a bad CRC
/// @param recordsLost records that the sync mark promises and that are not there
/// @param tailsCut torn tails, which were never synced
public record JournalVerification(
        long records,
        long framesAcknowledged,
        long framesJournaled,
        long missing,
        long duplicated,
        long recordsDamaged,
        long recordsLost,
        long tailsCut,
        List<SpoolRow> spools) {

    /// One stream of one spool of one agent.
    ///
    /// @param skipped sequences below the highest that never came: the agent's spool dropped them
    public record SpoolRow(
            UUID agentId,
            boolean control,
            long spoolEpoch,
            long acknowledgedSequence,
            long framesAcknowledged,
            long highestSequence,
            long framesJournaled,
            long missing,
            long duplicated,
            long skipped) {}

    private static final int BATCH = 4096;

    public JournalVerification {
        spools = List.copyOf(spools);
    }

    /// Whether every promise is kept.
    public boolean ok() {
        return missing == 0 && duplicated == 0 && recordsDamaged == 0 && recordsLost == 0;
    }

    /// Reads a whole journal, which may be in use by a running daemon.
    public static JournalVerification of(Path directory) throws IOException {
        // The promises first: what is journaled meanwhile must not look like a broken promise.
        try (WatermarkFile watermarks = WatermarkFile.openReadOnly(directory)) {
            var tally = new Tally();
            Map<SpoolKey, long[]> promises = promises(watermarks);
            try (JournalCursor cursor = JournalCursor.open(directory)) {
                while (cursor.read(tally, BATCH) > 0) {
                    // reads to the end
                }
                promises.forEach(tally::promise);
                return tally.result(cursor);
            }
        }
    }

    private static Map<SpoolKey, long[]> promises(WatermarkFile watermarks) {
        var promises = new LinkedHashMap<SpoolKey, long[]>();
        for (int index = 0; index < watermarks.rows(); index++) {
            for (int stream = 0; stream < WatermarkFile.STREAMS; stream++) {
                long frames = watermarks.frames(index, stream);
                if (frames > 0) {
                    promises.put(
                            new SpoolKey(index, stream, watermarks.epoch(index, stream)),
                            new long[] {watermarks.sequence(index, stream), frames});
                }
            }
        }
        return promises;
    }

    private record SpoolKey(int source, int stream, long epoch) {}

    private static final class Spool {
        final Sequences journaled = new Sequences();
        long duplicated;
        long acknowledgedSequence;
        long framesAcknowledged;
    }

    private static final class Tally implements RecordHandler {
        private final Messages messages = new Messages();
        private final Map<Integer, UUID> agents = new HashMap<>();
        private final Map<Integer, long[]> epochs = new HashMap<>();
        private final Map<SpoolKey, Spool> spools = new LinkedHashMap<>();

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
            RecordType type = RecordType.ofCode(typeCode);
            if (type == RecordType.SESSION) {
                onSession(source, buffer, offset, length);
            } else if (type == RecordType.ACKNOWLEDGED) {
                var key =
                        new SpoolKey(
                                source,
                                AcknowledgedRecord.stream(buffer, offset),
                                AcknowledgedRecord.epoch(buffer, offset));
                long frames = AcknowledgedRecord.frames(buffer, offset);
                promise(key, new long[] {sequence, frames});
            } else if (type == RecordType.OUTCOME) {
                onFrame(source, WatermarkFile.CONTROL, sequence);
            } else if (type == RecordType.FRAME || type == RecordType.INVENTORY) {
                onFrame(source, WatermarkFile.DATA, sequence);
            }
        }

        private void onSession(int source, DirectBuffer buffer, int offset, int length) {
            if (SessionRecord.event(buffer, offset) == SessionRecord.BEGIN) {
                int header = SessionRecord.HEADER_LENGTH;
                Hello hello = (Hello) messages.decode(buffer, offset + header, length - header);
                agents.put(source, hello.agentId());
                epochs.computeIfAbsent(source, _ -> new long[WatermarkFile.STREAMS])[
                                SessionRecord.kind(buffer, offset)] =
                        hello.spoolEpoch();
            }
        }

        private void onFrame(int source, int stream, long sequence) {
            long[] of = epochs.get(source);
            if (sequence != 0 && of != null) {
                Spool spool = spool(new SpoolKey(source, stream, of[stream]));
                spool.duplicated += spool.journaled.add(sequence) ? 0 : 1;
            }
        }

        private Spool spool(SpoolKey key) {
            return spools.computeIfAbsent(key, _ -> new Spool());
        }

        void promise(SpoolKey key, long[] sequenceAndFrames) {
            Spool spool = spool(key);
            spool.acknowledgedSequence = sequenceAndFrames[0];
            spool.framesAcknowledged = sequenceAndFrames[1];
        }

        JournalVerification result(JournalCursor cursor) {
            var rows = new ArrayList<SpoolRow>();
            spools.forEach((key, spool) -> rows.add(row(key, spool)));
            return new JournalVerification(
                    cursor.recordsRead(),
                    rows.stream().mapToLong(SpoolRow::framesAcknowledged).sum(),
                    rows.stream().mapToLong(SpoolRow::framesJournaled).sum(),
                    rows.stream().mapToLong(SpoolRow::missing).sum(),
                    rows.stream().mapToLong(SpoolRow::duplicated).sum(),
                    cursor.recordsDamaged(),
                    cursor.recordsLost(),
                    cursor.tailsCut(),
                    rows);
        }

        private SpoolRow row(SpoolKey key, Spool spool) {
            long kept = spool.journaled.countUpTo(spool.acknowledgedSequence);
            long highest = spool.journaled.highest();
            return new SpoolRow(
                    Objects.requireNonNullElse(agents.get(key.source()), new UUID(0, 0)),
                    key.stream() == WatermarkFile.CONTROL,
                    key.epoch(),
                    spool.acknowledgedSequence,
                    spool.framesAcknowledged,
                    highest,
                    spool.journaled.count(),
                    Math.max(0, spool.framesAcknowledged - kept),
                    spool.duplicated,
                    Math.max(0, highest - spool.journaled.lowest() + 1 - spool.journaled.count()));
        }
    }
}
