package io.novacron.ingest.remotewrite;

import static org.assertj.core.api.Assertions.assertThat;

import io.novacron.ingest.AgentRow;
import io.novacron.ingest.Ingest;
import io.novacron.ingest.IngestConfig;
import io.novacron.ingest.IngestListener;
import io.novacron.ingest.VirtualClock;
import io.novacron.ingest.fleet.Entity;
import io.novacron.ingest.fleet.FleetConfig;
import io.novacron.ingest.fleet.FleetView;
import io.novacron.ingest.journal.JournalConfig;
import io.novacron.ingest.journal.JournalVerification;
import io.novacron.ingest.journal.RecordType;
import io.novacron.ingest.remotewrite.WriteResult.Status;
import io.novacron.ingest.statistics.Counter;
import io.novacron.wire.catalogue.MetricCatalogue;
import io.novacron.wire.sbe.EntityKind;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.agrona.DirectBuffer;
import org.assertj.core.data.Offset;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Requests in, values in the fleet store out, through a real journal.
class RemoteWriteReceiverTest {
    private static final String[] NODE = {"instance", "web-1:9100", "job", "node"};
    private static final Offset<Float> CLOSE = Offset.offset(0.01f);

    @TempDir private Path folder;
    private final VirtualClock clock = new VirtualClock();
    private final LinkedBlockingQueue<Long> ticks = new LinkedBlockingQueue<>();
    private Ingest ingest;
    private RemoteWriteReceiver receiver;
    private long t0;
    private long tick;

    @BeforeEach
    void open() throws IOException {
        ingest = openIngest();
        receiver = receiver(RemoteWriteConfig.DEFAULT);
        t0 = clock.millis();
    }

    private Ingest openIngest() throws IOException {
        var config =
                IngestConfig.defaults(
                        JournalConfig.in(folder)
                                .withSyncInterval(Duration.ofMillis(1))
                                .withReservedBytes(0),
                        new FleetConfig(
                                64, 1_000, 200, Duration.ofMinutes(10), Duration.ofDays(7)));
        Ingest opened = Ingest.open(config, clock, new Ticks(), null);
        opened.start();
        return opened;
    }

    private RemoteWriteReceiver receiver(RemoteWriteConfig config) {
        return new RemoteWriteReceiver(config, MappingTable.bundled(), ingest, clock);
    }

    @AfterEach
    void close() {
        ingest.close();
    }

    // What becomes of samples

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void gaugesAndCountersOfAScrapeBecomeMetricsOfTheHost(int version) {
        write(cpu(request(version), t0, 1_000, 500, 100));
        closeRound();
        write(cpu(request(version), t0 + 15_000, 1_006, 508, 101));

        // 15 s × 1 CPU: 6 idle, 8 user, 1 steal
        assertThat(last("cpu.usage", host())).isCloseTo(100f * 8 / 15, CLOSE);
        assertThat(last("cpu.steal", host())).isCloseTo(100f * 1 / 15, CLOSE);
        assertThat(last("memory.usage", host())).isCloseTo(75f, CLOSE);
        assertThat(last("memory.used", host())).isEqualTo(3e9f);
        assertThat(last("load.one", host())).isEqualTo(0.5f);
        Entity entity = entity(host());
        assertThat(entity.name()).isEqualTo("web-1");
        assertThat(entity.vcpus()).isEqualTo(1);
        assertThat(entity.memoryBytes()).isEqualTo(4_000_000_000L);
        assertThat(count(RemoteWriteCounter.ROUNDS_CLOSED)).isEqualTo(2);
        assertThat(count(RemoteWriteCounter.ROUNDS_INCOMPLETE)).isZero();
    }

    private static WriteRequests request(int version) {
        return version == 1 ? WriteRequests.version1() : WriteRequests.version2();
    }

    private static WriteRequests cpu(
            WriteRequests into, long timeMs, double idle, double user, double steal) {
        for (var mode : new Object[][] {{"idle", idle}, {"steal", steal}, {"user", user}}) {
            into.sample(
                    timeMs,
                    (double) mode[1],
                    "node_cpu_seconds_total",
                    "cpu",
                    "0",
                    "instance",
                    "web-1:9100",
                    "job",
                    "node",
                    "mode",
                    (String) mode[0]);
        }
        return into.sample(timeMs, 0.5, "node_load1", NODE)
                .sample(timeMs, 1e9, "node_memory_MemAvailable_bytes", NODE)
                .sample(timeMs, 4e9, "node_memory_MemTotal_bytes", NODE)
                .sample(timeMs, 1, "up", NODE);
    }

    @Test
    void aScrapeIsPutTogetherFromRequestsInAnyOrderOfSeries() {
        for (int round = 0; round < 3; round++) {
            long at = t0 + round * 15_000L;
            if (round < 2) {
                write(disk(at, "sda", 1_000L * round));
                write(disk(at, "sdb", 2_000L * round));
                closeRound();
            } else {
                write(disk(at, "sdb", 5_000L));
                assertThat(count(RemoteWriteCounter.ROUNDS_CLOSED)).isEqualTo(2);
                write(disk(at, "sda", 4_000L));
                assertThat(count(RemoteWriteCounter.ROUNDS_CLOSED)).isEqualTo(3);
            }
        }
        assertThat(last("disk.read", host()))
                .as("the mean of 200 and 400 in one minute")
                .isCloseTo(300f, CLOSE);
        assertThat(count(RemoteWriteCounter.VALUES_SENT)).as("no half sums").isEqualTo(4);
    }

    private static WriteRequests disk(long timeMs, String device, double bytes) {
        return WriteRequests.version1()
                .sample(
                        timeMs,
                        bytes,
                        "node_disk_read_bytes_total",
                        "device",
                        device,
                        "instance",
                        "web-1:9100");
    }

    @Test
    void aScrapeThatStaysIncompleteGivesOnlyWhatIsWhole() {
        write(disk(t0, "sda", 0));
        write(disk(t0, "sdb", 0));
        write(WriteRequests.version1().sample(t0, 1, "node_load1", NODE));
        closeRound();
        write(disk(t0 + 15_000, "sda", 100));
        write(WriteRequests.version1().sample(t0 + 15_000, 2, "node_load1", NODE));
        closeRound();

        assertThat(last("load.one", host())).isEqualTo(2f);
        assertThat(last("disk.read", host())).isNaN();
        assertThat(count(RemoteWriteCounter.ROUNDS_INCOMPLETE)).isEqualTo(1);
    }

    @Test
    void aCounterThatBeginsAnewCountsFromZero() {
        write(disk(t0, "sda", 1_000_000));
        closeRound();
        write(disk(t0 + 10_000, "sda", 500));

        assertThat(last("disk.read", host())).isCloseTo(50f, CLOSE);
        assertThat(count(RemoteWriteCounter.COUNTER_RESETS)).isEqualTo(1);
    }

    @Test
    void aCreatedTimestampGivesTheFirstRateAndTellsAReset() {
        String[] labels = {"device", "sda", "instance", "web-1:9100"};
        String name = "node_disk_read_bytes_total";
        write(WriteRequests.version2().sampleSince(t0 - 10_000, t0, 1_000, name, labels));
        closeRound();
        assertThat(last("disk.read", host())).isCloseTo(100f, CLOSE);

        // More than before, and yet a new counter: only its created timestamp tells.
        write(WriteRequests.version2().sampleSince(t0 + 5_000, t0 + 10_000, 2_000, name, labels));
        assertThat(last("disk.read", host())).isCloseTo(200f, CLOSE);
        assertThat(count(RemoteWriteCounter.COUNTER_RESETS)).isEqualTo(1);
    }

    @Test
    void aStaleSeriesIsNotWaitedForAndStartsAfreshLater() {
        write(disk(t0, "sda", 0));
        write(disk(t0, "sdb", 0));
        closeRound();
        write(
                WriteRequests.version1()
                        .stale(
                                t0 + 10_000,
                                "node_disk_read_bytes_total",
                                "device",
                                "sdb",
                                "instance",
                                "web-1:9100"));
        write(disk(t0 + 10_000, "sda", 100));

        assertThat(last("disk.read", host())).isCloseTo(10f, CLOSE);
        assertThat(count(RemoteWriteCounter.SAMPLES_STALE)).isEqualTo(1);
        assertThat(count(RemoteWriteCounter.SERIES_RETIRED)).isEqualTo(1);
        assertThat(count(RemoteWriteCounter.ROUNDS_INCOMPLETE)).isZero();
    }

    @Test
    void domainsAreVmsWithTheirOwnIdentity() {
        UUID uuid = UUID.fromString("11111111-2222-3333-4444-555555555555");
        for (int round = 0; round < 2; round++) {
            long at = t0 + round * 10_000L;
            write(
                    WriteRequests.version1()
                            .sample(
                                    at,
                                    round * 10,
                                    "libvirt_domain_info_cpu_time_seconds_total",
                                    "domain",
                                    "db",
                                    "instance",
                                    "kvm-1:9177",
                                    "uuid",
                                    uuid.toString())
                            .sample(
                                    at,
                                    4,
                                    "libvirt_domain_info_virtual_cpus",
                                    "domain",
                                    "db",
                                    "instance",
                                    "kvm-1:9177",
                                    "uuid",
                                    uuid.toString())
                            .sample(
                                    at,
                                    2,
                                    "libvirt_domain_info_virtual_cpus",
                                    "domain",
                                    "nameless",
                                    "instance",
                                    "kvm-1:9177"));
            closeRound();
        }
        assertThat(last("cpu.usage", uuid)).as("one of four vCPUs").isCloseTo(25f, CLOSE);
        Entity vm = entity(uuid);
        assertThat(vm.kind()).isEqualTo(EntityKind.VM);
        assertThat(vm.name()).isEqualTo("db");
        assertThat(vm.vcpus()).isEqualTo(4);
        assertThat(entity(SampleMapper.nameUuid("vm", "kvm-1/nameless")).vcpus()).isEqualTo(2);
        assertThat(count(RemoteWriteCounter.HOSTS_ADDED)).isEqualTo(1);
    }

    @Test
    void aKubernetesVmKeepsItsIdentityOnAnotherNode() {
        for (String node : new String[] {"node-a", "node-b"}) {
            write(
                    WriteRequests.version2()
                            .sample(
                                    t0 + (node.equals("node-a") ? 0 : 10_000),
                                    2e9,
                                    "kubevirt_vmi_memory_resident_bytes",
                                    "name",
                                    "db",
                                    "namespace",
                                    "shop",
                                    "node",
                                    node));
            closeRound();
        }
        UUID uuid = SampleMapper.nameUuid("vm", "kubevirt/shop/db");
        closeTick();
        try (FleetView view = ingest.store().pin()) {
            Entity vm = Objects.requireNonNull(view.entity(view.slotOf(uuid)));
            Entity on = Objects.requireNonNull(view.entity(vm.hostSlot()));
            assertThat(on.name()).isEqualTo("node-b");
        }
        assertThat(ingest.statistics().get(Counter.VMS_MIGRATED)).isEqualTo(1);
    }

    @Test
    void replicasOfAPrometheusAreOneSeries() {
        for (String replica : new String[] {"a", "b"}) {
            write(
                    WriteRequests.version1()
                            .sample(
                                    t0 + (replica.equals("a") ? 0 : 1_000),
                                    3,
                                    "node_load1",
                                    "instance",
                                    "web-1:9100",
                                    "replica",
                                    replica));
        }
        assertThat(receiver.liveSeries()).isEqualTo(1);
    }

    @Test
    void whatNoLineTakesIsAcceptedAndCounted() {
        WriteResult result =
                write(
                        WriteRequests.version1()
                                .sample(t0, 1, "up", NODE)
                                .sample(
                                        t0,
                                        1,
                                        "node_disk_read_bytes_total",
                                        "device",
                                        "loop0",
                                        "instance",
                                        "a")
                                .sample(t0, 1, "node_load1", "job", "node"));
        assertThat(result.status()).isEqualTo(Status.WRITTEN);
        assertThat(result.samplesWritten()).isEqualTo(3);
        assertThat(count(RemoteWriteCounter.SAMPLES_UNMAPPED)).isEqualTo(2);
        assertThat(count(RemoteWriteCounter.SAMPLES_WITHOUT_HOST)).isEqualTo(1);
        assertThat(receiver.hosts()).isZero();
    }

    @Test
    void histogramsAndExemplarsAreCountedAndNotKept() {
        var request = WriteRequests.version2();
        WriteResult result =
                write(
                        request.series(
                                        request.labels("rpc_seconds", "instance", "a"),
                                        WriteRequests.opaqueField(3),
                                        WriteRequests.opaqueField(3),
                                        WriteRequests.opaqueField(4))
                                .sample(t0, 1, "node_load1", NODE));
        assertThat(result.status()).as(result.problem()).isEqualTo(Status.WRITTEN);
        assertThat(result.samplesWritten()).isEqualTo(1);
        assertThat(result.histogramsWritten()).isEqualTo(2);
        assertThat(result.exemplarsWritten()).isEqualTo(1);
        assertThat(count(RemoteWriteCounter.HISTOGRAMS_NOT_KEPT)).isEqualTo(2);
        assertThat(count(RemoteWriteCounter.METADATA_NOT_KEPT)).isEqualTo(1);
    }

    // What is refused

    @Test
    void goodSamplesOfARequestWithBadOnesAreTaken() {
        write(WriteRequests.version1().sample(t0, 1, "node_load1", NODE));
        closeRound();
        WriteResult result =
                write(
                        WriteRequests.version1()
                                .sample(t0 - 1, 9, "node_load1", NODE)
                                .sample(t0, 9, "node_load1", NODE)
                                .sample(t0 + 60_001, 9, "node_load1", NODE)
                                .sample(t0 - Duration.ofHours(3).toMillis(), 9, "node_load1", NODE)
                                .sample(t0 + 15_000, 2, "node_load1", NODE));
        assertThat(result.status()).isEqualTo(Status.PARTLY_WRITTEN);
        assertThat(result.samplesWritten()).isEqualTo(1);
        assertThat(result.problem())
                .startsWith("4 of 5 samples")
                .contains("2: not after the last one of their series")
                .contains("node_load1{instance=\"web-1:9100\",job=\"node\"} at " + (t0 - 1))
                .contains("1: before all rows")
                .contains("1: more than a minute ahead");
        assertThat(last("load.one", host())).isEqualTo(2f);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a,1,a,2 is there twice",
                "b,1,a,2 must come before",
                "a, is empty",
                ",1 is empty",
            })
    void labelsMustKeepTheRules(String row) {
        String labels = row.substring(0, row.indexOf(' '));
        WriteResult result =
                write(
                        WriteRequests.version1()
                                .sample(t0, 1, "node_load1", labels.split(",", -1))
                                .sample(t0, 1, "node_load1", NODE));
        assertThat(result.status()).isEqualTo(Status.PARTLY_WRITTEN);
        assertThat(result.problem()).contains(row.substring(row.indexOf(' ') + 1));
        assertThat(result.samplesWritten()).isEqualTo(1);
    }

    @Test
    void version2SeriesMustKeepTheRules() {
        var request = WriteRequests.version2();
        byte[] labels = request.labels("rpc", "instance", "a");
        WriteResult result =
                write(
                        request.series(
                                        labels,
                                        WriteRequests.sampleField(t0, 1),
                                        WriteRequests.opaqueField(3))
                                .series(labels)
                                .series(new byte[] {0x0a, 1, 1}, WriteRequests.sampleField(t0, 1))
                                .series(
                                        new byte[] {0x0a, 2, 1, 99},
                                        WriteRequests.sampleField(t0, 1))
                                .sample(t0, 1, "node_load1", NODE));
        assertThat(result.status()).isEqualTo(Status.PARTLY_WRITTEN);
        assertThat(result.samplesWritten()).isEqualTo(1);
        assertThat(result.problem()).contains("must not have both samples and histograms");
        assertThat(count(RemoteWriteCounter.SAMPLES_INVALID)).isEqualTo(4);
    }

    @Test
    void symbolsMustBeginWithTheEmptyString() {
        byte[] message = WriteRequests.version2().sample(t0, 1, "node_load1", NODE).message();
        byte[] without = Arrays.copyOfRange(message, 2, message.length);
        WriteResult result = write(WriteRequests.block(without), true);
        assertThat(result.status()).isEqualTo(Status.UNDECODABLE);
        assertThat(result.problem()).contains("symbols must begin with an empty string");
    }

    @Test
    void limitsOfSeriesLabelsHostsAndSizeAreAnswers() {
        receiver =
                receiver(
                        new RemoteWriteConfig(
                                1_000,
                                2,
                                4,
                                1,
                                2,
                                1 << 20,
                                1 << 20,
                                Duration.ofSeconds(10),
                                Duration.ofMinutes(5),
                                Duration.ofMinutes(3)));
        assertThat(
                        write(
                                        WriteRequests.version1()
                                                .sample(
                                                        t0, 1, "up", "a", "1", "b", "2", "c", "3",
                                                        "d", "4"))
                                .problem())
                .contains("5 labels, at most 4");
        assertThat(write(WriteRequests.version1().sample(t0, 1, "node_load1", NODE)).problem())
                .isEmpty();
        assertThat(
                        write(WriteRequests.version1().sample(t0, 1, "node_load1", "instance", "b"))
                                .problem())
                .contains("1 hosts are known. Maybe raise");
        assertThat(write(disk(t0, "sda", 1)).problem()).isEmpty();
        assertThat(write(disk(t0, "sdb", 1)).problem()).contains("prometheus.max-series=2");
        assertThat(count(RemoteWriteCounter.SAMPLES_OVER_LIMIT)).isEqualTo(2);
        WriteResult large = write(WriteRequests.block(new byte[1_001]), false);
        assertThat(large.status()).isEqualTo(Status.TOO_LARGE);
    }

    @Test
    void damageNeverThrows() {
        byte[] good = cpu(WriteRequests.version2(), t0, 1, 2, 3).message();
        var random = new Random(11);
        for (int round = 0; round < 3_000; round++) {
            byte[] damaged = Arrays.copyOf(good, 1 + random.nextInt(good.length));
            for (int i = 0; i < 3; i++) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
            }
            receiver.write(
                    WriteRequests.block(damaged),
                    WriteRequests.block(damaged).length,
                    round % 2 == 0);
        }
        assertThat(count(RemoteWriteCounter.REQUESTS_UNDECODABLE)).isPositive();
    }

    // What the sender may rely on

    @Test
    void theSameRequestAgainIsAnsweredTheSameAndTakenOnce() {
        byte[] body = WriteRequests.version1().sample(t0, 1, "node_load1", NODE).body();
        WriteResult first = write(body, false);
        WriteResult again = write(body, false);
        assertThat(again).isSameAs(first);
        assertThat(count(RemoteWriteCounter.REQUESTS_REPEATED)).isEqualTo(1);
        assertThat(count(RemoteWriteCounter.SAMPLES_MAPPED)).isEqualTo(1);
    }

    @Test
    void whatWasConfirmedIsThereAfterARestart() throws IOException {
        write(WriteRequests.version1().sample(t0, 1, "node_load1", NODE));
        closeRound();
        write(WriteRequests.version1().sample(t0 + 15_000, 3, "node_load1", NODE));
        long frames = count(RemoteWriteCounter.FRAMES_SENT);
        ingest.close();

        JournalVerification journal = JournalVerification.of(folder);
        assertThat(journal.ok()).as("%s", journal).isTrue();
        assertThat(journal.framesAcknowledged()).isEqualTo(frames);
        ingest = openIngest();
        receiver = receiver(RemoteWriteConfig.DEFAULT);
        assertThat(last("load.one", host())).isEqualTo(3f);

        clock.advance(60_000);
        write(WriteRequests.version1().sample(t0 + 60_000, 7, "node_load1", NODE));
        closeRound();
        assertThat(last("load.one", host())).as("a new spool epoch goes on").isEqualTo(7f);
        assertThat(ingest.statistics().get(Counter.FRAMES_DUPLICATED)).isZero();
    }

    @Test
    void aHostIsOnlineWhileItsSamplesCome() {
        write(WriteRequests.version1().sample(t0, 1, "node_load1", NODE));
        closeRound();
        clock.advance(60_000);
        receiver.upkeep();
        AgentRow row = row();
        assertThat(row.name()).isEqualTo("web-1");
        assertThat(row.controlConnected()).isTrue();
        assertThat(row.lastHeartbeatMs()).isEqualTo(clock.millis());

        clock.advance(Duration.ofMinutes(10).toMillis());
        receiver.upkeep();
        assertThat(row().lastHeartbeatMs()).as("silent").isLessThan(clock.millis());
        assertThat(receiver.liveSeries()).as("forgotten").isZero();
    }

    private AgentRow row() {
        return Arrays.stream(ingest.agents())
                .filter(row -> row.agentId().equals(host()))
                .findFirst()
                .orElseThrow();
    }

    // Tools

    private WriteResult write(WriteRequests request) {
        return write(request.body(), request.message()[0] == 0x22);
    }

    private WriteResult write(byte[] body, boolean version2) {
        WriteResult result = receiver.write(body, body.length, version2);
        result.delivery().journaled().orTimeout(2, TimeUnit.MINUTES).join();
        return result;
    }

    /// Closes what waits for the rest of its scrape.
    private void closeRound() {
        receiver.flush().journaled().orTimeout(2, TimeUnit.MINUTES).join();
    }

    private static UUID host() {
        return SampleMapper.nameUuid("host", "web-1");
    }

    private long count(RemoteWriteCounter counter) {
        return receiver.counters().get(counter);
    }

    private float last(String metric, UUID entity) {
        closeTick();
        try (FleetView view = ingest.store().pin()) {
            int slot = view.slotOf(entity);
            assertThat(slot).as("slot of %s", entity).isNotNegative();
            return view.last(
                    Objects.requireNonNull(MetricCatalogue.INSTANCE.byName(metric)).id(), slot);
        }
    }

    private Entity entity(UUID uuid) {
        closeTick();
        try (FleetView view = ingest.store().pin()) {
            return Objects.requireNonNull(view.entity(view.slotOf(uuid)));
        }
    }

    /// Closes a tick after all samples so far, and waits for it.
    private void closeTick() {
        long next = ++tick + ingest.recovery().lastOrdinal();
        assertThat(ingest.closeTick(next, t0 + 120_000 + next)).isTrue();
        try {
            Long heard;
            do {
                heard = ticks.poll(2, TimeUnit.MINUTES);
                assertThat(heard).as("tick %d", next).isNotNull();
            } while (heard != next);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private final class Ticks implements IngestListener {
        @Override
        public void onTick(long number, long timeMs, boolean replaying) {
            ticks.add(number);
        }

        @Override
        public void onRecord(
                RecordType type,
                long journalIndex,
                long timeMs,
                @Nullable DirectBuffer buffer,
                int offset,
                int length,
                boolean replaying) {}
    }
}
