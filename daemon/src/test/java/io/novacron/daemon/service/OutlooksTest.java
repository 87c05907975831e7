package io.novacron.daemon.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.novacron.daemon.view.CapacityAnswer;
import io.novacron.daemon.view.CapacityQuery;
import io.novacron.daemon.view.CapacityRow;
import io.novacron.daemon.view.CommandException;
import io.novacron.daemon.view.OutlookRow;
import io.novacron.inference.outlook.BusinessCalendar;
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
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Three hosts with thirty days of history: one whose CPU grows by .6 points a day, a large idle
/// one, and one that came an hour ago.
class OutlooksTest {
    private static final int STEP_MS = 300_000;
    private static final int DAYS = 30;
    private static final long START_MS = 1_700_006_400_000L; // a whole day
    private static final long GIB = 1L << 30;
    private static final UUID GROWING = new UUID(1, 0);
    private static final UUID IDLE = new UUID(1, 1);
    private static final UUID YOUNG = new UUID(1, 2);

    private final Fleet fleet =
            new Fleet(FleetConfig.DEFAULT, MetricCatalogue.INSTANCE, new IngestStatistics());
    private final Outlooks outlooks = new Outlooks(fleet.store(), BusinessCalendar.UTC);
    private final int[] sequences = new int[3];
    private long tick;

    OutlooksTest() {
        long firstMs = START_MS - DAYS * 86_400_000L;
        inventory(0, firstMs, GROWING, "growing", 8, Map.of("rack", "a"));
        inventory(1, firstMs, IDLE, "idle", 24, Map.of("rack", "b"));
        int steps = DAYS * 288;
        for (int step = steps - 1; step >= 0; step--) {
            long atMs = START_MS - (long) step * STEP_MS;
            float wave = (float) Math.sin(2 * Math.PI * step / 288);
            send(0, atMs, 60 - .6f * step / 288 + 8 * wave, 50);
            send(1, atMs, 10 + wave, 20);
            if (step == 11) {
                inventory(2, atMs - STEP_MS, YOUNG, "young", 8, Map.of("rack", "b"));
            }
            if (step < 12) {
                send(2, atMs, 99, 99);
            }
            if (step % 6 == 0) {
                fleet.onTick(++tick, atMs);
            }
        }
    }

    @AfterEach
    void close() {
        fleet.close();
    }

    @Test
    void saysWhenAHostRunsOut() {
        CapacityAnswer answer = outlooks.capacity(new CapacityQuery("", 90, 90, true));
        assertThat(answer.fromMs()).isEqualTo(START_MS);
        CapacityRow row = row(answer, "growing", Metrics.CPU_USAGE);
        assertThat(row.scope()).isEqualTo("host");
        assertThat(row.entity()).isEqualTo(GROWING);
        assertThat(row.historyDays()).isEqualTo(DAYS);
        assertThat(row.trend()).isNotEqualTo("flat");
        assertThat(row.slopePerDay()).isCloseTo(.6f, within(.06f));
        assertThat(row.peakNow()).isCloseTo(68, within(2f));
        assertThat(row.expectedDay()).as("22 points at .6 a day").isBetween(32, 41);
        assertThat(row.earliestDay()).isBetween(20, row.expectedDay());
        assertThat(row.latestDay()).isGreaterThanOrEqualTo(row.expectedDay());
        assertThat(row(answer, "growing", Metrics.MEMORY_USAGE).expectedDay()).isEqualTo(-1);
        assertThat(row(answer, "idle", Metrics.CPU_USAGE).earliestDay()).isEqualTo(-1);
    }

    @Test
    void aHostWithoutTwoDaysIsNotGuessedAbout() {
        CapacityRow row =
                row(
                        outlooks.capacity(new CapacityQuery("", 90, 90, true)),
                        "young",
                        Metrics.CPU_USAGE);
        assertThat(row.trend()).isEmpty();
        assertThat(row.peakNow()).isNaN();
        assertThat(row.expectedDay()).isEqualTo(-1);
    }

    @Test
    void theFleetIsWhatHostsUseOfWhatTheyHave() {
        CapacityAnswer answer = outlooks.capacity(new CapacityQuery("", 0, 0, false));
        assertThat(answer.query().limitPercent()).isEqualTo(90);
        assertThat(answer.rows()).hasSize(2);
        CapacityRow cpu = row(answer, "fleet", Metrics.CPU_USAGE);
        assertThat(cpu.hosts()).isEqualTo(3);
        assertThat(cpu.entity()).isNull();
        assertThat(cpu.peakNow())
                .as("8 CPUs at 68, 24 at 11 percent, and an hour of 8 more")
                .isCloseTo((8 * 68 + 24 * 11) / 32f, within(4f));
        assertThat(cpu.slopePerDay()).isCloseTo(.15f, within(.06f));
    }

    @Test
    void groupsAreMadeByALabelOfHosts() {
        CapacityAnswer answer = outlooks.capacity(new CapacityQuery("rack", 80, 60, false));
        assertThat(answer.rows())
                .extracting(CapacityRow::name)
                .containsExactly("fleet", "fleet", "rack=a", "rack=a", "rack=b", "rack=b");
        assertThat(row(answer, "rack=a", Metrics.CPU_USAGE).expectedDay()).isBetween(17, 25);
        assertThat(row(answer, "rack=b", Metrics.CPU_USAGE).hosts()).isEqualTo(2);
        assertThatThrownBy(() -> outlooks.capacity(new CapacityQuery("zone", 80, 60, false)))
                .isInstanceOf(CommandException.class)
                .hasMessageContaining("no host has this label");
    }

    @Test
    void theSameQuestionIsAnsweredOnceAnHour() {
        var query = new CapacityQuery("", 90, 90, true);
        CapacityAnswer first = outlooks.capacity(query);
        assertThat(outlooks.capacity(new CapacityQuery("", 90, 90, true))).isSameAs(first);
        for (int days = 1; days <= 20; days++) {
            outlooks.capacity(new CapacityQuery("", 90, days, false));
        }
        assertThat(outlooks.capacity(query)).as("only so many are kept").isNotSameAs(first);
        fleet.onTick(++tick, START_MS + 3_600_000);
        assertThat(outlooks.capacity(query).fromMs()).isEqualTo(START_MS + 3_600_000);
    }

    @Test
    void looksAtOneMetricOfAnEntity() {
        OutlookRow row = outlooks.outlook(GROWING, Metrics.CPU_USAGE, 30).orElseThrow();
        assertThat(row.name()).isEqualTo("growing");
        assertThat(row.days()).hasSize(30);
        OutlookRow.Day last = row.days().getLast();
        assertThat(last.day()).isEqualTo(29);
        assertThat(last.mean()).isCloseTo(60 + .6f * 29.5f, within(3f));
        assertThat(last.meanLow()).isLessThanOrEqualTo(last.mean());
        assertThat(last.peakHigh()).isGreaterThanOrEqualTo(last.peak());
        assertThat(outlooks.outlook(YOUNG, Metrics.CPU_USAGE, 30)).isEmpty();
        assertThat(outlooks.outlook(new UUID(9, 9), Metrics.CPU_USAGE, 30)).isEmpty();
        assertThat(outlooks.outlook(GROWING, Metrics.CPU_STEAL, 30)).isEmpty();
        assertThatThrownBy(() -> outlooks.outlook(GROWING, Metrics.CPU_USAGE, 91))
                .hasMessageContaining("days=91");
        assertThatThrownBy(() -> new CapacityQuery("", 101, 30, false))
                .hasMessageContaining("limitPercent=101");
    }

    private static CapacityRow row(CapacityAnswer answer, String name, int metricId) {
        return answer.rows().stream()
                .filter(row -> row.name().equals(name) && row.metricId() == metricId)
                .findFirst()
                .orElseThrow();
    }

    private void inventory(
            int agent, long firstMs, UUID uuid, String name, int cpus, Map<String, String> labels) {
        var host =
                new EntityDescription(
                        0,
                        EntityKind.HOST,
                        EntityState.RUNNING,
                        uuid,
                        cpus,
                        cpus,
                        64 * GIB,
                        64 * GIB,
                        0,
                        labels,
                        name);
        fleet.onSession(agent, 1, firstMs);
        fleet.onInventory(agent, new Inventory(0, 1, firstMs, List.of(host)), firstMs);
    }

    private void send(int agent, long atMs, float cpu, float memory) {
        var batch = new ColumnBatch(1, 2);
        int cpuRow = batch.addMetric(Metrics.CPU_USAGE);
        int memoryRow = batch.addMetric(Metrics.MEMORY_USAGE);
        int host = batch.addEntity(0);
        batch.set(cpuRow, host, cpu);
        batch.set(memoryRow, host, memory);
        var frame = new UnsafeBuffer(new byte[MetricBatchWriter.maxFrameLength(batch)]);
        int length =
                new MetricBatchWriter().encode(++sequences[agent], atMs, STEP_MS, batch, frame, 0);
        fleet.onBatch(agent, frame, 0, length, atMs);
    }
}
