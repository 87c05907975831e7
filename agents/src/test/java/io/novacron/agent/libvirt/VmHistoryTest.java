package io.novacron.agent.libvirt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.novacron.wire.catalogue.Metrics;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class VmHistoryTest {
    private static final UUID VM = new UUID(1, 2);
    private static final long SECOND = Duration.ofSeconds(1).toNanos();
    private static final long START = Long.MAX_VALUE - 5 * SECOND; // time wraps within each test

    private final VmHistory history = new VmHistory(VM);
    private final Map<Integer, Float> samples = new HashMap<>();
    private final Map<String, Long> row =
            new HashMap<>(
                    Map.ofEntries(
                            Map.entry("state.state", 1L),
                            Map.entry("vcpu.current", 2L),
                            Map.entry("vcpu.maximum", 4L),
                            Map.entry("vcpu.0.time", 0L),
                            Map.entry("vcpu.3.time", 0L),
                            Map.entry("vcpu.0.delay", 0L),
                            Map.entry("vcpu.3.delay", 0L),
                            Map.entry("block.count", 2L),
                            Map.entry("net.count", 1L),
                            Map.entry("balloon.current", 4096L),
                            Map.entry("balloon.rss", 1024L),
                            Map.entry("balloon.available", 4000L),
                            Map.entry("balloon.usable", 1000L),
                            Map.entry("balloon.last-update", 77L)));

    VmHistoryTest() {
        for (int disk = 0; disk < 2; disk++) {
            for (var counter : new String[] {"bytes", "reqs", "times"}) {
                row.put("block." + disk + ".rd." + counter, 0L);
                row.put("block." + disk + ".wr." + counter, 0L);
            }
        }
        for (var counter : new String[] {"bytes", "pkts", "errs", "drop"}) {
            row.put("net.0.rx." + counter, 0L);
            row.put("net.0.tx." + counter, 0L);
        }
    }

    @Test
    void ratesAreGrowthOverMonotonicTimeSummedOverDevices() {
        read(0, false);
        row.put("block.0.rd.bytes", 1000L);
        row.put("block.1.rd.bytes", 3000L);
        row.put("block.1.wr.bytes", 8000L);
        row.put("block.0.rd.reqs", 3L);
        row.put("block.1.wr.reqs", 1L);
        row.put("block.0.rd.times", 6_000_000L);
        row.put("block.1.wr.times", 2_000_000L);
        row.put("net.0.tx.bytes", 50L);
        row.put("net.0.tx.pkts", 5L);
        row.put("net.0.rx.drop", 1L);
        read(10, false);

        assertThat(samples)
                .containsEntry(Metrics.DISK_READ, 400f)
                .containsEntry(Metrics.DISK_WRITE, 800f)
                .containsEntry(Metrics.DISK_THROUGHPUT, 1200f)
                .containsEntry(Metrics.DISK_READ_REQUESTS, 0.3f)
                .containsEntry(Metrics.DISK_WRITE_REQUESTS, 0.1f)
                .containsEntry(Metrics.DISK_LATENCY, 2f)
                .containsEntry(Metrics.NETWORK_TRANSMIT, 5f)
                .containsEntry(Metrics.NETWORK_RECEIVE, 0f)
                .containsEntry(Metrics.NETWORK_THROUGHPUT, 5f)
                .containsEntry(Metrics.NETWORK_PACKETS, 0.5f)
                .containsEntry(Metrics.NETWORK_ERRORS, 0.1f);
    }

    @Test
    void aCounterThatWentDownGivesNoSample() {
        row.put("net.0.rx.bytes", 100L);
        read(0, false);
        row.put("net.0.rx.bytes", 40L);
        row.put("net.0.tx.bytes", 40L);
        read(10, false);

        assertThat(samples)
                .doesNotContainKey(Metrics.NETWORK_RECEIVE)
                .doesNotContainKey(Metrics.NETWORK_THROUGHPUT)
                .containsEntry(Metrics.NETWORK_TRANSMIT, 4f);
    }

    @Test
    void aDeviceWithoutNumbersMakesTheSumMissing() {
        read(0, false);
        row.remove("block.1.wr.bytes");
        read(10, false);

        assertThat(samples).containsKey(Metrics.DISK_READ).doesNotContainKey(Metrics.DISK_WRITE);
    }

    @Test
    void noRequestsIsNoLatencyRatherThanZero() {
        read(0, false);
        read(10, false);

        assertThat(samples)
                .containsEntry(Metrics.DISK_READ, 0f)
                .doesNotContainKey(Metrics.DISK_LATENCY);
    }

    @Test
    void cpuIsAShareOfTheCurrentVcpusUnlessTheProcessIsKnown() {
        read(0, false);
        row.put("vcpu.3.time", 5 * SECOND);
        row.put("vcpu.0.delay", SECOND);
        read(10, false);
        assertThat(samples)
                .containsEntry(Metrics.CPU_USAGE, 25f)
                .containsEntry(Metrics.CPU_STEAL, 5f);
        assertThat(samples).containsEntry(Metrics.MEMORY_USED, 1024f * 1024);

        read(20, true);
        assertThat(samples)
                .doesNotContainKeys(Metrics.CPU_USAGE, Metrics.CPU_STEAL, Metrics.MEMORY_USED);
    }

    @Test
    void memoryIsTheGuestsOwnWordWhileItIsFresh() {
        read(0, false);
        assertThat(samples).containsEntry(Metrics.MEMORY_USAGE, 75f);

        read(61, false);
        assertThat(samples.get(Metrics.MEMORY_USAGE))
                .as("the guest has not reported for a minute: resident set of the balloon's size")
                .isCloseTo(25f, within(0.01f));

        row.put("balloon.last-update", 138L);
        read(62, false);
        assertThat(samples).containsEntry(Metrics.MEMORY_USAGE, 75f);
    }

    @Test
    void aStoppedVmForgetsItsCounters() {
        read(0, false);
        row.put("state.state", 5L);
        read(10, false);
        assertThat(samples).isEmpty();

        row.put("state.state", 1L);
        read(20, false);
        assertThat(samples)
                .as("the first row after a start is a baseline")
                .doesNotContainKey(Metrics.DISK_READ);
    }

    private void read(long seconds, boolean processKnown) {
        samples.clear();
        history.onRow(
                new DomainStats(VM, "vm", Map.copyOf(row)),
                START + seconds * SECOND,
                processKnown,
                (_, metric, value) -> samples.put(metric, value));
    }
}
