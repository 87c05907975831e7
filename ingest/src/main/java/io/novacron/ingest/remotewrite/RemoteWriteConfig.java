package io.novacron.ingest.remotewrite;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Limits of remote write. Each has a counter.
///
/// @param maxDecompressed bytes of a request after decompression
/// @param maxSeries mapped series that are known at a time
/// @param maxLabels labels of one series
/// @param maxHosts hosts that may ever report this way
/// @param maxEntitiesPerHost a host and its vms
/// @param maxFrameLength of a virtual agent's frame
/// @param maxPendingBytes of frames that are not journaled yet
/// @param roundTimeout how long a scrape waits for the rest of its series
/// @param seriesTimeout a series is forgotten after so long without a sample
/// @param hostTimeout a host is stale after so long without a sample
public record RemoteWriteConfig(
        int maxDecompressed,
        int maxSeries,
        int maxLabels,
        int maxHosts,
        int maxEntitiesPerHost,
        int maxFrameLength,
        long maxPendingBytes,
        Duration roundTimeout,
        Duration seriesTimeout,
        Duration hostTimeout) {
    public static final RemoteWriteConfig DEFAULT =
            new RemoteWriteConfig(
                    32 << 20,
                    2_000_000,
                    64,
                    10_000,
                    4_096,
                    1 << 20,
                    32L << 20,
                    Duration.ofSeconds(10),
                    Duration.ofMinutes(5),
                    Duration.ofMinutes(3));

    public RemoteWriteConfig {
        var problems = new ArrayList<String>();
        positive(problems, "max-decompressed", maxDecompressed);
        positive(problems, "max-series", maxSeries);
        positive(problems, "max-labels", maxLabels);
        positive(problems, "max-hosts", maxHosts);
        positive(problems, "max-entities-per-host", maxEntitiesPerHost);
        positive(problems, "max-frame-length", maxFrameLength);
        positive(problems, "max-pending-bytes", maxPendingBytes);
        positive(problems, "round-timeout", roundTimeout.toMillis());
        positive(problems, "series-timeout", seriesTimeout.toMillis());
        positive(problems, "host-timeout", hostTimeout.toMillis());
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(String.join("\n", problems));
        }
    }

    private static void positive(List<String> problems, String name, long value) {
        if (value <= 0) {
            problems.add("prometheus.%s=%d must be positive".formatted(name, value));
        }
    }
}
