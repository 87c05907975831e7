package io.novacron.perf.peers;

import io.novacron.perf.GaugeMix;
import io.novacron.wire.column.ColumnBatch;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.SplittableRandom;

/// The samples that every server gets: round after round of [GaugeMix], a minute apart. A round is
/// a function of seed and index alone and never repeats an earlier one, since repeats would be a
/// gift to whoever compresses with a window.
final class GaugeStream {
    static final Duration INTERVAL = Duration.ofMinutes(1);
    static final int VMS_PER_AGENT = 50;

    private static final Duration HEAD_START = Duration.ofHours(3);
    private static final long START_MS = startMs();

    private final long seed;
    private final int agents;

    GaugeStream(long seed, int agents) {
        this.seed = seed;
        this.agents = agents;
    }

    int agents() {
        return agents;
    }

    int vms() {
        return agents * VMS_PER_AGENT;
    }

    long samplesPerRound() {
        return (long) vms() * GaugeMix.METRICS;
    }

    private static long startMs() {
        return Instant.now().minus(HEAD_START).truncatedTo(ChronoUnit.MINUTES).toEpochMilli();
    }

    static long timestampMs(long index) {
        return START_MS + index * INTERVAL.toMillis();
    }

    FleetRound round(long index) {
        // mixed twice: generators whose seeds differ by a step give the same numbers, a step apart
        var random = new SplittableRandom(new SplittableRandom(seed + index).nextLong());
        var batches = new ArrayList<ColumnBatch>(agents);
        for (int agent = 0; agent < agents; agent++) {
            batches.add(GaugeMix.batch(random, VMS_PER_AGENT));
        }
        return new FleetRound(index, timestampMs(index), batches);
    }
}
