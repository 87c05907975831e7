package io.novacron.daemon.config;

import java.nio.file.Path;
import java.time.Duration;

/// The audit log: where its head is anchored and how long its lines are kept.
///
/// @param anchor file that holds the head of the log; empty: `anchor/audit.json` beside the log.
///   Best on another device or machine, where whoever can change the log cannot change it
/// @param retentionAge older lines go
/// @param retentionBytes what the log may take up on disk; the oldest lines go first
public record AuditConfig(Path anchor, Duration retentionAge, ByteSize retentionBytes) {
    public static final AuditConfig DEFAULT =
            new AuditConfig(Path.of(""), Duration.ofDays(400), ByteSize.ofMebibytes(256));

    public AuditConfig {
        new ConfigProblems()
                .check(
                        Durations.between(retentionAge, Duration.ofDays(2), Duration.ofDays(3650)),
                        "audit.retention-age=%s must be in [2d, 3650d]",
                        Durations.format(retentionAge))
                .check(
                        retentionBytes.bytes() >= 1L << 20,
                        "audit.retention-bytes=%s must be at least 1MiB",
                        retentionBytes)
                .throwIfAny();
    }

    /// The anchor of a log.
    public Path anchorOf(Path log) {
        return anchor.toString().isEmpty() ? log.resolveSibling("anchor/audit.json") : anchor;
    }
}
