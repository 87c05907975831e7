package io.novacron.ingest.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.novacron.ingest.statistics.IngestStatistics;
import io.novacron.wire.catalogue.Metric;
import io.novacron.wire.catalogue.MetricCatalogue;
import io.novacron.wire.message.EntityDescription;
import io.novacron.wire.message.Inventory;
import io.novacron.wire.sbe.EntityKind;
import io.novacron.wire.sbe.EntityState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import org.agrona.concurrent.UnsafeBuffer;

/// The fleet store against the obvious model: maps from step to value. Late samples, gaps, history,
/// migration, vanishing and slot reuse come in any order; after each tick every window of every vm
/// must be the model's, and views pinned before must not have changed.
class FleetModelTest {
    private static final long START_MS = 1_790_035_200_000L; // a full hour
    private static final int HOSTS = 3;
    private static final int VMS = 80; // more than a tile
    private static final int[] METRICS = {1, 3, 7, 13}; // mean, mean (log), last, max
    private static final int OPERATIONS = 500;
    private static final int GRACE_MINUTES = 5;
    private static final int MINUTE_MS = 60_000;

    /// The model of one vm's one metric.
    private static final class Series {
        final TreeMap<Integer, float[]> minutes = new TreeMap<>(); // value, count
        final TreeMap<Integer, float[]> fives = new TreeMap<>(); // mean, max
        final TreeMap<Integer, float[]> hours = new TreeMap<>();
        final Set<Integer> changedFives = new TreeSet<>();
        final Set<Integer> changedHours = new TreeSet<>();
    }

    private static final class Vm {
        final UUID uuid;
        int host = -1;
        int vanishedTick = -1;
        long vanishedMs;
        Map<Integer, Series> series = new HashMap<>();

        Vm(UUID uuid) {
            this.uuid = uuid;
        }

        Series series(int metric) {
            return series.computeIfAbsent(metric, _ -> new Series());
        }
    }

    private record Pinned(FleetView view, Map<UUID, float[]> windows, int minute) {}

    private final MetricCatalogue catalogue = MetricCatalogue.INSTANCE;
    private final Map<Integer, ScaledValues> scales = new HashMap<>();
    private final Frames frames = new Frames();

    @Property(tries = 8, edgeCases = EdgeCasesMode.NONE, shrinking = ShrinkingMode.OFF)
    void everyWindowIsTheModels(@ForAll long seed) {
        var random = new Random(seed);
        var config =
                new FleetConfig(
                        8, 200, 200, Duration.ofMinutes(GRACE_MINUTES), Duration.ofDays(30));
        try (var fleet = new Fleet(config, catalogue, new IngestStatistics())) {
            new Run(fleet, random).run();
        }
    }

    private final class Run {
        final Fleet fleet;
        final Random random;
        final List<Vm> vms = new ArrayList<>();
        final long[] revisions = new long[HOSTS];
        final List<Pinned> pinned = new ArrayList<>();
        long nowMs = START_MS;
        int closedMinute = Resolution.MINUTE.lastClosed(START_MS);
        int tick;

        Run(Fleet fleet, Random random) {
            this.fleet = fleet;
            this.random = random;
        }

        void run() {
            for (int host = 0; host < HOSTS; host++) {
                fleet.onSession(host, 1, nowMs);
            }
            for (int i = 0; i < VMS; i++) {
                Vm vm = new Vm(new UUID(9, i));
                vm.host = random.nextInt(HOSTS);
                vms.add(vm);
            }
            for (int host = 0; host < HOSTS; host++) {
                inventory(host);
            }
            tick(0);
            for (int i = 0; i < OPERATIONS; i++) {
                switch (random.nextInt(20)) {
                    case 0 -> migrate();
                    case 1 -> vanish();
                    case 2 -> appear();
                    case 3, 4, 5 -> tick(1 + random.nextInt(3));
                    case 6, 7, 8 -> history();
                    default -> sample();
                }
            }
            tick(1);
            compare(0, 1);
            pinned.forEach(old -> old.view().close());
        }

        void inventory(int host) {
            var entities = new ArrayList<EntityDescription>();
            entities.add(describe(0, EntityKind.HOST, new UUID(8, host)));
            for (int i = 0; i < vms.size(); i++) {
                if (vms.get(i).host == host) {
                    entities.add(describe(i + 1, EntityKind.VM, vms.get(i).uuid));
                }
            }
            fleet.onInventory(host, new Inventory(1, ++revisions[host], 0, entities), nowMs);
        }

        EntityDescription describe(int id, EntityKind kind, UUID uuid) {
            return new EntityDescription(
                    id, kind, EntityState.RUNNING, uuid, 1, 1, 1, 1, 1, Map.of(), "n" + id);
        }

        void migrate() {
            Vm vm = vms.get(random.nextInt(vms.size()));
            if (vm.host < 0) {
                return;
            }
            int from = vm.host;
            vm.host = (from + 1) % HOSTS;
            boolean sourceFirst = random.nextBoolean();
            inventory(sourceFirst ? from : vm.host);
            inventory(sourceFirst ? vm.host : from);
        }

        void vanish() {
            Vm vm = vms.get(random.nextInt(vms.size()));
            if (vm.host >= 0) {
                int from = vm.host;
                vm.host = -1;
                vm.vanishedTick = tick;
                vm.vanishedMs = nowMs;
                inventory(from);
            }
        }

        /// A vm comes back, or a new one takes its place and perhaps its slot.
        void appear() {
            int index = random.nextInt(vms.size());
            Vm vm = vms.get(index);
            if (vm.host >= 0) {
                return;
            }
            vm.host = random.nextInt(HOSTS);
            vm.vanishedTick = -1;
            inventory(vm.host);
        }

        void sample() {
            int index = random.nextInt(vms.size());
            Vm vm = vms.get(index);
            int metricId = METRICS[random.nextInt(METRICS.length)];
            int age = random.nextInt(3) > 0 ? random.nextInt(3) : random.nextInt(140);
            long timestampMs = nowMs - (long) age * MINUTE_MS + random.nextInt(MINUTE_MS);
            float value = random.nextFloat() * 100;
            int host = vm.host >= 0 ? vm.host : 0;
            UnsafeBuffer frame = frames.one(timestampMs, 10_000, index + 1, metricId, value);
            fleet.onBatch(host, frame, 0, frame.capacity(), nowMs);
            int minute = Resolution.MINUTE.stepOf(timestampMs);
            if (vm.host < 0 || minute <= closedMinute - Resolution.MINUTE.steps()) {
                return;
            }
            Metric metric = Objects.requireNonNull(catalogue.byId(metricId));
            Series series = vm.series(metricId);
            float[] cell = series.minutes.get(minute);
            if (cell == null) {
                series.minutes.put(minute, new float[] {value, 1});
            } else {
                cell[0] =
                        switch (metric.cellRule()) {
                            case LAST -> value;
                            case MAX -> Math.max(cell[0], value);
                            case MEAN -> cell[0] + (value - cell[0]) / (cell[1] + 1);
                        };
                cell[1]++;
            }
            if (metric.forecast()) {
                series.changedFives.add(Math.floorDiv(minute, 5));
            }
        }

        void history() {
            int index = random.nextInt(vms.size());
            Vm vm = vms.get(index);
            if (vm.host < 0) {
                return;
            }
            int metricId = random.nextBoolean() ? 1 : 3;
            int steps = random.nextBoolean() ? 1 : 12;
            int age = random.nextInt(3) > 0 ? random.nextInt(10) : 40 + random.nextInt(2_060);
            long end = Math.floorDiv(nowMs, 300_000L) - age;
            float value = random.nextFloat() * 90;
            UnsafeBuffer frame =
                    frames.one(end * 300_000, steps * 300_000, index + 1, metricId, value);
            fleet.onBatch(vm.host, frame, 0, frame.capacity(), nowMs);
            int oldest = Math.floorDiv(closedMinute + 1, 5) - 1 - Resolution.FIVE_MINUTES.steps();
            float kept = quantised(metricId, value);
            for (int five = (int) end - steps; five < end; five++) {
                boolean measured =
                        !vm.series(metricId).minutes.subMap(five * 5, five * 5 + 5).isEmpty();
                if (five > oldest && !(measured && age < 20)) {
                    vm.series(metricId).fives.put(five, new float[] {kept, kept});
                    vm.series(metricId).changedHours.add(Math.floorDiv(five, 12));
                }
            }
        }

        void tick(int minutes) {
            nowMs += (long) minutes * MINUTE_MS;
            tick++;
            for (Vm vm : vms) {
                if (vm.host < 0 && vm.vanishedMs <= nowMs - GRACE_MINUTES * (long) MINUTE_MS) {
                    vm.series = new HashMap<>();
                }
            }
            fleet.onTick(tick, nowMs);
            closedMinute = Resolution.MINUTE.lastClosed(nowMs);
            rollUp();
            pinned.removeIf(old -> {
                check(old, old.minute() >= closedMinute - FleetStore.VIEW_MINUTES);
                boolean end = old.minute() < closedMinute - FleetStore.VIEW_MINUTES + 2;
                if (end) {
                    old.view().close();
                }
                return end;
            });
            compare(random.nextInt(8), 8);
            if (random.nextInt(4) == 0) {
                pinned.add(pin());
            }
        }

        void rollUp() {
            int closedFive = Resolution.FIVE_MINUTES.lastClosed(nowMs);
            int closedHour = Resolution.HOUR.lastClosed(nowMs);
            for (Vm vm : vms) {
                vm.series.forEach((metric, series) -> {
                    for (int five : new HashSet<>(series.changedFives)) {
                        if (five <= closedFive) {
                            series.changedFives.remove(five);
                            fold(
                                    metric,
                                    series.minutes.subMap(five * 5, five * 5 + 5),
                                    false,
                                    five,
                                    series.fives);
                            series.changedHours.add(Math.floorDiv(five, 12));
                        }
                    }
                    for (int hour : new HashSet<>(series.changedHours)) {
                        if (hour <= closedHour) {
                            series.changedHours.remove(hour);
                            fold(
                                    metric,
                                    series.fives.subMap(hour * 12, hour * 12 + 12),
                                    true,
                                    hour,
                                    series.hours);
                        }
                    }
                });
            }
        }

        void fold(
                int metric,
                Map<Integer, float[]> finer,
                boolean hasMax,
                int step,
                Map<Integer, float[]> into) {
            float sum = 0;
            float max = Float.NEGATIVE_INFINITY;
            for (float[] cell : finer.values()) {
                sum += cell[0];
                max = Math.max(max, cell[hasMax ? 1 : 0]);
            }
            if (!finer.isEmpty()) {
                into.put(
                        step,
                        new float[] {
                            quantised(metric, sum / finer.size()), quantised(metric, max)
                        });
            }
        }

        /// Compares each `stride`-th vm.
        void compare(int first, int stride) {
            try (FleetView view = fleet.store().pin()) {
                for (int i = first; i < vms.size(); i += stride) {
                    Vm vm = vms.get(i);
                    int slot = view.slotOf(vm.uuid);
                    if (vm.host >= 0) {
                        Entity entity = Objects.requireNonNull(view.entity(slot));
                        assertThat(entity.hostSlot()).isEqualTo(view.slotOf(new UUID(8, vm.host)));
                    }
                    if (slot < 0) {
                        assertThat(vm.series.values().stream().allMatch(s -> s.minutes.isEmpty()))
                                .as("%s was freed too early", vm.uuid)
                                .isTrue();
                        continue;
                    }
                    for (int metric : METRICS) {
                        Series series = vm.series.getOrDefault(metric, new Series());
                        compare(
                                view,
                                metric,
                                slot,
                                Resolution.MINUTE,
                                Statistic.MEAN,
                                series.minutes,
                                0);
                        compare(
                                view,
                                metric,
                                slot,
                                Resolution.FIVE_MINUTES,
                                Statistic.MEAN,
                                series.fives,
                                0);
                        compare(
                                view,
                                metric,
                                slot,
                                Resolution.FIVE_MINUTES,
                                Statistic.MAX,
                                series.fives,
                                1);
                        compare(
                                view,
                                metric,
                                slot,
                                Resolution.HOUR,
                                Statistic.MEAN,
                                series.hours,
                                0);
                        compare(
                                view,
                                metric,
                                slot,
                                Resolution.HOUR,
                                Statistic.MAX,
                                series.hours,
                                1);
                    }
                }
            }
        }

        void compare(
                FleetView view,
                int metric,
                int slot,
                Resolution resolution,
                Statistic statistic,
                Map<Integer, float[]> model,
                int part) {
            int steps = resolution.steps();
            var actual = new float[steps];
            view.copyWindow(metric, resolution, statistic, slot, 1, steps, actual);
            int last = resolution.lastClosed(nowMs);
            var expected = new float[steps];
            for (int i = 0; i < steps; i++) {
                float[] cell = model.get(last - steps + 1 + i);
                expected[i] = cell == null ? Float.NaN : cell[part];
            }
            if (!Arrays.equals(actual, expected)) {
                int at = Arrays.mismatch(actual, expected);
                assertThat(actual[at])
                        .as(
                                "metric %d slot %d %s %s, %d steps ago at tick %d",
                                metric, slot, resolution, statistic, steps - 1 - at, tick)
                        .isEqualTo(expected[at]);
            }
        }

        Pinned pin() {
            FleetView view = fleet.store().pin();
            return new Pinned(view, windows(view), closedMinute);
        }

        Map<UUID, float[]> windows(FleetView view) {
            var windows = new HashMap<UUID, float[]>();
            for (Vm vm : vms) {
                int slot = view.slotOf(vm.uuid);
                if (slot >= 0) {
                    var out = new float[120 + 2_016];
                    var minutes = new float[120];
                    var fives = new float[2_016];
                    view.copyWindow(1, Resolution.MINUTE, Statistic.MEAN, slot, 1, 120, minutes);
                    view.copyWindow(
                            1, Resolution.FIVE_MINUTES, Statistic.MAX, slot, 1, 2_016, fives);
                    System.arraycopy(minutes, 0, out, 0, 120);
                    System.arraycopy(fives, 0, out, 120, 2_016);
                    windows.put(vm.uuid, out);
                }
            }
            return windows;
        }

        void check(Pinned old, boolean readable) {
            if (!readable) {
                org.assertj.core.api.Assertions.assertThatThrownBy(() -> windows(old.view()))
                        .isInstanceOf(ViewExpiredException.class);
                return;
            }
            windows(old.view())
                    .forEach((uuid, window) ->
                            assertThat(Arrays.equals(window, old.windows().get(uuid)))
                                    .as("a pinned view of minute %d changed", old.minute())
                                    .isTrue());
        }
    }

    private float quantised(int metric, float value) {
        ScaledValues scale =
                scales.computeIfAbsent(
                        metric, id -> new ScaledValues(Objects.requireNonNull(catalogue.byId(id))));
        return scale.decode(scale.encode(value));
    }
}
