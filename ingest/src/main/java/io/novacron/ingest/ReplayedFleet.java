package io.novacron.ingest;

import io.novacron.ingest.checkpoint.CheckpointFiles;
import io.novacron.ingest.fleet.Fleet;
import io.novacron.ingest.fleet.FleetConfig;
import io.novacron.ingest.fleet.FleetStore;
import io.novacron.ingest.journal.JournalCursor;
import io.novacron.ingest.statistics.IngestStatistics;
import java.io.IOException;
import java.nio.file.Path;

/// A fleet store rebuilt from a journal that is only read: for `journal replay`, for what-ifs, and
/// to compare [io.novacron.ingest.fleet.FleetView#stateHash]. The same code as live; one thread
/// owns it.
public final class ReplayedFleet implements AutoCloseable {
    private static final int BATCH = 4096;

    private final IngestStatistics statistics = new IngestStatistics();
    private final Fleet fleet;
    private final long checkpointOrdinal;
    private final JournalCursor cursor;
    private final Replay replay;

    private ReplayedFleet(
            Path journal, FleetConfig config, IngestListener listener, boolean fromCheckpoint)
            throws IOException {
        StartingPoint start =
                fromCheckpoint
                        ? StartingPoint.newest(
                                CheckpointFiles.of(journal), config, listener, statistics)
                        : StartingPoint.empty(config, listener, statistics);
        fleet = start.fleet;
        checkpointOrdinal = start.ordinal();
        replay = new Replay(start.applier, start.agents, statistics, checkpointOrdinal);
        cursor = JournalCursor.open(journal, start.firstOfTail());
    }

    /// Ready to replay from the journal's first record.
    public static ReplayedFleet open(Path journal, FleetConfig config, IngestListener listener)
            throws IOException {
        return new ReplayedFleet(journal, config, listener, false);
    }

    /// Ready to replay what follows the newest checkpoint that can be used; all when there is none.
    public static ReplayedFleet openFromCheckpoint(
            Path journal, FleetConfig config, IngestListener listener) throws IOException {
        return new ReplayedFleet(journal, config, listener, true);
    }

    /// Replays some thousand records more.
    ///
    /// @return whether there were any
    public boolean advance() throws IOException {
        return cursor.read(replay, BATCH) > 0;
    }

    public FleetStore store() {
        return fleet.store();
    }

    public IngestStatistics statistics() {
        return statistics;
    }

    /// Records applied so far.
    public long recordsApplied() {
        return replay.tailRecords();
    }

    /// The last record whose effect the checkpoint held; 0 without one.
    public long checkpointOrdinal() {
        return checkpointOrdinal;
    }

    @Override
    public void close() {
        cursor.close();
        fleet.close();
    }
}
