package io.novacron.agent.host;

import io.novacron.agent.HostSource.HostSink;
import io.novacron.wire.catalogue.Metrics;
import java.nio.file.Files;
import java.nio.file.Path;

/// Block device traffic from `/proc/diskstats`, summed over whole disks with hardware behind them.
///
/// `/sys/block` lists whole disks only, and those with a `device` are no loop, ram, md or dm
/// device: one byte written through LVM to a disk counts once. Without `/sys` the name decides.
final class DiskReader implements Reader {
    private static final int SECTOR_BYTES =
            512; // fixed by the kernel, whatever the disk's own size

    private final ProcFile file;
    private final NameFilter disks;
    private final Counter readRequests = new Counter();
    private final Counter writeRequests = new Counter();
    private final Counter readBytes = new Counter();
    private final Counter writeBytes = new Counter();
    private final Counter requests = new Counter();
    private final Counter busyMs = new Counter();
    private long previousDevices;

    DiskReader(Path proc, Path sys) {
        file = new ProcFile(proc.resolve("diskstats"), 8192);
        Path block = sys.resolve("block");
        disks =
                new NameFilter(name ->
                        Files.isDirectory(block)
                                ? Files.exists(block.resolve(name.replace('/', '!') + "/device"))
                                : isWholeDiskName(name));
    }

    @Override
    public void sample(long nowNs, HostSink sink) {
        long reads = 0;
        long sectorsRead = 0;
        long readMs = 0;
        long writes = 0;
        long sectorsWritten = 0;
        long writeMs = 0;
        long devices = 0;
        boolean any = false;
        if (file.read()) {
            for (; file.hasMore(); file.skipLine()) {
                file.nextLong(); // major
                file.nextLong(); // minor
                int length = file.skipWord(' ');
                int verdict = length == 0 ? 0 : disks.verdict(file, file.wordStart(), length);
                if ((verdict & 1) == 0) {
                    continue;
                }
                any = true;
                devices = devices * 31 + verdict;
                reads += file.nextLong();
                file.nextLong(); // merged
                sectorsRead += file.nextLong();
                readMs += file.nextLong();
                writes += file.nextLong();
                file.nextLong(); // merged
                sectorsWritten += file.nextLong();
                writeMs += file.nextLong();
            }
        }
        if (!any || devices != previousDevices) {
            forget(); // a disk that came brings its whole past along
            previousDevices = devices;
        }
        float read = readBytes.perSecond(any ? sectorsRead * SECTOR_BYTES : -1, nowNs);
        float written = writeBytes.perSecond(any ? sectorsWritten * SECTOR_BYTES : -1, nowNs);
        sink.put(Metrics.DISK_READ, read);
        sink.put(Metrics.DISK_WRITE, written);
        sink.put(Metrics.DISK_THROUGHPUT, read + written);
        sink.put(Metrics.DISK_READ_REQUESTS, readRequests.perSecond(any ? reads : -1, nowNs));
        sink.put(Metrics.DISK_WRITE_REQUESTS, writeRequests.perSecond(any ? writes : -1, nowNs));
        float completed = requests.difference(any ? reads + writes : -1);
        float spentMs = busyMs.difference(any ? readMs + writeMs : -1);
        sink.put(Metrics.DISK_LATENCY, completed > 0 ? spentMs / completed : Float.NaN);
    }

    private void forget() {
        readRequests.reset();
        writeRequests.reset();
        readBytes.reset();
        writeBytes.reset();
        requests.reset();
        busyMs.reset();
    }

    /// Only for a `/proc` without a `/sys`: partitions of disks end in a digit, those of NVMe and
    /// MMC devices in `p` and a digit.
    static boolean isWholeDiskName(String name) {
        return name.matches("(sd|hd|vd|xvd)[a-z]+|nvme\\d+n\\d+|mmcblk\\d+");
    }

    @Override
    public void close() {
        file.close();
    }
}
