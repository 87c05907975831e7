package io.novacron.ingest.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.novacron.ingest.checkpoint.CheckpointException;
import io.novacron.ingest.checkpoint.CheckpointReader;
import io.novacron.ingest.checkpoint.CheckpointWriter;
import io.novacron.ingest.statistics.IngestStatistics;
import io.novacron.wire.catalogue.MetricCatalogue;
import io.novacron.wire.column.ColumnBatch;
import io.novacron.wire.column.MetricBatchWriter;
import io.novacron.wire.message.EntityDescription;
import io.novacron.wire.message.Inventory;
import io.novacron.wire.sbe.EntityKind;
import io.novacron.wire.sbe.EntityState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.function.Consumer;
import org.agrona.ExpandableArrayBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// State after a checkpoint and the records behind it = state after all records. The fleet churns
/// by 5 % a day and more, slots are used again, samples come late and early, ticks come late, and
/// much happens between a snapshot and the moment when it is written down.
class FleetCheckpointTest {
    private static final long START_MS = 1_790_035_200_000L; // a full hour
    private static final int MINUTE_MS = 60_000;
    private static final int DAY_MINUTES = 24 * 60;
    private static final int HOSTS = 4;
    private static final int VMS = 90; // more than a tile
    private static final int CHURN_MINUTES = DAY_MINUTES * 20 / VMS; // 5 % a day, one at a time
    private static final int CHECKPOINTS = 15;
    private static final int[] METRICS = {1, 3, 7, 13}; // mean, mean (log), last, max
    private static final FleetConfig CONFIG =
            new FleetConfig(8, 200, 200, Duration.ofMinutes(5), Duration.ofDays(7));

    @TempDir Path directory;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void aCheckpointAndWhatFollowsIsTheSameAsEverything(long seed) throws IOException {
        List<Consumer<Fleet>> records = new History(new Random(seed), 3 * DAY_MINUTES).records;
        var random = new Random(seed);
        try (var live = new Fleet(CONFIG, MetricCatalogue.INSTANCE, new IngestStatistics())) {
            int done = 0;
            for (int checkpoint = 0; checkpoint < CHECKPOINTS; checkpoint++) {
                int left = records.size() - done;
                done = apply(records, live, done, random.nextInt(left / 10 + 1));
                boolean atTick = random.nextInt(4) > 0;
                while (atTick && !(records.get(done - 1) instanceof Tick)) {
                    done = apply(records, live, done, 1);
                }
                int end = Math.min(records.size(), done + random.nextInt(200));
                Path file = directory.resolve("checkpoint");
                try (FleetSnapshot snapshot = live.snapshot(atTick)) {
                    int from = done;
                    if (atTick) {
                        done = apply(records, live, done, end - done); // before it is written
                    }
                    write(snapshot, file);
                    checkRestored(file, live, records, from, done);
                }
            }
        }
    }

    /// Restores, catches up, and goes on for a while beside the live one.
    private void checkRestored(
            Path file, Fleet live, List<Consumer<Fleet>> records, int from, int to)
            throws IOException {
        try (var restored = restore(file, CONFIG)) {
            apply(records, restored, from, to - from);
            assertThat(hash(restored)).as("%d records after it", to - from).isEqualTo(hash(live));
            assertThat(bytes(restored, "restored")).isEqualTo(bytes(live, "live"));
        }
    }

    @Test
    void aSnapshotInTheMiddleOfAMinuteKeepsWhatReadersSee() throws IOException {
        List<Consumer<Fleet>> records = new History(new Random(9), 200).records;
        int middle = records.size() - 3;
        try (var live = new Fleet(CONFIG, MetricCatalogue.INSTANCE, new IngestStatistics())) {
            apply(records, live, 0, middle);
            long before = hash(live);
            Path file = directory.resolve("checkpoint");
            try (FleetSnapshot snapshot = live.snapshot(false)) {
                write(snapshot, file);
            }
            try (var restored = restore(file, CONFIG)) {
                assertThat(hash(restored)).isEqualTo(before);
                new Tick(1_000_000, START_MS + 300L * MINUTE_MS).accept(live);
                new Tick(1_000_000, START_MS + 300L * MINUTE_MS).accept(restored);
                assertThat(hash(live)).as("the tick shows something new").isNotEqualTo(before);
                assertThat(hash(restored)).isEqualTo(hash(live));
            }
        }
    }

    @Test
    void viewsOfARestoredFleetCanBePinnedAndExpire() throws IOException {
        List<Consumer<Fleet>> records = new History(new Random(5), 30).records;
        try (var live = new Fleet(CONFIG, MetricCatalogue.INSTANCE, new IngestStatistics())) {
            apply(records, live, 0, records.size());
            Path file = directory.resolve("checkpoint");
            try (FleetSnapshot snapshot = live.snapshot(true)) {
                write(snapshot, file);
            }
            try (var restored = restore(file, CONFIG);
                    FleetView view = restored.store().pin()) {
                long hash = view.stateHash();
                new Tick(100, view.timeMs() + MINUTE_MS).accept(restored);
                assertThat(view.stateHash()).as("a view does not change").isEqualTo(hash);
                new Tick(101, view.timeMs() + 6 * MINUTE_MS).accept(restored);
                assertThatThrownBy(view::stateHash).isInstanceOf(ViewExpiredException.class);
            }
        }
    }

    @Test
    void moreEntitiesOrAgentsThanAreAllowedAreRefusedWithTheLimit() throws IOException {
        Path file = directory.resolve("checkpoint");
        try (var live = new Fleet(CONFIG, MetricCatalogue.INSTANCE, new IngestStatistics())) {
            List<Consumer<Fleet>> records = new History(new Random(5), 3).records;
            apply(records, live, 0, records.size());
            try (FleetSnapshot snapshot = live.snapshot(true)) {
                write(snapshot, file);
            }
        }
        assertThatThrownBy(() -> restore(file, limits(8, HOSTS + VMS - 1)).close())
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("94 entities, more than fleet.max-entities=93");
        assertThatThrownBy(() -> restore(file, limits(HOSTS - 1, 200)).close())
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("agent 3, and fleet.max-agents=3");
        restore(file, limits(HOSTS, HOSTS + VMS)).close();
    }

    @Test
    void aSnapshotThatIsGivenUpIsNotWritten() throws IOException {
        try (var live = new Fleet(CONFIG, MetricCatalogue.INSTANCE, new IngestStatistics());
                var out = CheckpointWriter.create(directory.resolve("checkpoint"))) {
            new Tick(1, START_MS).accept(live);
            FleetSnapshot snapshot = live.snapshot(true);
            assertThatThrownBy(() -> snapshot.write(out, () -> true))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining("given up");
            snapshot.close();
        }
    }

    /// The promise of the architecture: 100,000 vms × 24 metrics within 6 GB. Tiles are allocated
    /// whole, so this is what they cost when every row has been used.
    @Test
    void aHundredThousandVmsWithAllMetricsFitIntoSixGigabytes() {
        long perTile = 0;
        int forecast = MetricCatalogue.INSTANCE.forecastMetrics().size();
        for (Resolution resolution : Resolution.values()) {
            long cells = (long) resolution.rows() * Tile.LANES;
            perTile +=
                    resolution == Resolution.MINUTE
                            ? cells * Float.BYTES * 24
                            : cells * 2 * Short.BYTES * forecast;
            perTile +=
                    (long) resolution.rows()
                            * Integer.BYTES
                            * (resolution == Resolution.MINUTE ? 24 : forecast); // tags
        }
        long tiles = (100_000 + Tile.LANES - 1) / Tile.LANES;
        assertThat(forecast).isEqualTo(4);
        assertThat(perTile * tiles).isLessThan(6_000_000_000L);
    }

    /// The same, measured: 64 entities with every metric at every resolution.
    @Test
    void tilesOfEveryMetricUseWhatIsCalculated() throws IOException {
        try (var fleet = new Fleet(CONFIG, MetricCatalogue.INSTANCE, new IngestStatistics())) {
            fleet.onSession(0, 1, START_MS);
            var entities = new ArrayList<EntityDescription>();
            for (int id = 0; id < Tile.LANES; id++) {
                entities.add(describe(id, EntityKind.HOST, new UUID(8, id)));
            }
            fleet.onInventory(0, new Inventory(1, 1, 0, entities), START_MS);
            int[] metrics =
                    MetricCatalogue.INSTANCE.all().stream()
                            .filter(metric -> metric.ofHosts())
                            .mapToInt(metric -> metric.id())
                            .toArray();
            for (int minute = 1; minute <= 130; minute++) {
                long nowMs = START_MS + minute * (long) MINUTE_MS;
                batch(0, nowMs, nowMs, Tile.LANES, metrics, 1).accept(fleet);
                fleet.onTick(minute, nowMs);
            }
            long minuteTile = 128L * Tile.LANES * Float.BYTES;
            long rollUpTiles = (2_032L + 864) * Tile.LANES * 2 * Short.BYTES;
            long expected = metrics.length * minuteTile + 4 * rollUpTiles;
            assertThat(fleet.store().bytesInUse())
                    .as("with a few copies that a view held")
                    .isBetween(expected, expected * 3 / 2);
        }
    }

    private static FleetConfig limits(int agents, int entities) {
        return new FleetConfig(agents, entities, 200, CONFIG.vanishedGrace(), Duration.ofDays(7));
    }

    private static int apply(List<Consumer<Fleet>> records, Fleet fleet, int from, int count) {
        for (int i = from; i < from + count; i++) {
            records.get(i).accept(fleet);
        }
        return from + count;
    }

    private static void write(FleetSnapshot snapshot, Path file) throws IOException {
        try (var out = CheckpointWriter.create(file)) {
            snapshot.write(out, () -> false);
            out.finish();
        }
    }

    private static Fleet restore(Path file, FleetConfig config) throws IOException {
        var fleet = new Fleet(config, MetricCatalogue.INSTANCE, new IngestStatistics());
        try (var in = CheckpointReader.open(file)) {
            fleet.restore(in);
            in.finish();
        } catch (IOException | RuntimeException e) {
            fleet.close();
            throw e;
        }
        return fleet;
    }

    private byte[] bytes(Fleet fleet, String name) throws IOException {
        Path file = directory.resolve(name);
        try (FleetSnapshot snapshot = fleet.snapshot(false)) {
            write(snapshot, file);
        }
        return Files.readAllBytes(file);
    }

    private static long hash(Fleet fleet) {
        try (FleetView view = fleet.store().pin()) {
            return view.stateHash();
        }
    }

    private static EntityDescription describe(int id, EntityKind kind, UUID uuid) {
        return new EntityDescription(
                id,
                kind,
                EntityState.RUNNING,
                uuid,
                1,
                1,
                1,
                1,
                1,
                Map.of("name", "n" + id, "zone", "z"),
                "n" + id);
    }

    private static Consumer<Fleet> batch(
            int agent, long timestampMs, long nowMs, int entities, int[] metrics, long seed) {
        var random = new Random(seed);
        var batch = new ColumnBatch(entities, metrics.length);
        for (int id = 0; id < entities; id++) {
            batch.addEntity(id);
        }
        for (int metric = 0; metric < metrics.length; metric++) {
            batch.addMetric(metrics[metric]);
            for (int id = 0; id < entities; id++) {
                batch.set(
                        metric, id, random.nextInt(10) == 0 ? Float.NaN : random.nextFloat() * 90);
            }
        }
        var out = new ExpandableArrayBuffer();
        int length = new MetricBatchWriter().encode(1, timestampMs, 10_000, batch, out, 0);
        return fleet -> fleet.onBatch(agent, out, 0, length, nowMs);
    }

    private record Tick(long tick, long timeMs) implements Consumer<Fleet> {
        @Override
        public void accept(Fleet fleet) {
            fleet.onTick(tick, timeMs);
        }
    }

    /// What a few agents send in some days.
    private static final class History {
        final List<Consumer<Fleet>> records = new ArrayList<>();
        private final Random random;
        private final Frames frames = new Frames();
        private final UUID[] vms = new UUID[VMS];
        private final int[] hostOf = new int[VMS];
        private final long[] revisions = new long[HOSTS];
        private long nowMs = START_MS;
        private long tick;
        private int vmsEver;

        History(Random random, int minutes) {
            this.random = random;
            for (int host = 0; host < HOSTS; host++) {
                int agent = host;
                long atMs = nowMs;
                records.add(fleet -> fleet.onSession(agent, 1, atMs));
            }
            for (int vm = 0; vm < VMS; vm++) {
                vms[vm] = new UUID(9, vmsEver++);
                hostOf[vm] = random.nextInt(HOSTS);
            }
            for (int host = 0; host < HOSTS; host++) {
                inventory(host);
            }
            int minute = 0;
            while (minute < minutes) {
                int length = random.nextInt(30) == 0 ? 1 + random.nextInt(20) : 1; // a late tick
                for (int i = 0; i < length; i++) {
                    minute++;
                    nowMs += MINUTE_MS;
                    if (minute % CHURN_MINUTES == 0) {
                        replace(random.nextInt(VMS));
                    }
                    samples();
                }
                records.add(new Tick(++tick, nowMs));
            }
        }

        private void inventory(int host) {
            var entities = new ArrayList<EntityDescription>();
            entities.add(describe(VMS, EntityKind.HOST, new UUID(8, host)));
            for (int vm = 0; vm < VMS; vm++) {
                if (hostOf[vm] == host) {
                    entities.add(describe(vm, EntityKind.VM, vms[vm]));
                }
            }
            var inventory = new Inventory(1, ++revisions[host], 0, entities);
            long atMs = nowMs;
            records.add(fleet -> fleet.onInventory(host, inventory, atMs));
        }

        /// A vm goes and a new one comes, or it moves to another host.
        private void replace(int vm) {
            int before = hostOf[vm];
            if (random.nextInt(3) > 0) {
                vms[vm] = new UUID(9, vmsEver++);
            }
            hostOf[vm] = random.nextInt(HOSTS);
            inventory(before);
            inventory(hostOf[vm]);
        }

        private void samples() {
            if (random.nextInt(500) == 0) {
                int agent = random.nextInt(HOSTS);
                long epoch = 2 + random.nextInt(100);
                long atMs = nowMs;
                records.add(fleet -> fleet.onSession(agent, epoch, atMs));
                inventory(agent);
            }
            for (int i = 0; i < 3; i++) {
                int late = random.nextInt(5) == 0 ? random.nextInt(140) : 0;
                long stampMs = nowMs - late * (long) MINUTE_MS + random.nextInt(MINUTE_MS);
                int agent = random.nextInt(HOSTS);
                int entities = 1 + random.nextInt(VMS + 1);
                records.add(batch(agent, stampMs, nowMs, entities, METRICS, random.nextLong()));
            }
            if (random.nextInt(4) == 0) {
                history();
            }
        }

        private void history() {
            int vm = random.nextInt(VMS);
            int steps = random.nextBoolean() ? 1 : 12;
            long end = Math.floorDiv(nowMs, 300_000L) - random.nextInt(2_060);
            var frame = frames.one(end * 300_000, steps * 300_000, vm, 1, random.nextFloat() * 90);
            var bytes = new byte[frame.capacity()];
            frame.getBytes(0, bytes);
            var copy = new org.agrona.concurrent.UnsafeBuffer(bytes);
            long atMs = nowMs;
            int agent = hostOf[vm];
            records.add(fleet -> fleet.onBatch(agent, copy, 0, bytes.length, atMs));
        }
    }
}
