package io.novacron.agent.libvirt;

import static io.novacron.agent.libvirt.DomainStats.MISSING;

import io.novacron.agent.SampleSink;
import io.novacron.wire.catalogue.Metrics;
import java.time.Duration;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// The slow path's memory of one vm: turns two successive rows of bulk statistics into samples.
///
/// A counter that went down (the guest was restarted, a device replaced) gives no sample, and
/// neither does one that either row lacks. One thread owns it.
final class VmHistory {
    private static final double NS_PER_SECOND = 1e9;
    private static final double NS_PER_MS = 1e6;
    private static final long BALLOON_STALE_NS = Duration.ofSeconds(60).toNanos();

    private final UUID vm;
    private @Nullable DomainStats previous;
    private long previousNs;
    private long balloonUpdate = MISSING;
    private long balloonUpdateSeenNs;

    VmHistory(UUID vm) {
        this.vm = vm;
    }

    /// Takes a new row and puts what follows from it and the one before.
    ///
    /// @param processKnown the fast path reads CPU, delay and resident set of this vm
    void onRow(DomainStats row, long nowNs, boolean processKnown, SampleSink sink) {
        if (!row.active()) {
            previous = null;
            return;
        }
        putMemory(row, nowNs, processKnown, sink);
        var before = previous;
        double seconds = (nowNs - previousNs) / NS_PER_SECOND;
        if (before != null && seconds > 0) {
            putDisk(before, row, seconds, sink);
            putNetwork(before, row, seconds, sink);
            putFaults(before, row, seconds, sink);
            if (!processKnown) {
                putCpu(before, row, seconds, sink);
            }
        }
        previous = row;
        previousNs = nowNs;
    }

    private void putMemory(DomainStats row, long nowNs, boolean processKnown, SampleSink sink) {
        long resident = row.get("balloon.rss");
        if (!processKnown && resident != MISSING) {
            sink.put(vm, Metrics.MEMORY_USED, resident * 1024f);
        }
        long available = row.get("balloon.available");
        long free =
                row.has("balloon.usable") ? row.get("balloon.usable") : row.get("balloon.unused");
        if (balloonIsFresh(row, nowNs) && available > 0 && free != MISSING) {
            sink.put(vm, Metrics.MEMORY_USAGE, percent(available - free, available));
        } else if (resident != MISSING && row.get("balloon.current") > 0) {
            // No driver in the guest reports: what the host gave it is the best there is.
            sink.put(vm, Metrics.MEMORY_USAGE, percent(resident, row.get("balloon.current")));
        }
    }

    /// Whether the guest reported lately. Libvirt repeats the last report for ever.
    private boolean balloonIsFresh(DomainStats row, long nowNs) {
        long update = row.get("balloon.last-update");
        if (update == MISSING || update == 0) {
            return false;
        }
        if (update != balloonUpdate) {
            balloonUpdate = update;
            balloonUpdateSeenNs = nowNs;
        }
        return nowNs - balloonUpdateSeenNs < BALLOON_STALE_NS;
    }

    private void putDisk(DomainStats before, DomainStats row, double seconds, SampleSink sink) {
        long read = growth(before.sum("block", "rd.bytes"), row.sum("block", "rd.bytes"));
        long written = growth(before.sum("block", "wr.bytes"), row.sum("block", "wr.bytes"));
        long reads = growth(before.sum("block", "rd.reqs"), row.sum("block", "rd.reqs"));
        long writes = growth(before.sum("block", "wr.reqs"), row.sum("block", "wr.reqs"));
        long readNs = growth(before.sum("block", "rd.times"), row.sum("block", "rd.times"));
        long writeNs = growth(before.sum("block", "wr.times"), row.sum("block", "wr.times"));
        putRate(sink, Metrics.DISK_READ, read, seconds);
        putRate(sink, Metrics.DISK_WRITE, written, seconds);
        putRate(sink, Metrics.DISK_THROUGHPUT, both(read, written), seconds);
        putRate(sink, Metrics.DISK_READ_REQUESTS, reads, seconds);
        putRate(sink, Metrics.DISK_WRITE_REQUESTS, writes, seconds);
        long requests = both(reads, writes);
        long busyNs = both(readNs, writeNs);
        if (requests > 0 && busyNs != MISSING) { // no request, no latency: that is not zero
            sink.put(vm, Metrics.DISK_LATENCY, (float) (busyNs / NS_PER_MS / requests));
        }
    }

    private void putNetwork(DomainStats before, DomainStats row, double seconds, SampleSink sink) {
        long received = growth(before.sum("net", "rx.bytes"), row.sum("net", "rx.bytes"));
        long sent = growth(before.sum("net", "tx.bytes"), row.sum("net", "tx.bytes"));
        long packets =
                both(
                        growth(before.sum("net", "rx.pkts"), row.sum("net", "rx.pkts")),
                        growth(before.sum("net", "tx.pkts"), row.sum("net", "tx.pkts")));
        long errors =
                both(
                        both(
                                growth(before.sum("net", "rx.errs"), row.sum("net", "rx.errs")),
                                growth(before.sum("net", "tx.errs"), row.sum("net", "tx.errs"))),
                        both(
                                growth(before.sum("net", "rx.drop"), row.sum("net", "rx.drop")),
                                growth(before.sum("net", "tx.drop"), row.sum("net", "tx.drop"))));
        putRate(sink, Metrics.NETWORK_RECEIVE, received, seconds);
        putRate(sink, Metrics.NETWORK_TRANSMIT, sent, seconds);
        putRate(sink, Metrics.NETWORK_THROUGHPUT, both(received, sent), seconds);
        putRate(sink, Metrics.NETWORK_PACKETS, packets, seconds);
        putRate(sink, Metrics.NETWORK_ERRORS, errors, seconds);
    }

    private void putFaults(DomainStats before, DomainStats row, double seconds, SampleSink sink) {
        long faults = growth(before.get("balloon.major_fault"), row.get("balloon.major_fault"));
        long swapped =
                both(
                        growth(before.get("balloon.swap_in"), row.get("balloon.swap_in")),
                        growth(before.get("balloon.swap_out"), row.get("balloon.swap_out")));
        putRate(sink, Metrics.MEMORY_MAJOR_FAULTS, faults, seconds);
        putRate(sink, Metrics.SWAP_IO, swapped == MISSING ? MISSING : swapped << 10, seconds);
    }

    /// Only while the guest's process is not found; libvirt's own times are coarse.
    private void putCpu(DomainStats before, DomainStats row, double seconds, SampleSink sink) {
        long vcpus = row.get("vcpu.current");
        if (vcpus <= 0 || vcpus != before.get("vcpu.current")) {
            return;
        }
        double capacityNs = seconds * NS_PER_SECOND * vcpus;
        long used = growth(before.sumVcpus("time"), row.sumVcpus("time"));
        if (used != MISSING) {
            sink.put(vm, Metrics.CPU_USAGE, percent(used, capacityNs));
        }
        long delayed = growth(before.sumVcpus("delay"), row.sumVcpus("delay"));
        if (delayed != MISSING) {
            sink.put(vm, Metrics.CPU_STEAL, percent(delayed, capacityNs));
        }
    }

    private void putRate(SampleSink sink, int metricId, long growth, double seconds) {
        if (growth != MISSING) {
            sink.put(vm, metricId, (float) (growth / seconds));
        }
    }

    private static long growth(long before, long now) {
        return before == MISSING || now == MISSING || now < before ? MISSING : now - before;
    }

    private static long both(long one, long other) {
        return one == MISSING || other == MISSING ? MISSING : one + other;
    }

    /// A share within 0 and 100: readings of two clocks never divide exactly.
    static float percent(double part, double whole) {
        return (float) Math.clamp(100 * part / whole, 0, 100);
    }
}
