package io.novacron.agent.simulation;

import io.novacron.agent.HostSource.HostSink;
import io.novacron.agent.SampleSink;
import io.novacron.wire.catalogue.Metrics;
import java.util.Arrays;
import java.util.List;

/// What a host and its vms do over one interval: the mean of a few moments in it.
///
/// CPU is shared out in proportion when vms want more than the host has: a vm then gets less than
/// it wants and shows the rest as steal. Memory beyond a vm's size is swapped. A disk that is
/// hammered is slow for everyone on the host. Owned by one thread; used again for each interval.
final class HostLoad {
    private static final double OWN_CORES = 0.25; // the host's own system
    private static final double OWN_BYTES = 3e9;
    private static final double DISK_LIMIT = 600e6; // bytes a second at which latency has doubled
    private static final double REQUEST_BYTES = 32 * 1024;
    private static final double PACKET_BYTES = 850;
    private static final double SWAP_SECONDS = 120; // in which overcommitted memory goes out and in
    private static final double PAGE_BYTES = 4096;

    private final SimulatedHost host;
    private List<SimulatedFleet.Placed> placed = List.of();
    private double[] cores = new double[0];
    private double[] stolen = new double[0];
    private double[] memory = new double[0];
    private double[] swapped = new double[0];
    private double[] disk = new double[0];
    private double[] network = new double[0];
    private double[] wanted = new double[0];
    private double runnable;
    private double pressure;
    private double peakDisk;
    private int moments;

    HostLoad(SimulatedHost host) {
        this.host = host;
    }

    /// Computes the interval that ends at a time.
    void compute(List<SimulatedFleet.Placed> vms, long endMs, long intervalMs, int momentCount) {
        begin(vms);
        for (int i = 0; i < momentCount; i++) {
            addMoment(endMs - intervalMs * (2L * i + 1) / (2L * momentCount));
        }
    }

    private void begin(List<SimulatedFleet.Placed> vms) {
        placed = vms;
        int count = vms.size();
        cores = cleared(cores, count);
        stolen = cleared(stolen, count);
        memory = cleared(memory, count);
        swapped = cleared(swapped, count);
        disk = cleared(disk, count);
        network = cleared(network, count);
        wanted = cleared(wanted, count);
        runnable = 0;
        pressure = 0;
        peakDisk = 0;
        moments = 0;
    }

    private static double[] cleared(double[] array, int length) {
        if (array.length < length) {
            return new double[length];
        }
        Arrays.fill(array, 0);
        return array;
    }

    private void addMoment(long timeMs) {
        double total = OWN_CORES;
        for (int i = 0; i < placed.size(); i++) {
            var vm = placed.get(i);
            double demand = vm.vm().workload.cores(timeMs);
            wanted[i] = Math.min(vm.vcpus(), demand);
            total += wanted[i];
            runnable += Math.min(2.0 * vm.vcpus(), demand);
        }
        double share = Math.min(1, host.cores() / total);
        double diskTotal = 0;
        for (int i = 0; i < placed.size(); i++) {
            var vm = placed.get(i);
            Workload workload = vm.vm().workload;
            double got = wanted[i] * share;
            double done = got / workload.peakCores();
            cores[i] += got;
            stolen[i] += wanted[i] - got;
            double needs = workload.memory(timeMs);
            memory[i] += Math.min(needs, vm.memoryBytes() * 0.985);
            swapped[i] += Math.max(0, needs - vm.memoryBytes() * 0.97) / SWAP_SECONDS;
            double bytes = workload.disk(timeMs, done);
            disk[i] += bytes;
            diskTotal += bytes;
            network[i] += workload.network(timeMs, done);
        }
        double ratio = total / host.cores();
        pressure += 100 * Math.clamp((ratio - 0.7) / 0.5, 0, 1) * Math.min(1, ratio);
        peakDisk = Math.max(peakDisk, diskTotal);
        moments++;
    }

    private float percent(double part, double whole) {
        return (float) Math.clamp(100 * part / whole / moments, 0, 100);
    }

    private float mean(double sum) {
        return (float) (sum / moments);
    }

    private float latencyMs(double bytesPerSecond) {
        double crowd = peakDisk / DISK_LIMIT;
        return (float) ((0.4 + bytesPerSecond / 4e8) * (1 + crowd * crowd * 4));
    }

    /// Puts the vms' samples: those that are forecast, or all.
    void putVms(SampleSink sink, boolean all) {
        for (int i = 0; i < placed.size(); i++) {
            var vm = placed.get(i);
            var uuid = vm.vm().uuid;
            sink.put(uuid, Metrics.CPU_USAGE, percent(cores[i], vm.vcpus()));
            sink.put(uuid, Metrics.MEMORY_USAGE, percent(memory[i], vm.memoryBytes()));
            sink.put(uuid, Metrics.DISK_THROUGHPUT, mean(disk[i]));
            sink.put(uuid, Metrics.NETWORK_THROUGHPUT, mean(network[i]));
            if (all) {
                sink.put(uuid, Metrics.CPU_STEAL, percent(stolen[i], vm.vcpus()));
                sink.put(uuid, Metrics.MEMORY_USED, mean(memory[i]));
                sink.put(
                        uuid, Metrics.MEMORY_MAJOR_FAULTS, (float) (mean(swapped[i]) / PAGE_BYTES));
                sink.put(uuid, Metrics.SWAP_IO, mean(swapped[i]));
                double bytes = disk[i] / moments;
                sink.put(uuid, Metrics.DISK_READ, (float) (0.4 * bytes));
                sink.put(uuid, Metrics.DISK_WRITE, (float) (0.6 * bytes));
                sink.put(uuid, Metrics.DISK_READ_REQUESTS, (float) (0.4 * bytes / REQUEST_BYTES));
                sink.put(uuid, Metrics.DISK_WRITE_REQUESTS, (float) (0.6 * bytes / REQUEST_BYTES));
                sink.put(uuid, Metrics.DISK_LATENCY, latencyMs(bytes));
                double traffic = network[i] / moments;
                sink.put(uuid, Metrics.NETWORK_RECEIVE, (float) (0.35 * traffic));
                sink.put(uuid, Metrics.NETWORK_TRANSMIT, (float) (0.65 * traffic));
                sink.put(uuid, Metrics.NETWORK_PACKETS, (float) (traffic / PACKET_BYTES));
                sink.put(uuid, Metrics.NETWORK_ERRORS, 0);
            }
        }
    }

    /// Puts the host's samples: those that are forecast, or all.
    void putHost(HostSink sink, boolean all) {
        double usedCores = OWN_CORES * moments + sum(cores);
        double usedBytes =
                Math.min(OWN_BYTES * moments + sum(memory), 0.99 * host.memoryBytes() * moments);
        float diskBytes = mean(sum(disk));
        float networkBytes = mean(sum(network));
        sink.put(Metrics.CPU_USAGE, percent(usedCores, host.cores()));
        sink.put(Metrics.MEMORY_USAGE, percent(usedBytes, host.memoryBytes()));
        sink.put(Metrics.DISK_THROUGHPUT, diskBytes);
        sink.put(Metrics.NETWORK_THROUGHPUT, networkBytes);
        if (all) {
            float swap = mean(sum(swapped));
            float crowd = (float) Math.min(1, peakDisk / DISK_LIMIT);
            float memoryShare = percent(usedBytes, host.memoryBytes());
            sink.put(Metrics.CPU_STEAL, 0);
            sink.put(Metrics.CPU_IOWAIT, 8 * crowd);
            sink.put(Metrics.MEMORY_USED, mean(usedBytes));
            sink.put(Metrics.MEMORY_MAJOR_FAULTS, (float) (swap / PAGE_BYTES));
            sink.put(Metrics.SWAP_IO, swap);
            sink.put(Metrics.DISK_READ, 0.4f * diskBytes);
            sink.put(Metrics.DISK_WRITE, 0.6f * diskBytes);
            sink.put(Metrics.DISK_READ_REQUESTS, (float) (0.4 * diskBytes / REQUEST_BYTES));
            sink.put(Metrics.DISK_WRITE_REQUESTS, (float) (0.6 * diskBytes / REQUEST_BYTES));
            sink.put(Metrics.DISK_LATENCY, latencyMs(diskBytes / 8));
            sink.put(Metrics.NETWORK_RECEIVE, 0.35f * networkBytes);
            sink.put(Metrics.NETWORK_TRANSMIT, 0.65f * networkBytes);
            sink.put(Metrics.NETWORK_PACKETS, (float) (networkBytes / PACKET_BYTES));
            sink.put(Metrics.NETWORK_ERRORS, 0);
            sink.put(Metrics.CPU_PRESSURE, mean(pressure));
            sink.put(Metrics.MEMORY_PRESSURE, Math.max(0, (memoryShare - 92) * 6));
            sink.put(Metrics.IO_PRESSURE, 60 * crowd * crowd);
            sink.put(Metrics.LOAD_ONE, mean(runnable));
        }
    }

    private double sum(double[] values) {
        double sum = 0;
        for (int i = 0; i < placed.size(); i++) {
            sum += values[i];
        }
        return sum;
    }
}
