package io.novacron.ingest;

import io.novacron.ingest.checkpoint.CheckpointConfig;
import io.novacron.ingest.fleet.FleetConfig;
import io.novacron.ingest.journal.JournalConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Everything that can be set about ingest. Each limit has a counter.
///
/// @param host address to listen on
/// @param port 0 for any free one
/// @param maxFrameLength of a frame from an agent, framing header included
/// @param maxConnections connections at once
/// @param helloTimeout a connection must have said hello by then
/// @param frameTimeout a frame that has begun must be whole by then
/// @param idleTimeout a connection without a byte for so long is closed
/// @param ringBytes bytes that wait for the journal at most
/// @param ringSlots records that wait for the journal at most; a power of two
/// @param commandQueueBytes the daemon's own records that wait for the ring at most; a power of two
/// @param spin wait for work by spinning: less latency for a whole core each of two threads
/// @param gather how long the event loop waits for more frames when many come, so that one wake-up
///   serves all of them; the stages wait a few times as long. 0 never waits
/// @param sampleInterval what agents are told to sample at
/// @param heartbeatInterval what agents are told to send heartbeats at
/// @param daemonVersion what agents are told
/// @param acknowledgeFrames frames of one stream that are acknowledged together, at the latest
///   after a second; 1 acknowledges each batch of the journal at once
public record IngestConfig(
        String host,
        int port,
        int maxFrameLength,
        int maxConnections,
        Duration helloTimeout,
        Duration frameTimeout,
        Duration idleTimeout,
        int ringBytes,
        int ringSlots,
        int commandQueueBytes,
        boolean spin,
        Duration gather,
        Duration sampleInterval,
        Duration heartbeatInterval,
        String daemonVersion,
        int acknowledgeFrames,
        JournalConfig journal,
        FleetConfig fleet,
        CheckpointConfig checkpoint) {
    /// A record of the daemon may be this share of its queue.
    static final int COMMAND_SHARE = 8;

    private static final int MIN_FRAME_LIMIT = 4 * 1024;
    private static final int RING_FRAMES = 4;
    private static final Duration LONGEST_GATHER = Duration.ofMillis(10);
    private static final int MAX_ACKNOWLEDGE_FRAMES = 1_024;

    public IngestConfig {
        var problems = new ArrayList<String>();
        check(problems, port >= 0 && port <= 65_535, "ingest.port=%s must be in [0, 65535]", port);
        check(
                problems,
                maxFrameLength >= MIN_FRAME_LIMIT && maxFrameLength <= journal.maxRecordBytes() / 2,
                "ingest.max-frame-length=%s must be in [%s, half of journal.max-record-bytes=%s]",
                maxFrameLength,
                MIN_FRAME_LIMIT,
                journal.maxRecordBytes());
        check(
                problems,
                maxConnections > 0,
                "ingest.max-connections=%s must be positive",
                maxConnections);
        positive(problems, "hello-timeout", helloTimeout);
        positive(problems, "frame-timeout", frameTimeout);
        positive(problems, "idle-timeout", idleTimeout);
        check(
                problems,
                !gather.isNegative() && gather.compareTo(LONGEST_GATHER) <= 0,
                "ingest.gather=%s must be in [0, %s]",
                gather,
                LONGEST_GATHER);
        positive(problems, "sample-interval", sampleInterval);
        positive(problems, "heartbeat-interval", heartbeatInterval);
        check(
                problems,
                ringBytes >= RING_FRAMES * (long) maxFrameLength && ringBytes <= 1 << 30,
                "ingest.ring-bytes=%s must be in [4 × ingest.max-frame-length=%s, 1 GiB]. Maybe a"
                        + " unit is missing, e.g. 64MiB?",
                ringBytes,
                maxFrameLength);
        check(
                problems,
                Integer.bitCount(ringSlots) == 1 && ringSlots > 0,
                "ingest.ring-slots=%s must be a power of two",
                ringSlots);
        check(
                problems,
                Integer.bitCount(commandQueueBytes) == 1
                        && commandQueueBytes >= COMMAND_SHARE * 1024
                        && commandQueueBytes / COMMAND_SHARE <= ringBytes / RING_FRAMES,
                "ingest.command-queue-bytes=%s must be a power of two of at least 8 KiB and at most"
                        + " twice ingest.ring-bytes",
                commandQueueBytes);
        check(
                problems,
                acknowledgeFrames > 0 && acknowledgeFrames <= MAX_ACKNOWLEDGE_FRAMES,
                "ingest.acknowledge-frames=%s must be in [1, %s]",
                acknowledgeFrames,
                MAX_ACKNOWLEDGE_FRAMES);
        check(
                problems,
                journal.maxAgents() == fleet.maxAgents(),
                "journal.max-agents=%s must equal fleet.max-agents=%s",
                journal.maxAgents(),
                fleet.maxAgents());
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(String.join("\n", problems));
        }
    }

    public IngestConfig withCheckpoint(CheckpointConfig config) {
        return new IngestConfig(
                host,
                port,
                maxFrameLength,
                maxConnections,
                helloTimeout,
                frameTimeout,
                idleTimeout,
                ringBytes,
                ringSlots,
                commandQueueBytes,
                spin,
                gather,
                sampleInterval,
                heartbeatInterval,
                daemonVersion,
                acknowledgeFrames,
                journal,
                fleet,
                config);
    }

    /// The usual limits, any free loopback port.
    public static IngestConfig defaults(JournalConfig journal, FleetConfig fleet) {
        return new IngestConfig(
                "127.0.0.1",
                0,
                1024 * 1024,
                24_000,
                Duration.ofSeconds(10),
                Duration.ofSeconds(30),
                Duration.ofMinutes(5),
                64 * 1024 * 1024,
                16 * 1024,
                8 * 1024 * 1024,
                false,
                Duration.ofMillis(4),
                Duration.ofSeconds(10),
                Duration.ofSeconds(10),
                "0.1.0",
                1,
                journal.withMaxAgents(fleet.maxAgents()),
                fleet,
                CheckpointConfig.DEFAULT);
    }

    public IngestConfig withAcknowledgeFrames(int frames) {
        return new IngestConfig(
                host,
                port,
                maxFrameLength,
                maxConnections,
                helloTimeout,
                frameTimeout,
                idleTimeout,
                ringBytes,
                ringSlots,
                commandQueueBytes,
                spin,
                gather,
                sampleInterval,
                heartbeatInterval,
                daemonVersion,
                frames,
                journal,
                fleet,
                checkpoint);
    }

    /// The same but for what one agent, and all of them together, may take up.
    public IngestConfig withLimits(
            int frameLength, int connections, int bytesInRing, Duration hello, Duration frame) {
        return new IngestConfig(
                host,
                port,
                frameLength,
                connections,
                hello,
                frame,
                idleTimeout,
                bytesInRing,
                ringSlots,
                commandQueueBytes,
                spin,
                gather,
                sampleInterval,
                heartbeatInterval,
                daemonVersion,
                acknowledgeFrames,
                journal,
                fleet,
                checkpoint);
    }

    /// The largest payload that `append` takes.
    public int maxAppendLength() {
        return commandQueueBytes / COMMAND_SHARE - Long.BYTES;
    }

    private static void positive(List<String> problems, String name, Duration value) {
        check(
                problems,
                value.isPositive(),
                "ingest.%s=%s must be positive. Maybe a unit is missing, e.g. 10s?",
                name,
                value);
    }

    private static void check(
            List<String> problems, boolean holds, String message, Object... values) {
        if (!holds) {
            problems.add(message.formatted(values));
        }
    }
}
