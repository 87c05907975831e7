package io.novacron.ingest;

import io.novacron.ingest.fleet.Fleet;
import io.novacron.ingest.fleet.FleetConfig;
import io.novacron.ingest.fleet.FleetStore;
import io.novacron.ingest.journal.JournalCursor;
import io.novacron.ingest.statistics.IngestStatistics;
import io.novacron.wire.catalogue.MetricCatalogue;
import java.io.IOException;
import java.nio.file.Path;

/// A fleet store rebuilt from a journal that is only read: for `journal replay`, for what-ifs, and
/// to compare [io.novacron.ingest.fleet.FleetView#stateHash]. The same code as live; one thread
/// owns it.
public final class ReplayedFleet implements AutoCloseable {
    private static final int BATCH = 4096;

    private final IngestStatistics statistics = new IngestStatistics();
    private final Fleet fleet;
    private final JournalCursor cursor;
    private final Replay replay;

    private ReplayedFleet(Path journal, FleetConfig config, IngestListener listener)
            throws IOException {
        fleet = new Fleet(config, MetricCatalogue.INSTANCE, statistics);
        var agents = new AgentTable(config.maxAgents());
        replay =
                new Replay(
                        new RecordApplier(fleet, agents, listener, statistics), agents, statistics);
        cursor = JournalCursor.open(journal);
    }

    /// Ready to replay from the journal's first record.
    public static ReplayedFleet open(Path journal, FleetConfig config, IngestListener listener)
            throws IOException {
        return new ReplayedFleet(journal, config, listener);
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

    public long recordsRead() {
        return cursor.recordsRead();
    }

    @Override
    public void close() {
        cursor.close();
        fleet.close();
    }
}
