package io.novacron.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.novacron.ingest.checkpoint.CheckpointConfig;
import io.novacron.ingest.checkpoint.CheckpointFiles;
import io.novacron.ingest.fleet.Fleet;
import io.novacron.ingest.fleet.FleetConfig;
import io.novacron.ingest.statistics.Counter;
import io.novacron.ingest.statistics.IngestStatistics;
import io.novacron.wire.catalogue.MetricCatalogue;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// When a checkpoint is begun, and when it counts.
@Timeout(300)
class CheckpointerTest {
    private static final Duration INTERVAL = Duration.ofMinutes(10);

    @TempDir Path directory;
    private final IngestStatistics statistics = new IngestStatistics();
    private final Fleet fleet =
            new Fleet(FleetConfig.DEFAULT, MetricCatalogue.INSTANCE, statistics);
    private final AgentTable agents = new AgentTable(4);
    private final RecordApplier applier =
            new RecordApplier(fleet, agents, IngestListener.DEAF, statistics);
    private final BlockingQueue<Long> retained = new LinkedBlockingQueue<>();
    private volatile long nowNs = Long.MAX_VALUE - 5; // nanoTime may wrap
    private volatile long usableBytes = Long.MAX_VALUE;
    private int timesAsked;

    @AfterEach
    void close() {
        fleet.close();
    }

    @Test
    void aCheckpointIsInPlaceOnlyWhenTheJournalIsOnTheDevice() throws Exception {
        try (var checkpointer = checkpointer(7)) {
            checkpointer.request();
            checkpointer.onTick(7);
            assertThat(retained.poll(2, TimeUnit.MINUTES)).as("kept from").isEqualTo(8);
            assertThat(timesAsked).as("asked until it was").isEqualTo(4);
            assertThat(files().newestFirst()).hasSize(1);
        }
        assertThat(statistics.get(Counter.CHECKPOINTS_WRITTEN)).isEqualTo(1);
    }

    @Test
    void oneIsBegunAtTheFirstTickAfterTheInterval() throws Exception {
        try (var checkpointer = checkpointer(0)) {
            nowNs += INTERVAL.toNanos() - 1;
            checkpointer.onTick(1);
            nowNs += 1;
            checkpointer.onTick(2);
            assertThat(retained.poll(2, TimeUnit.MINUTES)).isEqualTo(3);
        }
        assertThat(files().newestFirst())
                .extracting(CheckpointFiles.Entry::ordinal)
                .containsExactly(2L);
    }

    @Test
    void roomThatTheJournalNeedsIsNotTaken() throws Exception {
        usableBytes = 999;
        try (var checkpointer = checkpointer(0)) {
            checkpointer.request();
            checkpointer.onTick(1);
            while (statistics.get(Counter.CHECKPOINTS_FAILED) == 0) {
                Thread.onSpinWait();
            }
        }
        assertThat(files().newestFirst()).isEmpty();
        assertThat(retained).isEmpty();
    }

    private CheckpointFiles files() {
        return CheckpointFiles.of(directory);
    }

    private Checkpointer checkpointer(long synced) {
        var checkpointer =
                new Checkpointer(
                        new CheckpointConfig(INTERVAL, 2),
                        files(),
                        new Checkpointer.Sources(
                                fleet, agents, applier, IngestListener.DEAF, statistics),
                        () -> usableBytes,
                        1_000,
                        0,
                        () -> synced == 0 ? Long.MAX_VALUE : syncedAtLast(synced),
                        retained::add,
                        () -> nowNs);
        checkpointer.start();
        return checkpointer;
    }

    /// Behind for the first three times, while nothing may be in place.
    private long syncedAtLast(long ordinal) {
        try {
            assertThat(files().newestFirst()).isEmpty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return ++timesAsked > 3 ? ordinal : ordinal - 1;
    }
}
