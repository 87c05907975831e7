package io.novacron.daemon.tick;

import static org.assertj.core.api.Assertions.assertThat;

import io.novacron.daemon.budget.Governor;
import io.novacron.daemon.config.PolicyConfig;
import io.novacron.daemon.decision.FleetFacts;
import io.novacron.daemon.decision.Proposal;
import io.novacron.daemon.view.HostRow;
import io.novacron.inference.ForecastConfig;
import io.novacron.inference.ForecastService;
import io.novacron.inference.ModelKind;
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
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// One host with vms in a real fleet store, a tick, and what the analysis makes of it.
class TickPipelineTest {
    private static final UUID HOST = new UUID(1, 1);
    private static final long GIB = 1L << 30;
    private static final long START_MS = 1_700_000_100_000L; // a whole five minutes
    private static final int MINUTES = 10;

    private final Fleet fleet =
            new Fleet(FleetConfig.DEFAULT, MetricCatalogue.INSTANCE, new IngestStatistics());
    private final Collected collected = new Collected();
    private HostRow.State presence = HostRow.State.ONLINE;
    private final TickPipeline pipeline =
            new TickPipeline(
                    fleet.store(),
                    new AgentPresence() {
                        @Override
                        public HostRow.State state(UUID host) {
                            return presence;
                        }

                        @Override
                        public boolean hasLibvirt(UUID host) {
                            return true;
                        }
                    },
                    Analysis.of(
                            new ForecastService(ForecastConfig.DEFAULT, ModelSlot.none(), () -> 0),
                            PolicyConfig.DEFAULT,
                            Governor.unlimited()),
                    Governor.unlimited(),
                    Duration.ofSeconds(60),
                    collected);

    @AfterEach
    void close() {
        pipeline.close();
        fleet.close();
    }

    @Test
    void aPeggedVmIsAdvisedMoreVcpusInWordsThatNameIt() throws Exception {
        inventory(vm(1, "web-01", Map.of()), vm(2, "idle-01", Map.of()));
        Advised advised = tickAfter(100, 5);

        Proposal proposal = advised.proposals().getFirst();
        assertThat(proposal.type()).isEqualTo(ActionType.SET_VCPUS);
        assertThat(proposal.vmName()).isEqualTo("web-01");
        assertThat(proposal.fromVcpus()).isEqualTo(1);
        assertThat(proposal.toVcpus()).isEqualTo(2);
        assertThat(proposal.hostId()).isEqualTo(HOST);
        assertThat(proposal.reasons()).isNotEmpty().allMatch(r -> r.text().contains("web-01"));
        assertThat(proposal.forecasts()).containsOnlyKeys("cpu.usage", "memory.usage");
        assertThat(proposal.inputsHash()).hasSize(64);
    }

    @Test
    void theSameInputsGiveTheSameProposals() throws Exception {
        inventory(vm(1, "web-01", Map.of()), vm(2, "web-02", Map.of()));
        Advised first = tickAfter(100, 97);
        fleet.onTick(2, START_MS + MINUTES * 60_000 + 1);
        pipeline.wake();
        Advised second = collected.next();
        assertThat(second.proposals())
                .extracting(Proposal::summary, Proposal::inputsHash)
                .isEqualTo(
                        first.proposals().stream()
                                .map(p ->
                                        org.assertj.core.groups.Tuple.tuple(
                                                p.summary(), p.inputsHash()))
                                .toList());
    }

    @Test
    void nothingIsDecidedOnAHostThatIsNotHeard() throws Exception {
        presence = HostRow.State.STALE;
        inventory(vm(1, "web-01", Map.of()));
        Advised advised = tickAfter(100);
        assertThat(advised.proposals()).isEmpty();
        assertThat(advised.facts().isOnline(HOST)).isFalse();
        assertThat(pipeline.view().vms()).as("it is still shown").hasSize(1);
    }

    @Test
    void ticksThatComeWhileItWorksAreSkippedAndCounted() throws Exception {
        inventory(vm(1, "web-01", Map.of()));
        collected.busy = new CountDownLatch(1);
        samples(START_MS + 60_000, 40);
        fleet.onTick(1, START_MS + 60_000);
        pipeline.start();
        pipeline.wake();
        assertThat(collected.atWork.await(2, TimeUnit.MINUTES)).isTrue();
        for (int tick = 2; tick <= 4; tick++) {
            fleet.onTick(tick, START_MS + tick * 60_000L);
            pipeline.wake();
        }
        collected.busy.countDown();
        collected.next();
        collected.next();
        assertThat(pipeline.view().tick()).as("the newest").isEqualTo(4);
        assertThat(pipeline.ticksAnalysed()).isEqualTo(2);
        assertThat(pipeline.ticksSkipped()).isEqualTo(2);
    }

    @Test
    void contradictingLabelsAreLeftOutAndSaid() throws Exception {
        var both = Map.of("affinity", "a", "anti-affinity", "b");
        inventory(vm(1, "web-01", both), vm(2, "web-02", both));
        Advised advised = tickAfter(100, 5);
        assertThat(pipeline.labelProblem()).contains("affinity");
        assertThat(advised.proposals()).as("the rest goes on").isNotEmpty();
    }

    @Test
    void theViewShowsLoadForecastAndNames() throws Exception {
        inventory(vm(1, "web-01", Map.of()), vm(2, "web-02", Map.of()));
        tickAfter(40, 50);
        PublishedView view = pipeline.view();
        assertThat(view.hosts()).singleElement().satisfies(h -> assertThat(h.vms()).isEqualTo(2));
        assertThat(view.vms()).extracting(vm -> vm.cpuUsagePercent()).containsExactly(40f, 50f);
        UUID vm = new UUID(2, 2);
        assertThat(view.byUniqueName("web-02")).isEqualTo(vm);
        int column = view.forecasts().column(Metrics.CPU_USAGE);
        assertThat(view.forecasts().model(column, view.slotOf(vm))).isNotEqualTo(ModelKind.NONE);
        assertThat(view.forecasts().quantile(column, view.slotOf(vm), 0, 4)).isBetween(45f, 55f);
    }

    private Advised tickAfter(float... cpuPercents) throws InterruptedException {
        for (int minute = 1; minute <= MINUTES; minute++) {
            samples(START_MS + minute * 60_000L, cpuPercents);
        }
        fleet.onTick(1, START_MS + MINUTES * 60_000);
        pipeline.start();
        pipeline.wake();
        return collected.next();
    }

    private void inventory(EntityDescription... vms) {
        List<EntityDescription> entities = new ArrayList<>();
        entities.add(
                new EntityDescription(
                        0,
                        EntityKind.HOST,
                        EntityState.RUNNING,
                        HOST,
                        16,
                        16,
                        64 * GIB,
                        64 * GIB,
                        0,
                        Map.of(),
                        "alpha"));
        entities.addAll(List.of(vms));
        fleet.onSession(0, 1, START_MS);
        fleet.onInventory(0, new Inventory(0, 1, START_MS, entities), START_MS);
    }

    private static EntityDescription vm(int id, String name, Map<String, String> labels) {
        return new EntityDescription(
                id,
                EntityKind.VM,
                EntityState.RUNNING,
                new UUID(2, id),
                1,
                4,
                2 * GIB,
                8 * GIB,
                0,
                labels,
                name);
    }

    private void samples(long timeMs, float... cpuPercents) {
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

    private record Advised(List<Proposal> proposals, FleetFacts facts) {}

    private static final class Collected implements TickPipeline.Listener {
        private final BlockingQueue<Advised> advised = new LinkedBlockingQueue<>();

        private final CountDownLatch atWork = new CountDownLatch(1);
        private volatile CountDownLatch busy = new CountDownLatch(0);

        @Override
        public void onView(PublishedView view) {
            atWork.countDown();
            try {
                busy.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public boolean onAdvice(TickPipeline.AnalysedTick tick) {
            advised.add(
                    new Advised(
                            tick.proposals(),
                            new TickFacts(tick.view(), tick.plan(), tick.groups(), null)));
            return true;
        }

        Advised next() throws InterruptedException {
            Advised next = advised.poll(2, TimeUnit.MINUTES);
            if (next == null) {
                throw new AssertionError("no tick was analysed in 30 s");
            }
            return next;
        }
    }
}
