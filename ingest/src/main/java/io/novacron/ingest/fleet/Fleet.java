package io.novacron.ingest.fleet;

import io.novacron.ingest.checkpoint.CheckpointReader;
import io.novacron.ingest.statistics.Counter;
import io.novacron.ingest.statistics.IngestStatistics;
import io.novacron.wire.WireException;
import io.novacron.wire.catalogue.Metric;
import io.novacron.wire.catalogue.MetricCatalogue;
import io.novacron.wire.column.ColumnBlockDecoder;
import io.novacron.wire.column.MetricBatchReader;
import io.novacron.wire.message.EntityDescription;
import io.novacron.wire.message.Inventory;
import io.novacron.wire.sbe.EntityKind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import org.agrona.DirectBuffer;
import org.agrona.collections.Long2LongHashMap;
import org.jspecify.annotations.Nullable;

/// Applies journal records to the fleet store: inventories, metric batches and ticks. The same code
/// runs live and in replay, and nothing but the records goes in, so that a replay ends in the same
/// state. The fleet thread owns it.
public final class Fleet implements AutoCloseable {
    static final int MAX_LIVE_INTERVAL_MS = 60_000;
    static final int MIN_HISTORY_INTERVAL_MS = 300_000;
    static final long MAX_AHEAD_MS = 60_000;

    private static final int MAX_METRICS_IN_BATCH = 1_023;
    private static final byte HOST = (byte) EntityKind.HOST.value();

    /// What an agent's last inventory said.
    private static final class AgentState {
        /// Entity id to slot and generation, which together name an entity for ever.
        final Long2LongHashMap slots = new Long2LongHashMap(Entities.NONE);

        long spoolEpoch;
        long revision = Long.MIN_VALUE;
        long lastRecordMs = Long.MIN_VALUE;
        boolean expired;

        // Any thread may read these two; the fleet thread alone writes them.
        volatile long lastSampleMs;
        volatile long batchesQuarantined;
    }

    private final FleetConfig config;
    private final MetricCatalogue catalogue;
    private final IngestStatistics statistics;
    private final FleetStore store;
    private final Entities entities;
    private final @Nullable AgentState[] agents;
    private final MetricBatchReader reader;
    private final float[] column;
    private final int[] slots;
    private final byte[] kinds;

    // Runs of a batch's entities whose slots are neighbours in one tile, and of one kind.
    private final int[] runFrom;
    private final int[] runLength;
    private int runCount;

    private long applied;
    private long refused;
    private long late;
    private long missing;
    private int agentCount;

    public Fleet(FleetConfig config, MetricCatalogue catalogue, IngestStatistics statistics) {
        this.config = config;
        this.catalogue = catalogue;
        this.statistics = statistics;
        this.store = new FleetStore(catalogue, statistics);
        this.entities = new Entities(config.maxEntities(), statistics);
        this.agents = new @Nullable AgentState[config.maxAgents()];
        this.reader = new MetricBatchReader(config.maxEntitiesPerAgent(), MAX_METRICS_IN_BATCH);
        this.column = new float[config.maxEntitiesPerAgent()];
        this.slots = new int[config.maxEntitiesPerAgent()];
        this.kinds = new byte[config.maxEntitiesPerAgent()];
        this.runFrom = new int[config.maxEntitiesPerAgent()];
        this.runLength = new int[config.maxEntitiesPerAgent()];
    }

    public FleetStore store() {
        return store;
    }

    /// End of the last interval an agent sent samples of, 0 when it never did. Any thread.
    public long lastSampleMs(int agent) {
        AgentState state = agents[agent];
        return state == null ? 0 : state.lastSampleMs;
    }

    /// Batches of an agent that were refused for their time stamp. Any thread.
    public long batchesQuarantined(int agent) {
        AgentState state = agents[agent];
        return state == null ? 0 : state.batchesQuarantined;
    }

    /// A data connection has begun. Entity ids mean nothing outside their spool epoch.
    public void onSession(int agent, long spoolEpoch, long timeMs) {
        AgentState state = agent(agent, timeMs);
        if (state.spoolEpoch != spoolEpoch) {
            state.spoolEpoch = spoolEpoch;
            state.revision = Long.MIN_VALUE;
            state.slots.clear();
        }
    }

    private AgentState agent(int agent, long timeMs) {
        AgentState state = agents[agent];
        if (state == null) {
            state = new AgentState();
            agents[agent] = state;
            agentCount = Math.max(agentCount, agent + 1);
        }
        state.lastRecordMs = timeMs;
        state.expired = false;
        return state;
    }

    /// @return how many of its entities found no room
    public int onInventory(int agent, Inventory inventory, long timeMs) {
        AgentState state = agent(agent, timeMs);
        if (inventory.revision() < state.revision) {
            statistics.increment(Counter.INVENTORIES_STALE);
            return 0;
        }
        state.revision = inventory.revision();
        int hostSlot = Entities.NONE;
        int refused = 0;
        var listed = new BitSet();
        for (EntityKind kind : new EntityKind[] {EntityKind.HOST, EntityKind.VM}) {
            for (EntityDescription described : inventory.entities()) {
                if (described.kind() != kind) {
                    continue;
                }
                switch (entities.claim(agent, hostSlot, described, timeMs, store)) {
                    case ACCEPTED, CONTESTED -> {
                        int slot = entities.slotOf(described.uuid());
                        state.slots.put(described.entityId(), entities.handle(slot));
                        listed.set(slot);
                        hostSlot = kind == EntityKind.HOST ? slot : hostSlot;
                    }
                    case FULL -> refused++;
                }
            }
        }
        forgetUnlisted(agent, state, listed, timeMs);
        statistics.increment(Counter.INVENTORIES_APPLIED);
        return refused;
    }

    private void forgetUnlisted(int agent, AgentState state, BitSet listed, long timeMs) {
        var ids = state.slots.keySet().iterator();
        while (ids.hasNext()) {
            long handle = state.slots.get(ids.nextValue());
            int slot = entities.slotOf(handle);
            if (slot == Entities.NONE || !listed.get(slot)) {
                ids.remove();
                if (slot != Entities.NONE && entities.owner(slot) == agent) {
                    entities.vanish(slot, timeMs);
                }
            }
        }
    }

    /// Applies one metric batch: a whole frame, as it came.
    public void onBatch(int agent, DirectBuffer buffer, int offset, int length, long timeMs) {
        AgentState state = agent(agent, timeMs);
        try {
            reader.wrap(buffer, offset, length);
        } catch (WireException e) {
            statistics.increment(Counter.BATCHES_UNDECODABLE);
            return;
        }
        long timestampMs = reader.timestampMs();
        if (timestampMs > timeMs + MAX_AHEAD_MS) {
            state.batchesQuarantined++;
            statistics.increment(Counter.BATCHES_QUARANTINED);
            return;
        }
        if (timestampMs <= timeMs - (long) Resolution.HOUR.steps() * Resolution.HOUR.stepMs()) {
            statistics.increment(Counter.BATCHES_TOO_OLD);
            return;
        }
        int intervalMs = reader.intervalMs();
        boolean live = intervalMs > 0 && intervalMs <= MAX_LIVE_INTERVAL_MS;
        if (!live && intervalMs < MIN_HISTORY_INTERVAL_MS) {
            statistics.increment(Counter.BATCHES_OUT_OF_INTERVAL);
            return;
        }
        ColumnBlockDecoder block = reader.block();
        long unknown = resolve(agent, state, block);
        for (int i = 0; i < block.metricCount(); i++) {
            Metric metric = catalogue.byId(block.metricId(i));
            block.column(i, column);
            if (metric == null) {
                countUnknownMetric(block.entityCount());
            } else if (live) {
                applyLive(metric, Resolution.MINUTE.stepOf(timestampMs));
            } else {
                applyHistory(metric, block.entityCount(), timestampMs, intervalMs);
            }
        }
        countSamples();
        if (unknown > 0) {
            statistics.add(Counter.SAMPLES_OF_UNKNOWN_ENTITIES, unknown * block.metricCount());
        }
        if (live) {
            state.lastSampleMs = Math.max(state.lastSampleMs, timestampMs);
        }
        statistics.increment(Counter.BATCHES_APPLIED);
    }

    /// Finds the slots of a batch's entities.
    ///
    /// @return how many are in no inventory
    private long resolve(int agent, AgentState state, ColumnBlockDecoder block) {
        long unknown = 0;
        long foreign = 0;
        runCount = 0;
        int previous = Entities.NONE;
        for (int i = 0; i < block.entityCount(); i++) {
            int slot = entities.slotOf(state.slots.get(block.entityId(i)));
            Entity entity = slot == Entities.NONE ? null : entities.entity(slot);
            if (entity == null) {
                unknown++;
                slot = Entities.NONE;
            } else if (entities.owner(slot) != agent) {
                foreign++;
                slot = Entities.NONE;
            } else {
                kinds[i] = (byte) entity.kind().value();
            }
            slots[i] = slot;
            if (slot != Entities.NONE) {
                boolean goesOn =
                        previous != Entities.NONE
                                && slot == previous + 1
                                && (slot & Tile.LANE_MASK) != 0
                                && kinds[i] == kinds[i - 1];
                if (!goesOn) {
                    runFrom[runCount] = i;
                    runLength[runCount++] = 0;
                }
                runLength[runCount - 1]++;
            }
            previous = slot;
        }
        if (foreign > 0) {
            statistics.add(Counter.SAMPLES_OF_FORMER_HOSTS, foreign * block.metricCount());
        }
        return unknown;
    }

    private void countUnknownMetric(int entityCount) {
        int samples = 0;
        for (int i = 0; i < entityCount; i++) {
            samples += Float.isNaN(column[i]) ? 0 : 1;
        }
        statistics.add(Counter.SAMPLES_OF_UNKNOWN_METRICS, samples);
    }

    private void applyLive(Metric metric, int minute) {
        int written = 0;
        for (int run = 0; run < runCount; run++) {
            int from = runFrom[run];
            int count = runLength[run];
            int slot = slots[from];
            if (!inScope(metric, from)) {
                countOutOfScope(metric, from, count);
                continue;
            }
            Tile tile = store.openMinute(metric, slot >> Tile.LANE_SHIFT, minute);
            long rest =
                    tile == null
                            ? -1L >>> Long.SIZE - count
                            : store.fill(metric, tile, slot, minute, column, from, count);
            written += count - Long.bitCount(rest);
            for (; rest != 0; rest &= rest - 1) {
                int i = Long.numberOfTrailingZeros(rest);
                float value = column[from + i];
                if (!metric.inRange(value)) {
                    countUnusable(value);
                } else if (tile == null) {
                    refused++;
                } else {
                    store.fold(metric, tile, slot + i, minute, value);
                    written++;
                }
            }
        }
        applied += written;
        if (minute <= store.closedMinute()) {
            late += written;
        }
    }

    private boolean inScope(Metric metric, int i) {
        return kinds[i] == HOST ? metric.ofHosts() : metric.ofVms();
    }

    private void countOutOfScope(Metric metric, int from, int count) {
        for (int i = from; i < from + count; i++) {
            if (metric.inRange(column[i])) {
                statistics.increment(Counter.SAMPLES_OUT_OF_SCOPE);
            } else {
                countUnusable(column[i]);
            }
        }
    }

    private void countUnusable(float value) {
        if (Float.isNaN(value)) {
            missing++;
        } else if (Float.isInfinite(value)) {
            statistics.increment(Counter.SAMPLES_NOT_FINITE);
        } else {
            statistics.increment(Counter.SAMPLES_OUT_OF_RANGE);
        }
    }

    /// Adds up what a batch came to, once for all its columns.
    private void countSamples() {
        statistics.add(Counter.SAMPLES_APPLIED, applied);
        statistics.add(Counter.SAMPLES_TOO_OLD, refused);
        statistics.add(Counter.SAMPLES_LATE, late);
        statistics.add(Counter.SAMPLES_MISSING, missing);
        applied = 0;
        refused = 0;
        late = 0;
        missing = 0;
    }

    private void applyHistory(Metric metric, int entityCount, long timestampMs, int intervalMs) {
        Resolution fives = Resolution.FIVE_MINUTES;
        int last = fives.stepOf(timestampMs);
        int first = fives.stepOf(timestampMs - intervalMs + fives.stepMs());
        int notKept = 0;
        for (int i = 0; i < entityCount; i++) {
            if (usable(metric, i)) {
                if (!metric.forecast()) {
                    notKept++;
                } else if (store.history(metric, slots[i], first, last, column[i])) {
                    applied++;
                } else {
                    refused++;
                }
            }
        }
        statistics.add(Counter.SAMPLES_NOT_KEPT, notKept);
    }

    /// Whether a cell of the batch is a value that may be stored; counts it when not.
    private boolean usable(Metric metric, int i) {
        float value = column[i];
        if (slots[i] == Entities.NONE) {
            return false;
        }
        if (!metric.inRange(value)) {
            countUnusable(value);
            return false;
        }
        if (!inScope(metric, i)) {
            statistics.increment(Counter.SAMPLES_OUT_OF_SCOPE);
            return false;
        }
        return true;
    }

    /// Closes a tick and publishes the store.
    public void onTick(long tick, long timeMs) {
        expireAgents(timeMs);
        entities.free(timeMs - config.vanishedGrace().toMillis());
        store.closeTick(tick, timeMs, entities.publishEntities(), entities.publishSlots());
    }

    private void expireAgents(long timeMs) {
        long retentionMs = config.agentRetention().toMillis();
        for (int agent = 0; agent < agentCount; agent++) {
            AgentState state = agents[agent];
            if (state != null && !state.expired && state.lastRecordMs < timeMs - retentionMs) {
                state.expired = true;
                forgetUnlisted(agent, state, new BitSet(), timeMs);
                state.revision = Long.MIN_VALUE;
            }
        }
    }

    /// Everything that the fleet knows as of now, for a checkpoint; cheap. At the end of a tick the
    /// fleet thread may go on while it is written down; at any other time it must wait.
    public FleetSnapshot snapshot(boolean atTick) {
        var inventories = new ArrayList<FleetSnapshot.AgentInventory>();
        for (int agent = 0; agent < agentCount; agent++) {
            AgentState state = agents[agent];
            if (state != null) {
                inventories.add(inventory(agent, state));
            }
        }
        return new FleetSnapshot(store, entities.slots(), inventories, store.snapshot(atTick));
    }

    private static FleetSnapshot.AgentInventory inventory(int agent, AgentState state) {
        var ids = new long[2 * state.slots.size()];
        int next = 0;
        var entries = state.slots.entrySet().iterator();
        while (entries.hasNext()) {
            entries.next();
            var entry = (Long2LongHashMap.EntryIterator) entries;
            ids[next++] = entry.getLongKey();
            ids[next++] = entry.getLongValue();
        }
        return new FleetSnapshot.AgentInventory(
                agent,
                state.spoolEpoch,
                state.revision,
                state.lastRecordMs,
                state.expired,
                state.lastSampleMs,
                state.batchesQuarantined,
                ids);
    }

    /// Takes over what a checkpoint holds; nothing has been applied yet. When it fails this fleet
    /// is of no use any more.
    ///
    /// @throws io.novacron.ingest.checkpoint.CheckpointException when it is damaged, or holds more
    ///   than the configuration allows
    public void restore(CheckpointReader in) throws IOException {
        FleetSnapshot.read(in, entities, store, this::restore, agents.length);
    }

    private void restore(FleetSnapshot.AgentInventory from) {
        var state = new AgentState();
        state.spoolEpoch = from.spoolEpoch();
        state.revision = from.revision();
        state.lastRecordMs = from.lastRecordMs();
        state.expired = from.expired();
        state.lastSampleMs = from.lastSampleMs();
        state.batchesQuarantined = from.batchesQuarantined();
        long[] ids = from.idsAndHandles();
        for (int i = 0; i < ids.length; i += 2) {
            state.slots.put(ids[i], ids[i + 1]);
        }
        agents[from.agent()] = state;
        agentCount = Math.max(agentCount, from.agent() + 1);
    }

    /// Hosts and vms that have a slot.
    public int entityCount() {
        return entities.count();
    }

    @Override
    public void close() {
        store.close();
    }
}
