package io.novacron.agent.host;

import io.novacron.agent.HostSource.HostSink;
import io.novacron.wire.catalogue.Metrics;
import java.nio.file.Path;

/// The load average over one minute, from `/proc/loadavg`.
final class LoadReader implements Reader {
    private final ProcFile file;

    LoadReader(Path proc) {
        file = new ProcFile(proc.resolve("loadavg"), 128);
    }

    @Override
    public void sample(long nowNs, HostSink sink) {
        sink.put(Metrics.LOAD_ONE, file.readStart() ? (float) file.nextDouble() : Float.NaN);
    }

    @Override
    public void close() {
        file.close();
    }
}
