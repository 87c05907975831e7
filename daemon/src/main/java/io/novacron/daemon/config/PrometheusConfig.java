package io.novacron.daemon.config;

import io.novacron.ingest.remotewrite.MappingTable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Prometheus' remote write, in.
///
/// @param table a mapping table; empty: the one that comes with the daemon
/// @param maxBody of a request as it comes
/// @param maxDecompressed of a request after decompression
/// @param maxRequests in work at a time
/// @param confirmTimeout how long a request waits until its samples are journaled
/// @param roundTimeout how long a scrape waits for the rest of its series
/// @param hostTimeout a host is stale after so long without a sample
public record PrometheusConfig(
        boolean enabled,
        Path table,
        ByteSize maxBody,
        ByteSize maxDecompressed,
        int maxRequests,
        int maxSeries,
        int maxLabels,
        Duration confirmTimeout,
        Duration roundTimeout,
        Duration hostTimeout) {
    public static final PrometheusConfig DEFAULT =
            new PrometheusConfig(
                    true,
                    Path.of(""),
                    ByteSize.ofMebibytes(4),
                    ByteSize.ofMebibytes(32),
                    64,
                    2_000_000,
                    64,
                    Duration.ofSeconds(5),
                    Duration.ofSeconds(10),
                    Duration.ofMinutes(3));

    public PrometheusConfig {
        new ConfigProblems()
                .addAll(problems(table))
                .check(
                        maxBody.bytes() >= 1 << 16 && maxBody.bytes() <= 64 << 20,
                        "prometheus.max-body=%s must be in [64KiB, 64MiB]",
                        maxBody)
                .check(
                        maxDecompressed.bytes() >= maxBody.bytes()
                                && maxDecompressed.bytes() <= 512 << 20,
                        "prometheus.max-decompressed=%s must be in [prometheus.max-body=%s, 512MiB]",
                        maxDecompressed,
                        maxBody)
                .check(
                        maxRequests > 0 && maxRequests <= 1_024,
                        "prometheus.max-requests=%d must be in [1, 1024]",
                        maxRequests)
                .check(
                        maxSeries > 0 && maxSeries <= 50_000_000,
                        "prometheus.max-series=%d must be in [1, 50000000]",
                        maxSeries)
                .check(
                        maxLabels > 0 && maxLabels <= 1_024,
                        "prometheus.max-labels=%d must be in [1, 1024]",
                        maxLabels)
                .check(
                        Durations.between(
                                confirmTimeout, Duration.ofMillis(100), Duration.ofSeconds(9)),
                        "prometheus.confirm-timeout=%s must be in [100ms, 9s]. Maybe 5s?",
                        Durations.format(confirmTimeout))
                .check(
                        Durations.between(
                                roundTimeout, Duration.ofMillis(100), Duration.ofMinutes(1)),
                        "prometheus.round-timeout=%s must be in [100ms, 1m]. Maybe less than the"
                                + " scrape interval?",
                        Durations.format(roundTimeout))
                .check(
                        Durations.between(hostTimeout, Duration.ofSeconds(1), Duration.ofHours(1)),
                        "prometheus.host-timeout=%s must be in [1s, 1h]. Maybe three scrape"
                                + " intervals?",
                        Durations.format(hostTimeout))
                .throwIfAny();
    }

    /// The table in force.
    public MappingTable mapping() {
        try {
            return table.toString().isEmpty() ? MappingTable.bundled() : MappingTable.load(table);
        } catch (IOException e) {
            throw new ConfigException(problems(table));
        }
    }

    private static List<String> problems(Path table) {
        List<String> problems = new ArrayList<>();
        if (!table.toString().isEmpty()) {
            try {
                MappingTable.load(table);
            } catch (IOException e) {
                problems.add(
                        "prometheus.table=%s cannot be read: %s. Maybe the path or the permissions"
                                        .formatted(table, e)
                                + " are wrong?");
            } catch (IllegalArgumentException e) {
                String.valueOf(e.getMessage())
                        .lines()
                        .forEach(mistake ->
                                problems.add("prometheus.table=%s: %s".formatted(table, mistake)));
            }
        }
        return problems;
    }
}
