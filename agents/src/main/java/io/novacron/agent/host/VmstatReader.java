package io.novacron.agent.host;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.novacron.agent.HostSource.HostSink;
import io.novacron.wire.catalogue.Metrics;
import java.nio.file.Path;

/// Major faults and swap traffic from `/proc/vmstat`.
final class VmstatReader implements Reader {
    private static final byte[] MAJOR_FAULTS = "pgmajfault ".getBytes(US_ASCII);
    private static final byte[] SWAP_IN = "pswpin ".getBytes(US_ASCII);
    private static final byte[] SWAP_OUT = "pswpout ".getBytes(US_ASCII);

    private final ProcFile file;
    private final long pageBytes;
    private final Counter majorFaults = new Counter();
    private final Counter swapped = new Counter();

    VmstatReader(Path proc, long pageBytes) {
        file = new ProcFile(proc.resolve("vmstat"), 8192);
        this.pageBytes = pageBytes;
    }

    @Override
    public void sample(long nowNs, HostSink sink) {
        long faults = -1;
        long pagesIn = -1;
        long pagesOut = -1;
        if (file.read()) {
            int found = 0;
            while (found < 3 && file.hasMore()) {
                if (file.take(MAJOR_FAULTS)) {
                    faults = file.nextLong();
                    found++;
                } else if (file.take(SWAP_IN)) {
                    pagesIn = file.nextLong();
                    found++;
                } else if (file.take(SWAP_OUT)) {
                    pagesOut = file.nextLong();
                    found++;
                }
                file.skipLine();
            }
        }
        sink.put(Metrics.MEMORY_MAJOR_FAULTS, majorFaults.perSecond(faults, nowNs));
        long pages = pagesIn < 0 || pagesOut < 0 ? -1 : pagesIn + pagesOut;
        sink.put(Metrics.SWAP_IO, swapped.perSecond(pages, nowNs) * pageBytes);
    }

    @Override
    public void close() {
        file.close();
    }
}
