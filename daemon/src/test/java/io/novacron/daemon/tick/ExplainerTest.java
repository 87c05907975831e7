package io.novacron.daemon.tick;

import static org.assertj.core.api.Assertions.assertThat;

import io.novacron.daemon.budget.Governor;
import io.novacron.daemon.config.DaemonConfig;
import io.novacron.daemon.decision.Proposal;
import io.novacron.daemon.view.ExplanationRow.FlipRow;
import io.novacron.daemon.view.HostRow;
import io.novacron.inference.ForecastConfig;
import io.novacron.inference.ForecastService;
import io.novacron.inference.ModelSlot;
import io.novacron.ingest.fleet.Fleet;
import io.novacron.ingest.fleet.FleetConfig;
import io.novacron.ingest.statistics.IngestStatistics;
import io.novacron.wire.catalogue.MetricCatalogue;
import io.novacron.wire.catalogue.Metrics;
import io.novacron.wire.column.ColumnBatch;
import io.novacron.wire.column.MetricBatchWriter;
import io.novacron.wire.message.EntityDescription;
import io.novacron.wire.message.Inventory;
import io.novacron.wire.sbe.ActionType;
import io.novacron.wire.sbe.EntityKind;
import io.novacron.wire.sbe.EntityState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/// Explanations of what the analysis advises for a real fleet store, and whether what they say
/// would flip it does.
class ExplainerTest {
    private static final long GIB = 1L << 30;
    private static final long START_MS = 1_700_000_100_000L;
    private static final int MINUTES = 10;
    private static final int VMS = 4;

    @Test
    void aSizeIsExplainedByItsPeakItsAlternativesAndItsMargin() throws Exception {
        Proposal proposal = only(ActionType.SET_VCPUS, advise("", 16, 97, 5, 5, 5));

        var explanation = proposal.explanation();
        assertThat(explanation.factors())
                .filteredOn(factor -> factor.name().equals("observed"))
                .singleElement()
                .satisfies(factor -> {
                    assertThat(factor.value()).isGreaterThan(factor.limit());
                    assertThat(factor.unit()).isEqualTo("cores");
                });
        assertThat(explanation.factors()).extracting(f -> f.name()).contains("margin");
        assertThat(explanation.alternatives())
                .extracting(alternative -> alternative.what())
                .contains("as it is", "past p95: 6 vCPUs");
        assertThat(explanation.alternatives()).allMatch(one -> one.lostBy() >= 0);
        assertThat(explanation.flips()).extracting(FlipRow::input).contains("peak");
    }

    @Test
    void thePeakThatFlipsASizeIsTheEdgeOfTheBand() throws Exception {
        Proposal proposal = only(ActionType.SET_VCPUS, advise("", 16, 97, 5, 5, 5));
        FlipRow peak = flip(proposal, "peak");
        assertThat(peak.to()).isEqualTo(0.85 * proposal.fromVcpus());
        assertThat(peak.from())
                .isEqualTo(
                        proposal.explanation().factors().stream()
                                .filter(factor -> factor.unit().equals("cores"))
                                .mapToDouble(factor -> factor.value())
                                .max()
                                .orElseThrow());

        for (float percent = 40; percent < 97; percent += 5) {
            for (Proposal other : advise("", 16, percent, 5, 5, 5)) {
                if (other.type() == ActionType.SET_VCPUS && other.toVcpus() > 4) {
                    assertThat(flip(other, "peak").from())
                            .as("at %s %%", percent)
                            .isGreaterThan(3.4);
                }
            }
        }
    }

    @Test
    void aConfidenceAboveTheOneThatFlipsItIsNotReached() throws Exception {
        Proposal proposal = only(ActionType.SET_VCPUS, advise("", 16, 97, 5, 5, 5));
        assertThat(flip(proposal, "policy.confidence").to())
                .isEqualTo(Math.round(proposal.confidence() * 1_000) / 1_000.0);
    }

    @Test
    void aMoveIsExplainedByItsHostAndTheOtherHosts() throws Exception {
        Proposal move = only(ActionType.LIVE_MIGRATE, advise("", 16, 78, 78, 78, 78));

        assertThat(move.explanation().factors())
                .filteredOn(factor -> factor.name().equals("cpu-peak-of-host"))
                .singleElement()
                .satisfies(factor -> {
                    assertThat(factor.value()).isGreaterThan(factor.limit());
                    assertThat(factor.limit()).isEqualTo(85);
                    assertThat(factor.text()).contains("alpha");
                });
        assertThat(move.explanation().alternatives())
                .as("one host was chosen, the other lost")
                .singleElement()
                .satisfies(other -> {
                    assertThat(other.what()).isNotEqualTo(move.targetHostName());
                    assertThat(other.what()).isIn("beta", "gamma");
                });
        assertThat(move.explanation().flips())
                .extracting(FlipRow::input)
                .contains("policy.hot-host", "peak of host", "quantile level");
    }

    @Test
    void aHostIsNotRelievedWithTheThresholdThatFlipsItsMove() throws Exception {
        Proposal move = only(ActionType.LIVE_MIGRATE, advise("", 16, 78, 78, 78, 78));
        FlipRow threshold = flip(move, "policy.hot-host");

        String above = "policy: {hot-host: %.3f}".formatted(threshold.to() + 0.01);
        assertThat(advise(above, 16, 78, 78, 78, 78))
                .noneMatch(one -> one.type() == ActionType.LIVE_MIGRATE);
        String below = "policy: {hot-host: %.3f}".formatted(threshold.to() - 0.5);
        assertThat(advise(below, 16, 78, 78, 78, 78))
                .as("the smallest change: a little less does not do")
                .anyMatch(one -> one.type() == ActionType.LIVE_MIGRATE);
    }

    private static Proposal only(ActionType type, List<Proposal> proposals) {
        return proposals.stream()
                .filter(one ->
                        one.type() == type
                                && (type != ActionType.SET_VCPUS
                                        || one.toVcpus() > one.fromVcpus()))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + type + " in " + proposals));
    }

    private static FlipRow flip(Proposal proposal, String input) {
        return proposal.explanation().flips().stream()
                .filter(flip -> flip.input().equals(input))
                .findFirst()
                .orElseThrow(() -> new AssertionError(proposal.explanation().flips().toString()));
    }

    /// Four vms of four vCPUs on alpha, nothing on beta and gamma.
    private static List<Proposal> advise(String yaml, int cores, float... cpuPercents)
            throws InterruptedException {
        var advised = new LinkedBlockingQueue<List<Proposal>>();
        try (var fleet =
                        new Fleet(
                                FleetConfig.DEFAULT,
                                MetricCatalogue.INSTANCE,
                                new IngestStatistics());
                var pipeline = pipeline(fleet, yaml, advised)) {
            inventory(fleet, 0, "alpha", cores, VMS);
            inventory(fleet, 1, "beta", cores, 0);
            inventory(fleet, 2, "gamma", cores, 0);
            for (int minute = 1; minute <= MINUTES; minute++) {
                samples(fleet, START_MS + minute * 60_000L, cpuPercents);
            }
            fleet.onTick(1, START_MS + MINUTES * 60_000);
            pipeline.start();
            pipeline.wake();
            List<Proposal> proposals = advised.poll(2, TimeUnit.MINUTES);
            if (proposals == null) {
                throw new AssertionError("no tick was analysed in 30 s");
            }
            return proposals;
        }
    }

    private static TickPipeline pipeline(
            Fleet fleet, String yaml, BlockingQueue<List<Proposal>> advised) {
        return new TickPipeline(
                fleet.store(),
                new AgentPresence() {
                    @Override
                    public HostRow.State state(UUID host) {
                        return HostRow.State.ONLINE;
                    }

                    @Override
                    public boolean hasLibvirt(UUID host) {
                        return true;
                    }
                },
                Analysis.of(
                        new ForecastService(ForecastConfig.DEFAULT, ModelSlot.none(), () -> 0),
                        DaemonConfig.parse(yaml).policy(),
                        Governor.unlimited()),
                Governor.unlimited(),
                Duration.ofMinutes(1),
                new TickPipeline.Listener() {
                    @Override
                    public void onView(PublishedView view) {}

                    @Override
                    public boolean onAdvice(TickPipeline.AnalysedTick tick) {
                        advised.add(tick.proposals());
                        return true;
                    }
                });
    }

    private static void inventory(Fleet fleet, int agent, String name, int cores, int vms) {
        List<EntityDescription> entities = new ArrayList<>();
        entities.add(
                new EntityDescription(
                        0,
                        EntityKind.HOST,
                        EntityState.RUNNING,
                        new UUID(1, agent + 1),
                        cores,
                        cores,
                        64 * GIB,
                        64 * GIB,
                        0,
                        Map.of(),
                        name));
        for (int i = 1; i <= vms; i++) {
            entities.add(
                    new EntityDescription(
                            i,
                            EntityKind.VM,
                            EntityState.RUNNING,
                            new UUID(2, i),
                            4,
                            16,
                            2 * GIB,
                            8 * GIB,
                            0,
                            Map.of(),
                            "web-0" + i));
        }
        fleet.onSession(agent, 1, START_MS);
        fleet.onInventory(agent, new Inventory(0, 1, START_MS, entities), START_MS);
    }

    private static void samples(Fleet fleet, long timeMs, float... cpuPercents) {
        var batch = new ColumnBatch(cpuPercents.length, 2);
        int cpu = batch.addMetric(Metrics.CPU_USAGE);
        int memory = batch.addMetric(Metrics.MEMORY_USAGE);
        for (int i = 0; i < cpuPercents.length; i++) {
            int entity = batch.addEntity(i + 1);
            batch.set(cpu, entity, cpuPercents[i]);
            batch.set(memory, entity, 60);
        }
        var frame = new UnsafeBuffer(new byte[MetricBatchWriter.maxFrameLength(batch)]);
        int length = new MetricBatchWriter().encode(1, timeMs, 60_000, batch, frame, 0);
        fleet.onBatch(0, frame, 0, length, timeMs);
    }
}
