package io.novacron.perf.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.novacron.ingest.Ingest;
import io.novacron.ingest.IngestConfig;
import io.novacron.ingest.IngestListener;
import io.novacron.ingest.fleet.FleetConfig;
import io.novacron.ingest.journal.JournalConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The audit sees what it is there to see.
class AuditTest {
    private static final int AGENTS = 3;
    private static final int FRAMES = 50;

    @TempDir private Path journal;
    private List<SpoolingAgent.Promise> promises = List.of();

    @BeforeEach
    void takeFrames() throws Exception {
        var fleet = new FleetConfig(AGENTS, 100, 100, Duration.ofMinutes(10), Duration.ofDays(7));
        var config =
                IngestConfig.defaults(
                        JournalConfig.in(journal)
                                .withReservedBytes(0)
                                .withSyncInterval(Duration.ofMillis(1)),
                        fleet);
        var random = new SplittableRandom(1);
        try (var ingest = Ingest.open(config, InstantSource.system(), IngestListener.DEAF, null);
                var swarm = new Swarm(1, AGENTS, FRAMES, new FrameMaker(2), random)) {
            ingest.start();
            swarm.port(ingest.port());
            swarm.produceEach(FRAMES);
            swarm.drain(Duration.ofSeconds(20));
            promises = swarm.promises();
        }
    }

    @Test
    void findsNothingWhereAllIsWell() throws Exception {
        Audit audit = Audit.of(journal, AGENTS, promises, null);

        assertThat(audit.acknowledged()).isEqualTo(AGENTS * FRAMES);
        assertThat(audit.journaled()).isEqualTo(AGENTS * FRAMES);
        assertThat(audit.lost()).isZero();
        assertThat(audit.duplicated()).isZero();
        assertThat(audit.problems()).isEmpty();
    }

    @Test
    void countsPromisedFramesThatAreNotThere() throws Exception {
        var more = new ArrayList<>(promises);
        SpoolingAgent.Promise kept = more.removeFirst();
        more.add(new SpoolingAgent.Promise(kept.agentId(), kept.epoch(), FRAMES + 5));
        more.add(new SpoolingAgent.Promise(kept.agentId(), kept.epoch() + 1, 2));

        Audit audit = Audit.of(journal, AGENTS, more, null);

        assertThat(audit.lost()).as("five of one spool, two of another").isEqualTo(7);
    }

    @Test
    void seesAFleetStoreThatIsNotTheServers() throws Exception {
        Audit audit = Audit.of(journal, AGENTS, promises, 42L);

        assertThat(audit.problems()).isNotEmpty();
    }
}
