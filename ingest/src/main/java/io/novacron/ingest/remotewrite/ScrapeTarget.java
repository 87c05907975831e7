package io.novacron.ingest.remotewrite;

import io.novacron.ingest.remotewrite.MappingTable.Part;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One exporter of one host. All samples of a scrape have one time, but come spread over requests
/// and connections (Prometheus deals series out to shards): they are put together in rounds, by
/// time. A round is closed when every known series has come, and after a while at the latest.
///
/// Bounded: rounds that are open at a time.
final class ScrapeTarget {
    static final int MAX_OPEN_ROUNDS = 16;

    final SourceHost host;
    final int exporter;
    final Map<String, MappedSeries> series = new HashMap<>();

    private final ArrayDeque<ScrapeRound> free = new ArrayDeque<>();

    /// In the order of their times.
    private final List<ScrapeRound> open = new ArrayList<>();

    private final Map<Long, Integer> cellIndex = new HashMap<>();
    private SourceEntity[] cellEntities = new SourceEntity[16];
    private int[] cellTargets = new int[16];
    private byte[] cellRequired = new byte[16];
    private int[] cellLive = new int[16];
    private int cellCount;
    int liveSeries;
    long closedMs = Long.MIN_VALUE;

    ScrapeTarget(SourceHost host, int exporter) {
        this.host = host;
        this.exporter = exporter;
    }

    /// The cell of a metric (or size) of an entity.
    int cell(SourceEntity entity, int target, int requiredParts) {
        long key = (long) entity.id << Integer.SIZE | target & 0xFFFF_FFFFL;
        Integer known = cellIndex.get(key);
        if (known != null) {
            return known;
        }
        if (cellCount == cellTargets.length) {
            int length = 2 * cellCount;
            cellEntities = Arrays.copyOf(cellEntities, length);
            cellTargets = Arrays.copyOf(cellTargets, length);
            cellRequired = Arrays.copyOf(cellRequired, length);
            cellLive = Arrays.copyOf(cellLive, length);
        }
        cellEntities[cellCount] = entity;
        cellTargets[cellCount] = target;
        cellRequired[cellCount] = (byte) requiredParts;
        cellIndex.put(key, cellCount);
        return cellCount++;
    }

    int cellCount() {
        return cellCount;
    }

    SourceEntity cellEntity(int cell) {
        return cellEntities[cell];
    }

    int cellTarget(int cell) {
        return cellTargets[cell];
    }

    /// A series has begun, or begun again.
    void revive(MappedSeries one) {
        one.live = true;
        liveSeries++;
        one.entity.liveSeries++;
        for (int cell : one.cells) {
            cellLive[cell]++;
        }
        if (!one.entity.listed) {
            host.inventoryDue = true;
        }
    }

    /// A series has ended.
    void retire(MappedSeries one) {
        one.live = false;
        one.lastValue = Double.NaN;
        liveSeries--;
        one.entity.liveSeries--;
        for (int cell : one.cells) {
            cellLive[cell]--;
        }
        // While all of an exporter's series have ended it is the exporter that is gone, not its
        // vms.
        if (one.entity.liveSeries == 0 && liveSeries > 0) {
            host.inventoryDue = true;
        }
    }

    /// The round of this time, or null when it is closed already.
    @Nullable ScrapeRound round(long timestampMs, long nowMs) {
        for (int i = open.size() - 1; i >= 0; i--) {
            ScrapeRound round = open.get(i);
            if (round.timestampMs == timestampMs) {
                return round;
            }
            if (round.timestampMs < timestampMs) {
                return begin(i + 1, timestampMs, nowMs);
            }
        }
        return timestampMs <= closedMs ? null : begin(0, timestampMs, nowMs);
    }

    private ScrapeRound begin(int index, long timestampMs, long nowMs) {
        ScrapeRound reused = free.poll();
        ScrapeRound round = reused == null ? new ScrapeRound() : reused;
        round.begin(timestampMs, nowMs, cellCount);
        open.add(index, round);
        return round;
    }

    void contribute(ScrapeRound round, MappedSeries one, double value, boolean hasValue) {
        round.ensure(cellCount);
        for (int i = 0; i < one.cells.length; i++) {
            Part part = one.parts[i];
            if (!hasValue && !part.counts()) {
                continue;
            }
            int cell = one.cells[i];
            double amount = (part.counts() ? 1 : value) * one.factors[i];
            if (part.divides()) {
                round.over[cell] += amount;
            } else {
                round.sum[cell] += part == Part.LESS ? -amount : amount;
            }
            round.contributions[cell]++;
            round.parts[cell] |= (byte) part.bit();
        }
    }

    /// Whether nothing more is to come for this round.
    boolean isComplete(ScrapeRound round) {
        return round.reported >= liveSeries && !round.hasNewSeries;
    }

    /// The value of a cell in a round, NaN when a part of it is missing.
    double value(ScrapeRound round, int cell) {
        if (cell >= round.sum.length
                || round.contributions[cell] == 0
                || round.contributions[cell] < cellLive[cell]
                || (round.parts[cell] & cellRequired[cell]) != cellRequired[cell]) {
            return Double.NaN;
        }
        boolean divided = (cellRequired[cell] & (Part.OVER.bit() | Part.OVER_COUNT.bit())) != 0;
        return divided ? round.sum[cell] / round.over[cell] : round.sum[cell];
    }

    @Nullable ScrapeRound oldest() {
        return open.isEmpty() ? null : open.getFirst();
    }

    @Nullable ScrapeRound newest() {
        return open.isEmpty() ? null : open.getLast();
    }

    int openRounds() {
        return open.size();
    }

    /// The oldest round is done with.
    void release(ScrapeRound round) {
        open.removeFirst();
        closedMs = round.timestampMs;
        free.add(round);
    }
}
