package io.novacron.ingest;

import io.novacron.ingest.checkpoint.CheckpointFiles;
import io.novacron.ingest.checkpoint.CheckpointReader;
import io.novacron.ingest.checkpoint.Section;
import io.novacron.ingest.fleet.Fleet;
import io.novacron.ingest.fleet.FleetConfig;
import io.novacron.ingest.journal.JournalCursor;
import io.novacron.ingest.statistics.Counter;
import io.novacron.ingest.statistics.IngestStatistics;
import io.novacron.wire.catalogue.MetricCatalogue;
import java.io.IOException;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What the records of the journal are applied to at a start: the state of the newest checkpoint
/// that can be used, else of an older one, else nothing yet.
final class StartingPoint {
    private static final Logger LOGGER = LoggerFactory.getLogger(StartingPoint.class);

    final Fleet fleet;
    final AgentTable agents;
    final RecordApplier applier;

    private long ordinal;
    private long bytes;

    private StartingPoint(
            FleetConfig config, IngestListener listener, IngestStatistics statistics) {
        fleet = new Fleet(config, MetricCatalogue.INSTANCE, statistics);
        agents = new AgentTable(config.maxAgents());
        applier = new RecordApplier(fleet, agents, listener, statistics);
    }

    /// Before the first record.
    static StartingPoint empty(
            FleetConfig config, IngestListener listener, IngestStatistics statistics) {
        return new StartingPoint(config, listener, statistics);
    }

    /// After the last checkpoint. Each one that cannot be used is counted, and logged with why.
    static StartingPoint newest(
            CheckpointFiles files,
            FleetConfig config,
            IngestListener listener,
            IngestStatistics statistics)
            throws IOException {
        List<CheckpointFiles.Entry> entries = files.newestFirst();
        for (CheckpointFiles.Entry entry : entries) {
            var point = new StartingPoint(config, listener, statistics);
            try (CheckpointReader in = CheckpointReader.open(entry.path())) {
                point.read(in, config, listener);
                LOGGER.info("state is that of checkpoint {}", entry.path());
                return point;
            } catch (IOException | RuntimeException e) {
                point.fleet.close();
                statistics.increment(Counter.CHECKPOINTS_IGNORED);
                LOGGER.warn(
                        "checkpoint {} is ignored, the next older one is tried: {}",
                        entry.path(),
                        e instanceof IOException ? e.getMessage() : e.toString());
            }
        }
        LOGGER.info(
                entries.isEmpty()
                        ? "there is no checkpoint: the whole journal is replayed"
                        : "no checkpoint can be used: the whole journal is replayed");
        return empty(config, listener, statistics);
    }

    private void read(CheckpointReader in, FleetConfig config, IngestListener listener)
            throws IOException {
        var header = CheckpointHeader.read(in);
        fleet.restore(in);
        long lastSessionId = AgentsSnapshot.read(in, agents, config.maxAgents());
        in.begin(Section.LISTENER);
        byte[] section = in.getBytes();
        in.finish();
        listener.restore(section); // last: nothing after it can fail
        applier.restore(header.ordinal(), lastSessionId);
        ordinal = header.ordinal();
        bytes = in.bytesRead();
    }

    /// The last record whose effect is there already; 0 without a checkpoint.
    long ordinal() {
        return ordinal;
    }

    /// The first record to be applied.
    long firstOfTail() {
        return ordinal == 0 ? JournalCursor.FIRST_KEPT : ordinal + 1;
    }

    /// Length of the checkpoint, 0 without one.
    long bytes() {
        return bytes;
    }
}
