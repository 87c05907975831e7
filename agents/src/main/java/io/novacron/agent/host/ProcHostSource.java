package io.novacron.agent.host;

import io.novacron.agent.HostDescription;
import io.novacron.agent.HostSource;
import io.novacron.wire.catalogue.Metrics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// A Linux host, from `/proc` and `/sys`. The roots come from configuration, so that a test brings
/// fixtures and a container the host's own.
public final class ProcHostSource implements HostSource {
    private static final int SECTOR_BYTES = 512;

    private final String name;
    private final Path sys;
    private final CpuReader cpu;
    private final MemoryReader memory;
    private final List<Reader> readers;

    public ProcHostSource(String name, Path proc, Path sys) {
        this.name = name;
        this.sys = sys;
        this.cpu = new CpuReader(proc);
        this.memory = new MemoryReader(proc);
        this.readers =
                List.of(
                        cpu,
                        memory,
                        new VmstatReader(proc, AuxiliaryVector.read(proc).pageBytes()),
                        new DiskReader(proc, sys),
                        new NetworkReader(proc, sys),
                        new PressureReader(proc, "cpu", Metrics.CPU_PRESSURE),
                        new PressureReader(proc, "memory", Metrics.MEMORY_PRESSURE),
                        new PressureReader(proc, "io", Metrics.IO_PRESSURE),
                        new LoadReader(proc));
    }

    @Override
    public HostDescription describe() {
        return new HostDescription(name, cpu.countCpus(), memory.totalBytes(), diskBytes());
    }

    @Override
    public void sample(long nowNs, HostSink sink) {
        for (int i = 0; i < readers.size(); i++) {
            readers.get(i).sample(nowNs, sink);
        }
    }

    private long diskBytes() {
        try (var disks = Files.list(sys.resolve("block"))) {
            return disks.filter(disk -> Files.exists(disk.resolve("device")))
                    .mapToLong(ProcHostSource::bytesOf)
                    .sum();
        } catch (IOException e) {
            return 0;
        }
    }

    private static long bytesOf(Path disk) {
        try {
            return Long.parseLong(Files.readString(disk.resolve("size")).strip()) * SECTOR_BYTES;
        } catch (IOException | NumberFormatException e) {
            return 0;
        }
    }

    @Override
    public void close() {
        readers.forEach(Reader::close);
    }
}
