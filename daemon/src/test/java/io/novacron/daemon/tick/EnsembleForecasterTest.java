package io.novacron.daemon.tick;

import static org.assertj.core.api.Assertions.assertThat;

import io.novacron.daemon.config.ByteSize;
import io.novacron.daemon.config.ForecastSettings;
import io.novacron.inference.FallbackReason;
import io.novacron.inference.ForecastConfig;
import io.novacron.inference.ForecastService;
import io.novacron.inference.ModelKind;
import io.novacron.inference.ModelSlot;
import io.novacron.ingest.fleet.Fleet;
import io.novacron.ingest.fleet.FleetConfig;
import io.novacron.ingest.fleet.FleetView;
import io.novacron.ingest.statistics.IngestStatistics;
import io.novacron.wire.catalogue.MetricCatalogue;
import io.novacron.wire.catalogue.Metrics;
import io.novacron.wire.column.ColumnBatch;
import io.novacron.wire.column.MetricBatchWriter;
import io.novacron.wire.message.EntityDescription;
import io.novacron.wire.message.Inventory;
import io.novacron.wire.sbe.EntityKind;
import io.novacron.wire.sbe.EntityState;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// A fleet with a day of history, and ticks.
class EnsembleForecasterTest {
    private static final int VMS = 640; // ten chunks and a bit with the host
    private static final int NEW_VM = VMS - 1; // has no history
    private static final int STEP_MS = 300_000;
    private static final long START_MS = 1_700_006_400_000L; // a whole day
    private static final long GIB = 1L << 30;

    private final Fleet fleet =
            new Fleet(FleetConfig.DEFAULT, MetricCatalogue.INSTANCE, new IngestStatistics());
    private long tick;
    private int sequence;

    EnsembleForecasterTest() {
        List<EntityDescription> entities = new ArrayList<>();
        entities.add(entity(0, EntityKind.HOST, new UUID(1, 1)));
        for (int vm = 0; vm < VMS; vm++) {
            entities.add(entity(vm + 1, EntityKind.VM, new UUID(2, vm)));
        }
        fleet.onSession(0, 1, START_MS);
        fleet.onInventory(0, new Inventory(0, 1, START_MS, entities), START_MS);
        for (int step = 287; step >= 0; step--) {
            send(START_MS - (long) step * STEP_MS, STEP_MS, START_MS, VMS - 1);
        }
    }

    @AfterEach
    void close() {
        fleet.close();
    }

    @Test
    void theFirstTickAnswersEveryoneAndTheTiersTakeTheRest() {
        try (var work = work(ForecastSettings.DEFAULT)) {
            ForecastTable table = tick(work, 0);
            int column = table.column(Metrics.CPU_USAGE);
            assertThat(table.model(column, slotOf(0))).isEqualTo(ModelKind.ENSEMBLE);
            assertThat(table.reason(column, slotOf(0))).isEqualTo(FallbackReason.NONE);
            assertThat(table.confidence(column, slotOf(0))).isGreaterThan(.5f);
            assertThat(table.historyHours[slotOf(0)]).isBetween(23f, 24.1f);
            assertThat(table.issuedAtMs(column, slotOf(0))).isEqualTo(START_MS);
            assertThat(table.quantile(column, slotOf(0), 0, 4)).isBetween(9f, 14f);
            assertThat(table.quantile(column, slotOf(0), 4, 4)).as("a day ahead").isFinite();
            assertThat(table.isAnswered(column, slotOf(NEW_VM))).as("no samples yet").isFalse();

            sendMinute(1);
            table = tick(work, 1);
            assertThat(table.model(column, slotOf(NEW_VM)))
                    .as("one sample")
                    .isEqualTo(ModelKind.LAST_VALUE);
            EnsembleStatus status = Objects.requireNonNull(work.ensembleStatus());
            assertThat(status.usedBytes()).isPositive().isLessThan(status.limitBytes());
            assertThat(status.metrics()).hasSize(4);
        }
    }

    @Test
    void aStepIsServedEvenlyOverItsTicks() {
        try (var work = work(ForecastSettings.DEFAULT)) {
            tick(work, 0);
            List<Long> issued = new ArrayList<>();
            for (int minute = 1; minute <= 9; minute++) {
                sendMinute(minute);
                ForecastTable table = tick(work, minute);
                if (minute >= 5) {
                    issued.add(issuedAt(table, START_MS + STEP_MS));
                }
            }
            long all = issued.getLast();
            assertThat(all).isEqualTo(VMS - 1);
            long before = 0;
            for (long now : issued) {
                assertThat(now - before).as("%s", issued).isBetween(all / 10, all * 3 / 10);
                before = now;
            }
        }
    }

    @Test
    void beyondTheBoundTheTiersAnswerAndSayWhy() {
        var settings = new ForecastSettings(true, ByteSize.ofMebibytes(1), 100, "UTC", List.of());
        try (var work = work(settings)) {
            ForecastTable table = tick(work, 0);
            int column = table.column(Metrics.CPU_USAGE);
            int last = slotOf(VMS - 2);
            assertThat(table.model(column, last)).isEqualTo(ModelKind.HOLT_WINTERS);
            assertThat(table.reason(column, last)).isEqualTo(FallbackReason.OVER_MEMORY);
            EnsembleStatus status = Objects.requireNonNull(work.ensembleStatus());
            assertThat(status.seriesOverMemory()).isPositive();
            assertThat(status.usedBytes()).isLessThanOrEqualTo(1 << 20);
        }
    }

    @Test
    void withoutTheEnsembleTheTiersAnswerAll() {
        var settings = new ForecastSettings(false, ByteSize.ofMebibytes(1), 100, "UTC", List.of());
        try (var work = work(settings)) {
            ForecastTable table = tick(work, 0);
            int column = table.column(Metrics.CPU_USAGE);
            assertThat(table.model(column, slotOf(0))).isEqualTo(ModelKind.HOLT_WINTERS);
            assertThat(work.ensembleStatus()).isNull();
        }
    }

    @Test
    void twoStartsOnTheSameStoreSayTheSame() {
        try (var first = work(ForecastSettings.DEFAULT);
                var second = work(ForecastSettings.DEFAULT)) {
            fleet.onTick(++tick, START_MS);
            try (FleetView view = fleet.store().pin()) {
                ForecastTable one = first.tick(view);
                ForecastTable other = second.tick(view);
                assertThat(Arrays.deepEquals(other.quantiles, one.quantiles)).isTrue();
                assertThat(Arrays.deepEquals(other.confidences, one.confidences)).isTrue();
                assertThat(one.answered()).isGreaterThan(VMS - 2);
            }
        }
    }

    private static long issuedAt(ForecastTable table, long timeMs) {
        long count = 0;
        int column = table.column(Metrics.CPU_USAGE);
        for (int slot = 0; slot < table.slots(); slot++) {
            count +=
                    table.model(column, slot) == ModelKind.ENSEMBLE
                                    && table.issuedAtMs(column, slot) == timeMs
                            ? 1
                            : 0;
        }
        return count;
    }

    private static ForecastWork work(ForecastSettings settings) {
        return new ForecastWork(
                new ForecastService(ForecastConfig.DEFAULT, ModelSlot.none(), () -> 0),
                settings,
                StackSource.NONE);
    }

    private ForecastTable tick(ForecastWork work, int minute) {
        fleet.onTick(++tick, START_MS + minute * 60_000L);
        try (FleetView view = fleet.store().pin()) {
            return work.tick(view);
        }
    }

    private int slotOf(int vm) {
        try (FleetView view = fleet.store().pin()) {
            return view.slotOf(new UUID(2, vm));
        }
    }

    private void sendMinute(int minute) {
        long atMs = START_MS + minute * 60_000L;
        send(atMs, 60_000, atMs, VMS);
    }

    private void send(long atMs, int intervalMs, long nowMs, int vms) {
        var batch = new ColumnBatch(vms, 1);
        int cpu = batch.addMetric(Metrics.CPU_USAGE);
        for (int vm = 0; vm < vms; vm++) {
            batch.set(cpu, batch.addEntity(vm + 1), 10 + (atMs / STEP_MS + vm) % 4);
        }
        var frame = new UnsafeBuffer(new byte[MetricBatchWriter.maxFrameLength(batch)]);
        int length = new MetricBatchWriter().encode(++sequence, atMs, intervalMs, batch, frame, 0);
        fleet.onBatch(0, frame, 0, length, nowMs);
    }

    private static EntityDescription entity(int id, EntityKind kind, UUID uuid) {
        return new EntityDescription(
                id,
                kind,
                EntityState.RUNNING,
                uuid,
                2,
                4,
                2 * GIB,
                8 * GIB,
                0,
                Map.of("image", "image-" + id % 2),
                kind + "-" + id);
    }
}
