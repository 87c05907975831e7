package io.novacron.ingest.journal;

import java.nio.file.Path;
import java.time.Duration;

/// Where the journal lies and how it is kept.
///
/// @param directory holds one folder per start of the daemon, the watermark file and a lock
/// @param maxRecordBytes largest payload
/// @param maxAgents rows of the watermark file
/// @param syncInterval how often what was appended is forced to the device, all at once
/// @param reservedBytes free space below which agents' frames are refused; the daemon's own records
///   (ticks, decisions) may still use it
/// @param allocateAheadBytes blocks reserved ahead of the write position
/// @param retentionAge records older than this may go, a file at a time, once a checkpoint has them
/// @param retentionBytes what the files may take up on disk; the oldest go first, on the same terms
public record JournalConfig(
        Path directory,
        int maxRecordBytes,
        int maxAgents,
        Duration syncInterval,
        long reservedBytes,
        long allocateAheadBytes,
        Duration retentionAge,
        long retentionBytes) {
    private static final int SMALLEST_RECORD_LIMIT = 4096;
    private static final int LARGEST_RECORD_LIMIT = 16 * 1024 * 1024;
    private static final long SMALLEST_ALLOCATION = 64 * 1024;
    private static final Duration LONGEST_SYNC_INTERVAL = Duration.ofMinutes(1);

    public JournalConfig {
        check(
                maxRecordBytes >= SMALLEST_RECORD_LIMIT && maxRecordBytes <= LARGEST_RECORD_LIMIT,
                "journal.max-record-bytes=%s must be in [%s, %s]",
                maxRecordBytes,
                SMALLEST_RECORD_LIMIT,
                LARGEST_RECORD_LIMIT);
        check(maxAgents > 0, "journal.max-agents=%s must be positive", maxAgents);
        check(
                syncInterval.isPositive() && syncInterval.compareTo(LONGEST_SYNC_INTERVAL) <= 0,
                "journal.sync-interval=%s must be in (0, %s]. Maybe a unit is missing, e.g. 1s?",
                syncInterval,
                LONGEST_SYNC_INTERVAL);
        check(reservedBytes >= 0, "journal.reserved-bytes=%s must not be negative", reservedBytes);
        check(
                allocateAheadBytes >= SMALLEST_ALLOCATION,
                "journal.allocate-ahead-bytes=%s must be at least %s",
                allocateAheadBytes,
                SMALLEST_ALLOCATION);
        check(
                retentionAge.isPositive(),
                "journal.retention-age=%s must be positive. Maybe 7d?",
                retentionAge);
        check(
                retentionBytes > 0,
                "journal.retention-bytes=%s must be positive. Maybe 20GiB?",
                retentionBytes);
    }

    /// The usual limits, in this directory.
    public static JournalConfig in(Path directory) {
        return new JournalConfig(
                directory,
                4 * 1024 * 1024,
                12_000,
                Duration.ofSeconds(1),
                256L * 1024 * 1024,
                4L * 1024 * 1024,
                Duration.ofDays(7),
                20L * 1024 * 1024 * 1024);
    }

    public JournalConfig withSyncInterval(Duration interval) {
        return new JournalConfig(
                directory,
                maxRecordBytes,
                maxAgents,
                interval,
                reservedBytes,
                allocateAheadBytes,
                retentionAge,
                retentionBytes);
    }

    public JournalConfig withMaxAgents(int agents) {
        return new JournalConfig(
                directory,
                maxRecordBytes,
                agents,
                syncInterval,
                reservedBytes,
                allocateAheadBytes,
                retentionAge,
                retentionBytes);
    }

    public JournalConfig withReservedBytes(long bytes) {
        return new JournalConfig(
                directory,
                maxRecordBytes,
                maxAgents,
                syncInterval,
                bytes,
                allocateAheadBytes,
                retentionAge,
                retentionBytes);
    }

    public JournalConfig withRetention(Duration age, long bytes) {
        return new JournalConfig(
                directory,
                maxRecordBytes,
                maxAgents,
                syncInterval,
                reservedBytes,
                allocateAheadBytes,
                age,
                bytes);
    }

    private static void check(boolean holds, String message, Object... values) {
        if (!holds) {
            throw new IllegalArgumentException(message.formatted(values));
        }
    }
}
