package io.novacron.agent.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.novacron.agent.HostDescription;
import io.novacron.wire.catalogue.Metrics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Reads a `/proc` and `/sys` made of files in their kernel's own format.
class ProcHostSourceTest {
    private static final long SECOND = 1_000_000_000L;

    @TempDir private Path root = Path.of("");
    private Path proc = root;
    private Path sys = root;

    @BeforeEach
    void layOut() throws IOException {
        proc = root.resolve("proc");
        sys = root.resolve("sys");
        stat(1_000, 0, 9_000, 0, 0);
        write(
                "meminfo",
                "MemTotal:       1000 kB\nMemFree:         100 kB\nMemAvailable:    250 kB\n");
        vmstat(10, 100, 200);
        diskstats(100, 2_000, 50, 200, 4_000, 100);
        netDev(1_000, 10, 5_000, 20, 0);
        pressure("cpu", 1_000_000);
        pressure("memory", 0);
        pressure("io", 0);
        write("loadavg", "1.25 0.75 0.5 2/300 12345\n");
        Files.createDirectories(sys.resolve("block/sda/device"));
        Files.writeString(sys.resolve("block/sda/size"), "2048\n");
        Files.createDirectories(sys.resolve("block/dm-0"));
        Files.createDirectories(sys.resolve("block/loop0"));
        Files.createDirectories(sys.resolve("class/net/eth0/device"));
        Files.createDirectories(sys.resolve("class/net/vnet0"));
    }

    private void write(String name, String text) throws IOException {
        Path file = proc.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private void stat(long user, long iowait, long idle, long steal, long guest)
            throws IOException {
        String cpu = "%d 0 0 %d %d 0 0 %d %d 0".formatted(user, idle, iowait, steal, guest);
        write("stat", "cpu  " + cpu + "\ncpu0 " + cpu + "\ncpu1 " + cpu + "\nintr 1 2 3\nctxt 4\n");
    }

    private void vmstat(long faults, long in, long out) throws IOException {
        write(
                "vmstat",
                "nr_free_pages 5\npswpin %d\npswpout %d\npgmajfault %d\npgmajfault_x 9\n"
                        .formatted(in, out, faults));
    }

    private void diskstats(
            long reads,
            long sectorsRead,
            long readMs,
            long writes,
            long sectorsWritten,
            long writeMs)
            throws IOException {
        String sda =
                "%d 7 %d %d %d 8 %d %d 0 30 40"
                        .formatted(reads, sectorsRead, readMs, writes, sectorsWritten, writeMs);
        write(
                "diskstats",
                ("   7       0 loop0 9 9 999999 9 9 9 999999 9 0 9 9\n"
                                + "   8       0 sda %s\n   8       1 sda1 %s\n 253       0 dm-0 %s\n")
                        .formatted(sda, sda, sda));
    }

    private void netDev(long rxBytes, long rxPackets, long txBytes, long txPackets, long errors)
            throws IOException {
        String row =
                "%d %d %d 0 0 0 0 0 %d %d 0 0 0 0 0 0"
                        .formatted(rxBytes, rxPackets, errors, txBytes, txPackets);
        write(
                "net/dev",
                "Inter-|   Receive\n face |bytes\n    lo: %s\n  eth0:%s\n vnet0: %s\n"
                        .formatted(row, row, row));
    }

    private void pressure(String resource, long totalUs) throws IOException {
        write(
                "pressure/" + resource,
                ("some avg10=46.16 avg60=36.24 avg300=16.39 total=%d\n"
                                + "full avg10=0.00 avg60=0.00 avg300=0.00 total=777\n")
                        .formatted(totalUs));
    }

    private static Map<Integer, Float> sample(ProcHostSource host, long nowNs) {
        var samples = new TreeMap<Integer, Float>();
        host.sample(
                nowNs,
                (metric, value) -> {
                    if (!Float.isNaN(value)) {
                        samples.put(metric, value);
                    }
                });
        return samples;
    }

    @Test
    void describesItself() {
        try (var host = new ProcHostSource("box", proc, sys)) {
            assertThat(host.describe())
                    .isEqualTo(new HostDescription("box", 2, 1000 * 1024, 2048 * 512));
        }
    }

    @Test
    void givesNoRateAtFirst() {
        try (var host = new ProcHostSource("box", proc, sys)) {
            assertThat(sample(host, 0))
                    .containsOnlyKeys(Metrics.MEMORY_USAGE, Metrics.MEMORY_USED, Metrics.LOAD_ONE)
                    .containsEntry(Metrics.MEMORY_USAGE, 75f)
                    .containsEntry(Metrics.MEMORY_USED, 750f * 1024)
                    .containsEntry(Metrics.LOAD_ONE, 1.25f);
        }
    }

    @Test
    void measuresEveryMetricOfHostsOverAnInterval() throws IOException {
        try (var host = new ProcHostSource("box", proc, sys)) {
            sample(host, Long.MAX_VALUE - SECOND); // the clock wraps inside the interval
            stat(1_250, 100, 9_550, 100, 50);
            vmstat(30, 150, 250);
            diskstats(110, 2_020, 75, 230, 4_100, 175);
            netDev(3_000, 30, 9_000, 60, 4);
            pressure("cpu", 1_500_000);
            pressure("io", 20_000);

            Map<Integer, Float> samples = sample(host, Long.MAX_VALUE + SECOND);

            assertThat(samples.get(Metrics.CPU_USAGE)).isEqualTo(25f);
            assertThat(samples.get(Metrics.CPU_IOWAIT)).isEqualTo(10f);
            assertThat(samples.get(Metrics.CPU_STEAL)).isEqualTo(10f);
            assertThat(samples.get(Metrics.MEMORY_MAJOR_FAULTS)).isEqualTo(10f);
            assertThat(samples.get(Metrics.SWAP_IO)).isEqualTo(50f * 4096);
            assertThat(samples.get(Metrics.DISK_READ)).isEqualTo(10f * 512);
            assertThat(samples.get(Metrics.DISK_WRITE)).isEqualTo(50f * 512);
            assertThat(samples.get(Metrics.DISK_THROUGHPUT)).isEqualTo(60f * 512);
            assertThat(samples.get(Metrics.DISK_READ_REQUESTS)).isEqualTo(5f);
            assertThat(samples.get(Metrics.DISK_WRITE_REQUESTS)).isEqualTo(15f);
            assertThat(samples.get(Metrics.DISK_LATENCY)).isEqualTo(2.5f);
            assertThat(samples.get(Metrics.NETWORK_RECEIVE)).isEqualTo(1_000f);
            assertThat(samples.get(Metrics.NETWORK_TRANSMIT)).isEqualTo(2_000f);
            assertThat(samples.get(Metrics.NETWORK_THROUGHPUT)).isEqualTo(3_000f);
            assertThat(samples.get(Metrics.NETWORK_PACKETS)).isEqualTo(30f);
            assertThat(samples.get(Metrics.NETWORK_ERRORS)).isEqualTo(2f);
            assertThat(samples.get(Metrics.CPU_PRESSURE)).isCloseTo(25f, within(0.001f));
            assertThat(samples.get(Metrics.MEMORY_PRESSURE)).isZero();
            assertThat(samples.get(Metrics.IO_PRESSURE)).isCloseTo(1f, within(0.001f));
        }
    }

    @Test
    void givesNoSampleWhenACounterWentBackwards() throws IOException {
        try (var host = new ProcHostSource("box", proc, sys)) {
            sample(host, 0);
            netDev(10, 1, 10, 1, 0);
            diskstats(1, 1, 1, 1, 1, 1);
            stat(0, 0, 100, 0, 0);

            assertThat(sample(host, SECOND))
                    .doesNotContainKeys(
                            Metrics.CPU_USAGE,
                            Metrics.DISK_READ,
                            Metrics.DISK_THROUGHPUT,
                            Metrics.DISK_LATENCY,
                            Metrics.NETWORK_RECEIVE,
                            Metrics.NETWORK_THROUGHPUT);

            netDev(1_010, 2, 10, 1, 0);
            assertThat(sample(host, 2 * SECOND))
                    .as("and goes on from there")
                    .containsEntry(Metrics.NETWORK_RECEIVE, 1_000f);
        }
    }

    @Test
    void givesNoSampleOfFilesThatAreMissing() throws IOException {
        for (String name : new String[] {"pressure/cpu", "diskstats", "meminfo", "stat"}) {
            Files.delete(proc.resolve(name));
        }
        try (var host = new ProcHostSource("box", proc, sys)) {
            sample(host, 0);

            assertThat(sample(host, SECOND))
                    .containsKeys(Metrics.NETWORK_RECEIVE, Metrics.IO_PRESSURE)
                    .doesNotContainKeys(
                            Metrics.CPU_PRESSURE,
                            Metrics.CPU_USAGE,
                            Metrics.DISK_READ,
                            Metrics.MEMORY_USAGE);
            assertThat(host.describe().cpus()).isZero();
        }
    }

    @Test
    void measuresAFileThatComesLater() throws IOException {
        Files.delete(proc.resolve("pressure/cpu"));
        try (var host = new ProcHostSource("box", proc, sys)) {
            sample(host, 0);
            pressure("cpu", 0);
            sample(host, SECOND);
            pressure("cpu", 100_000);

            assertThat(sample(host, 2 * SECOND).get(Metrics.CPU_PRESSURE))
                    .isCloseTo(10f, within(0.001f));
        }
    }

    @Test
    void doesNotTakeTheWholePastOfADiskThatCame() throws IOException {
        Files.delete(sys.resolve("block/sda/device"));
        write("diskstats", "   8       0 sdb 1 0 8 1 1 0 8 1 0 1 1\n");
        Files.createDirectories(sys.resolve("block/sdb/device"));
        try (var host = new ProcHostSource("box", proc, sys)) {
            sample(host, 0);
            Files.createDirectories(sys.resolve("block/sdc/device"));
            write(
                    "diskstats",
                    "   8       0 sdb 1 0 8 1 1 0 8 1 0 1 1\n"
                            + "   8      16 sdc 1 0 8000000 1 1 0 8 1 0 1 1\n");

            assertThat(sample(host, SECOND)).doesNotContainKey(Metrics.DISK_READ);
            assertThat(sample(host, 2 * SECOND)).containsEntry(Metrics.DISK_READ, 0f);
        }
    }

    @Test
    void readsThisMachine() {
        Path real = Path.of("/proc");
        try (var host = new ProcHostSource("here", real, Path.of("/sys"));
                var self = new SelfMeter(real)) {
            assertThat(host.describe().cpus()).isPositive();
            assertThat(host.describe().memoryBytes()).isPositive();
            assertThat(sample(host, 0)).containsKey(Metrics.MEMORY_USAGE);
            assertThat(self.cpuNs()).isPositive();
            assertThat(self.rssBytes()).isBetween(1L << 20, 1L << 40);
        }
    }

    @Test
    void knowsWholeDisksByNameWhereThereIsNoSys() {
        assertThat(new String[] {"sda", "vdb", "nvme0n1", "mmcblk0", "xvda"})
                .allMatch(DiskReader::isWholeDiskName);
        assertThat(new String[] {"sda1", "nvme0n1p2", "loop0", "ram1", "dm-0", "md127", "zram0"})
                .noneMatch(DiskReader::isWholeDiskName);
    }
}
