package io.novacron.agent.host;

import io.novacron.agent.HostSource.HostSink;
import io.novacron.wire.catalogue.Metrics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Network traffic from `/proc/net/dev`, summed over the interfaces with hardware behind them, so
/// that a guest's packet which crosses a tap, a bridge and a card counts once. Where no interface
/// has hardware (a container), all but the loopback count.
final class NetworkReader implements Reader {
    private final ProcFile file;
    private final NameFilter interfaces;
    private final Counter receivedBytes = new Counter();
    private final Counter transmittedBytes = new Counter();
    private final Counter packets = new Counter();
    private final Counter errors = new Counter();
    private long previousInterfaces;

    NetworkReader(Path proc, Path sys) {
        file = new ProcFile(proc.resolve("net/dev"), 4096);
        Path net = sys.resolve("class/net");
        interfaces =
                new NameFilter(name ->
                        !name.equals("lo")
                                && (Files.exists(net.resolve(name + "/device"))
                                        || !anyHardware(net)));
    }

    @Override
    public void sample(long nowNs, HostSink sink) {
        long received = 0;
        long transmitted = 0;
        long packetCount = 0;
        long errorCount = 0;
        long counted = 0;
        boolean any = false;
        if (file.read()) {
            file.skipLine();
            file.skipLine();
            for (; file.hasMore(); file.skipLine()) {
                int length = file.skipWord(':');
                int verdict = length == 0 ? 0 : interfaces.verdict(file, file.wordStart(), length);
                if ((verdict & 1) == 0) {
                    continue;
                }
                any = true;
                counted = counted * 31 + verdict;
                file.skipByte(); // the colon
                received += file.nextLong();
                packetCount += file.nextLong();
                errorCount += file.nextLong();
                errorCount += file.nextLong(); // dropped
                file.nextLong(); // fifo
                file.nextLong(); // frame
                file.nextLong(); // compressed
                file.nextLong(); // multicast
                transmitted += file.nextLong();
                packetCount += file.nextLong();
                errorCount += file.nextLong();
                errorCount += file.nextLong(); // dropped
            }
        }
        if (!any || counted != previousInterfaces) {
            receivedBytes.reset();
            transmittedBytes.reset();
            packets.reset();
            errors.reset();
            previousInterfaces = counted;
        }
        float receive = receivedBytes.perSecond(any ? received : -1, nowNs);
        float transmit = transmittedBytes.perSecond(any ? transmitted : -1, nowNs);
        sink.put(Metrics.NETWORK_RECEIVE, receive);
        sink.put(Metrics.NETWORK_TRANSMIT, transmit);
        sink.put(Metrics.NETWORK_THROUGHPUT, receive + transmit);
        sink.put(Metrics.NETWORK_PACKETS, packets.perSecond(any ? packetCount : -1, nowNs));
        sink.put(Metrics.NETWORK_ERRORS, errors.perSecond(any ? errorCount : -1, nowNs));
    }

    private static boolean anyHardware(Path net) {
        try (var names = Files.list(net)) {
            return names.anyMatch(name -> Files.exists(name.resolve("device")));
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public void close() {
        file.close();
    }
}
