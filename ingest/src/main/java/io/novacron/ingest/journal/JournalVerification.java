package io.novacron.ingest.journal;

import io.novacron.ingest.journal.JournalTally.Promise;
import io.novacron.ingest.journal.JournalTally.SpoolKey;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/// What a journal holds against what agents were promised.
///
/// @param firstOrdinal where the journal begins: 1, or later when older files were retired
/// @param records read, those from `firstOrdinal` on
/// @param framesAcknowledged frames that agents were told are journaled
/// @param framesJournaled frames in the journal, each counted once
/// @param missing frames acknowledged that are not in the journal
/// @param duplicated frames that are in it more than once
/// @param recordsDamaged synced records with a bad CRC
/// @param recordsLost records that the sync mark promises and that are not there
/// @param tailsCut torn tails, which were never synced
public record JournalVerification(
        long firstOrdinal,
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

    /// Reads a whole journal, which may be in use by a running daemon. What has been retired counts
    /// as it was when it was last read, before its files were deleted.
    public static JournalVerification of(Path directory) throws IOException {
        while (true) {
            // The promises first: what is journaled meanwhile must not look like a broken promise.
            try (WatermarkFile watermarks = WatermarkFile.openReadOnly(directory)) {
                List<Promise> promises = promises(watermarks);
                Retired retired = Retired.read(directory);
                JournalTally tally = retired.tally();
                try (JournalCursor cursor = JournalCursor.open(directory)) {
                    while (cursor.read(tally, BATCH) > 0) {
                        // reads to the end
                    }
                    if (Retired.read(directory).firstOrdinal() != retired.firstOrdinal()) {
                        continue; // files went away under the cursor: once more
                    }
                    promises.forEach(tally::promise);
                    return result(retired.firstOrdinal(), cursor, tally);
                }
            }
        }
    }

    private static List<Promise> promises(WatermarkFile watermarks) {
        var promises = new ArrayList<Promise>();
        for (int index = 0; index < watermarks.rows(); index++) {
            for (int stream = 0; stream < WatermarkFile.STREAMS; stream++) {
                long frames = watermarks.frames(index, stream);
                if (frames > 0) {
                    promises.add(
                            new Promise(
                                    new SpoolKey(index, stream, watermarks.epoch(index, stream)),
                                    watermarks.sequence(index, stream),
                                    frames));
                }
            }
        }
        return promises;
    }

    private static JournalVerification result(
            long firstOrdinal, JournalCursor cursor, JournalTally tally) {
        List<SpoolRow> rows = tally.rows();
        return new JournalVerification(
                firstOrdinal,
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
}
