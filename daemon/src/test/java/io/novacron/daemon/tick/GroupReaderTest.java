package io.novacron.daemon.tick;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.novacron.daemon.budget.Governor;
import io.novacron.daemon.config.DaemonConfig;
import io.novacron.daemon.decision.GroupFacts;
import io.novacron.daemon.decision.GroupFacts.Destination;
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
import io.novacron.wire.sbe.EntityKind;
import io.novacron.wire.sbe.EntityState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/// What the analysis of a real fleet store tells of groups.
class GroupReaderTest {
    private static final long GIB = 1L << 30;
    private static final long START_MS = 1_700_000_100_000L;
    private static final int MINUTES = 20;
    private static final String WEB =
            "scaling: {groups: [{name: web, selector: app=web, max: 9, executor: libvirt, template: web-template}]}";

    @Test
    void aGroupIsItsRunningMembersAndWhatTheyUseTogether() throws Exception {
        GroupFacts group = read(WEB, 60, true).getFirst();
        assertThat(group.members()).hasSize(4).allMatch(member -> member.hostName().equals("h-0"));
        assertThat(group.members())
                .filteredOn(GroupFacts.Member::isClone)
                .singleElement()
                .satisfies(member -> assertThat(member.name()).isEqualTo("web-3"));
        assertThat(group.memberVcpus()).as("of the template").isEqualTo(4);
        assertThat(group.observed()).isCloseTo(4 * 4 * 0.6, within(0.01));
        assertThat(group.recentPeak()).isCloseTo(4 * 4 * 0.6, within(0.01));
        assertThat(group.labels()).containsEntry("app", "web").doesNotContainKey("own");
    }

    @Test
    void theForecastIsOfTheWholeGroupAndBeginsAtWhatIsObserved() throws Exception {
        GroupFacts group = read(WEB, 60, true).getFirst();
        assertThat(group.pathSeconds()).containsExactly(0, 300, 900, 1_800, 3_600);
        assertThat(group.pathDemand()).hasSize(5 * 9);
        for (int point = 0; point < 5; point++) {
            for (int level = 1; level < 9; level++) {
                assertThat(group.pathDemand().get(point * 9 + level))
                        .isGreaterThanOrEqualTo(group.pathDemand().get(point * 9 + level - 1));
            }
        }
        assertThat(group.pathDemand().getFirst()).isCloseTo(9.6f, within(0.01f));
        assertThat(group.model()).isNotEqualTo("observed");
    }

    @Test
    void membersGoWhereATemplateAndRoomAre() throws Exception {
        GroupFacts group = read(WEB, 60, true).getFirst();
        assertThat(group.hosts()).isNotEmpty();
        assertThat(group.hosts())
                .as("h-0 and h-1 have the template, h-2 has not")
                .extracting(Destination::hostName)
                .doesNotContain("h-2")
                .contains("h-1");
        assertThat(group.hosts()).hasSizeLessThanOrEqualTo(9);
        assertThat(group.hosts().getFirst().template()).isEqualTo(new UUID(3, 1));
    }

    @Test
    void aGroupWithoutMembersIsKnownByItsTemplate() throws Exception {
        GroupFacts group = read(WEB.replace("app=web", "app=none"), 60, true).getFirst();
        assertThat(group.members()).isEmpty();
        assertThat(group.memberVcpus()).isEqualTo(4);
        assertThat(group.observed()).isNaN();
        assertThat(group.hosts()).isNotEmpty();
    }

    @Test
    void withoutATemplateThereAreNoPlaces() throws Exception {
        assertThat(read(WEB, 60, false).getFirst().hosts()).isEmpty();
    }

    private static List<GroupFacts> read(String yaml, float percent, boolean templates)
            throws InterruptedException {
        var config = DaemonConfig.parse(yaml);
        var ticks = new LinkedBlockingQueue<TickPipeline.AnalysedTick>();
        try (var fleet =
                        new Fleet(
                                FleetConfig.DEFAULT,
                                MetricCatalogue.INSTANCE,
                                new IngestStatistics());
                var pipeline =
                        new TickPipeline(
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
                                        new ForecastService(
                                                ForecastConfig.DEFAULT, ModelSlot.none(), () -> 0),
                                        config.policy(),
                                        config.scaling(),
                                        Governor.unlimited()),
                                Governor.unlimited(),
                                Duration.ofMinutes(1),
                                new TickPipeline.Listener() {
                                    @Override
                                    public void onView(PublishedView view) {}

                                    @Override
                                    public boolean onAdvice(TickPipeline.AnalysedTick tick) {
                                        return ticks.add(tick);
                                    }
                                })) {
            for (int host = 0; host < 3; host++) {
                inventory(fleet, host, templates && host < 2);
            }
            for (int minute = 1; minute <= MINUTES; minute++) {
                samples(fleet, START_MS + minute * 60_000L, percent);
            }
            fleet.onTick(1, START_MS + MINUTES * 60_000);
            pipeline.start();
            pipeline.wake();
            TickPipeline.AnalysedTick tick = ticks.poll(30, TimeUnit.SECONDS);
            if (tick == null) {
                throw new AssertionError("no tick was analysed in 30 s");
            }
            return tick.groups();
        }
    }

    /// Four members and another vm on the first host; a template that is off where asked for.
    private static void inventory(Fleet fleet, int host, boolean template) {
        List<EntityDescription> entities = new ArrayList<>();
        entities.add(
                entity(
                        0,
                        EntityKind.HOST,
                        EntityState.RUNNING,
                        new UUID(1, host),
                        32,
                        64,
                        "h-" + host,
                        Map.of()));
        if (host == 0) {
            for (int i = 0; i < 4; i++) {
                entities.add(
                        entity(
                                1 + i,
                                EntityKind.VM,
                                EntityState.RUNNING,
                                new UUID(2, i),
                                4,
                                2,
                                "web-" + i,
                                i == 3
                                        ? Map.of("app", "web", "novacron.scaled", "web")
                                        : Map.of("app", "web", "own", "" + i)));
            }
            entities.add(
                    entity(
                            5,
                            EntityKind.VM,
                            EntityState.RUNNING,
                            new UUID(2, 9),
                            4,
                            2,
                            "db",
                            Map.of("app", "db")));
        }
        if (template) {
            entities.add(
                    entity(
                            6,
                            EntityKind.VM,
                            EntityState.STOPPED,
                            new UUID(3, host),
                            4,
                            2,
                            "web-template",
                            Map.of("app", "web")));
        }
        fleet.onSession(host, 1, START_MS);
        fleet.onInventory(host, new Inventory(0, 1, START_MS, entities), START_MS);
    }

    private static EntityDescription entity(
            int id,
            EntityKind kind,
            EntityState state,
            UUID uuid,
            int vcpus,
            int gib,
            String name,
            Map<String, String> labels) {
        return new EntityDescription(
                id, kind, state, uuid, vcpus, vcpus, gib * GIB, gib * GIB, 0, labels, name);
    }

    private static void samples(Fleet fleet, long timeMs, float percent) {
        var batch = new ColumnBatch(5, 2);
        int cpu = batch.addMetric(Metrics.CPU_USAGE);
        int memory = batch.addMetric(Metrics.MEMORY_USAGE);
        for (int i = 0; i < 5; i++) {
            int entity = batch.addEntity(i + 1);
            batch.set(cpu, entity, percent);
            batch.set(memory, entity, 50);
        }
        var frame = new UnsafeBuffer(new byte[MetricBatchWriter.maxFrameLength(batch)]);
        int length = new MetricBatchWriter().encode(1, timeMs, 60_000, batch, frame, 0);
        fleet.onBatch(0, frame, 0, length, timeMs);
    }
}
