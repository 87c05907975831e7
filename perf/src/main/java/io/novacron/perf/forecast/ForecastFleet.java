package io.novacron.perf.forecast;

import io.novacron.ingest.fleet.Fleet;
import io.novacron.ingest.fleet.FleetConfig;
import io.novacron.ingest.fleet.FleetView;
import io.novacron.ingest.statistics.IngestStatistics;
import io.novacron.wire.catalogue.MetricCatalogue;
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
import java.util.SplittableRandom;
import java.util.UUID;
import org.agrona.concurrent.UnsafeBuffer;

/// Vms in a real fleet store with a week of five-minute history, that get one sample of each
/// forecast metric a minute: daily waves with noise, wandering levels and spikes. Same seed, same
/// samples.
final class ForecastFleet implements AutoCloseable {
    private static final int VMS_PER_AGENT = 4_000;
    private static final int MINUTE_MS = 60_000;
    private static final int STEP_MS = 300_000;
    private static final int HISTORY_STEPS = 2_016;
    private static final int MINUTES_PER_DAY = 1_440;
    private static final int SPIKE_ONE_IN = 300;
    private static final int MISSING_ONE_IN = 1_000;
    private static final long GIB = 1L << 30;
    private static final long START_MS = 1_767_571_200_000L; // a whole day
    private static final int[] METRICS =
            MetricCatalogue.INSTANCE.forecastMetrics().stream().mapToInt(m -> m.id()).toArray();

    private final int vms;
    private final Fleet fleet;
    private final SplittableRandom random;
    private final MetricBatchWriter writer = new MetricBatchWriter();
    private final float[] levels;
    private final float[] waves;
    private final float[] phases;
    private final float[] noises;
    private final List<ColumnBatch> batches = new ArrayList<>();
    private final UnsafeBuffer frame;
    private final int[] sequences;
    private long timeMs = START_MS;
    private long tick;

    ForecastFleet(long seed, int vms) {
        this.vms = vms;
        this.random = new SplittableRandom(seed);
        int agents = Math.ceilDiv(vms, VMS_PER_AGENT);
        this.fleet =
                new Fleet(
                        new FleetConfig(
                                agents,
                                vms + agents,
                                VMS_PER_AGENT + 1,
                                Duration.ofMinutes(10),
                                Duration.ofDays(7)),
                        MetricCatalogue.INSTANCE,
                        new IngestStatistics());
        this.levels = new float[vms * METRICS.length];
        this.waves = new float[vms * METRICS.length];
        this.phases = new float[vms * METRICS.length];
        this.noises = new float[vms * METRICS.length];
        for (int i = 0; i < levels.length; i++) {
            levels[i] = 20 + 40 * random.nextFloat();
            waves[i] = 20 * random.nextFloat() * random.nextFloat();
            phases[i] = random.nextFloat();
            noises[i] = 5 * random.nextFloat() * random.nextFloat();
        }
        this.sequences = new int[agents];
        for (int agent = 0; agent < agents; agent++) {
            addAgent(agent);
        }
        this.frame =
                new UnsafeBuffer(new byte[MetricBatchWriter.maxFrameLength(batches.getFirst())]);
        timeMs -= (long) HISTORY_STEPS * STEP_MS;
        long endMs = START_MS;
        for (long at = timeMs + STEP_MS; at <= endMs; at += STEP_MS) {
            send(at, STEP_MS, endMs);
        }
        timeMs = endMs;
        fleet.onTick(++tick, timeMs);
    }

    private void addAgent(int agent) {
        int count = Math.min(VMS_PER_AGENT, vms - agent * VMS_PER_AGENT);
        List<EntityDescription> entities = new ArrayList<>();
        entities.add(entity(0, EntityKind.HOST, new UUID(1, agent), 16_000, "host-" + agent));
        var batch = new ColumnBatch(count, METRICS.length);
        for (int i = 0; i < count; i++) {
            int vm = agent * VMS_PER_AGENT + i;
            entities.add(entity(i + 1, EntityKind.VM, new UUID(2, vm), 1 << vm % 4, "vm-" + vm));
            batch.addEntity(i + 1);
        }
        for (int metric : METRICS) {
            batch.addMetric(metric);
        }
        batches.add(batch);
        fleet.onSession(agent, 1, timeMs);
        fleet.onInventory(agent, new Inventory(0, 1, timeMs, entities), timeMs);
    }

    private static EntityDescription entity(
            int id, EntityKind kind, UUID uuid, int vcpus, String name) {
        return new EntityDescription(
                id,
                kind,
                EntityState.RUNNING,
                uuid,
                vcpus,
                vcpus,
                vcpus * 4L * GIB,
                vcpus * 4L * GIB,
                0,
                Map.of("image", "image-" + id % 3),
                name);
    }

    /// The next minute comes, with a sample of each series, and a tick closes.
    void minute() {
        timeMs += MINUTE_MS;
        send(timeMs, MINUTE_MS, timeMs);
        fleet.onTick(++tick, timeMs);
    }

    FleetView view() {
        return fleet.store().pin();
    }

    long storeBytes() {
        return fleet.store().bytesInUse();
    }

    private void send(long atMs, int intervalMs, long nowMs) {
        double day = (double) Math.floorMod(atMs / MINUTE_MS, MINUTES_PER_DAY) / MINUTES_PER_DAY;
        for (int agent = 0; agent < batches.size(); agent++) {
            ColumnBatch batch = batches.get(agent);
            for (int metric = 0; metric < METRICS.length; metric++) {
                for (int i = 0; i < batch.entityCount(); i++) {
                    int series = (agent * VMS_PER_AGENT + i) * METRICS.length + metric;
                    batch.set(metric, i, next(series, metric, day, intervalMs));
                }
            }
            int length = writer.encode(++sequences[agent], atMs, intervalMs, batch, frame, 0);
            fleet.onBatch(agent, frame, 0, length, nowMs);
        }
    }

    private float next(int series, int metric, double day, int intervalMs) {
        long bits = random.nextLong();
        float uniform = (bits >>> 40) / (float) (1 << 24) - .5f;
        float other = (bits & 0xffffff) / (float) (1 << 24) - .5f;
        levels[series] =
                Math.clamp(levels[series] + (intervalMs == STEP_MS ? .6f : .25f) * uniform, 5, 80);
        if ((bits >>> 24 & 0xffff) % MISSING_ONE_IN == 0) {
            return Float.NaN;
        }
        double turn = 2 * Math.PI * (day + phases[series]);
        float value =
                levels[series]
                        + waves[series] * sine(turn)
                        + noises[series] * other
                        + ((bits >>> 24 & 0xffff) % SPIKE_ONE_IN == 1 ? 15 : 0);
        float percent = Math.clamp(value, 0, 100);
        return metric < 2 ? percent : percent * percent * 1_000;
    }

    /// Good enough for a wave, and cheaper than the exact one.
    private static float sine(double turn) {
        double x = turn % (2 * Math.PI);
        double half = x > Math.PI ? x - 2 * Math.PI : x;
        return (float) (4 / Math.PI * half - 4 / (Math.PI * Math.PI) * half * Math.abs(half));
    }

    @Override
    public void close() {
        fleet.close();
    }
}
