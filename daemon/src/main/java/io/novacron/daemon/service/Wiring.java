package io.novacron.daemon.service;

import io.novacron.daemon.control.ControlServer;
import io.novacron.daemon.decision.ActionPort;
import io.novacron.daemon.decision.AdviceStage;
import io.novacron.daemon.decision.DecisionJournal;
import io.novacron.daemon.decision.DecisionLoop;
import io.novacron.daemon.decision.ScalingExecutor;
import io.novacron.daemon.decision.ScalingOrder;
import io.novacron.daemon.tick.TickFacts;
import io.novacron.daemon.tick.TickPipeline;
import io.novacron.daemon.tick.TickPipeline.AnalysedTick;
import io.novacron.daemon.tick.TickPlan;
import io.novacron.ingest.AgentRow;
import io.novacron.ingest.CheckpointSection;
import io.novacron.ingest.Ingest;
import io.novacron.ingest.IngestListener;
import io.novacron.ingest.Urgency;
import io.novacron.ingest.fleet.FleetView;
import io.novacron.ingest.journal.RecordType;
import io.novacron.wire.message.Action;
import io.novacron.wire.message.ActionCapability;
import io.novacron.wire.message.Outcome;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/// Carries records into the journal, and what the journal hands back to its owners. The decisions
/// are connected before the replay, the rest before the first live record.
final class Wiring implements IngestListener, DecisionJournal, ActionPort {
    private static final int APPEND_ATTEMPTS = 500;
    private static final long APPEND_PAUSE_NS = 1_000_000;

    /// Ticks whose plans have not come back from the journal.
    private static final int MOST_UNDER_WAY = 8;

    private final Map<Long, AnalysedTick> underWay = new ConcurrentHashMap<>();
    private final AdviceStage stage;
    private @Nullable DecisionLoop decisions;
    private volatile @Nullable ScalingExecutor webhooks;
    private volatile @Nullable TickPipeline pipeline;
    private volatile @Nullable Ingest ingest;
    private volatile @Nullable ControlServer control;
    private volatile long lastTick;

    Wiring(AdviceStage stage) {
        this.stage = stage;
    }

    void connect(DecisionLoop loop) {
        decisions = loop;
    }

    void connect(ScalingExecutor executor) {
        webhooks = executor;
    }

    void connect(Ingest opened) {
        ingest = opened;
    }

    void connect(TickPipeline ticks) {
        pipeline = ticks;
    }

    void connect(ControlServer server) {
        control = server;
    }

    /// Something that the faces show has changed.
    void changed() {
        ControlServer server = control;
        if (server != null) {
            server.viewPublished();
        }
    }

    /// Number of the last closed tick; 0 before the first one.
    long lastTick() {
        return lastTick;
    }

    @Override
    public void onTick(long tick, long timeMs, boolean replaying) {
        lastTick = tick;
        TickPipeline ticks = pipeline;
        if (ticks != null && !replaying) {
            ticks.wake();
        }
    }

    @Override
    public boolean appendEvent(byte[] bytes) {
        return append(RecordType.DECISION, bytes);
    }

    @Override
    public boolean appendEvent(byte[] bytes, Urgency urgency) {
        return append(RecordType.DECISION, bytes, urgency);
    }

    @Override
    public void onSynced(long journalIndex) {
        DecisionLoop loop = decisions;
        if (loop != null) {
            loop.onSynced(journalIndex);
        }
    }

    @Override
    public boolean appendCommand(byte[] bytes) {
        return append(RecordType.COMMAND, bytes, Urgency.PROMPT);
    }

    /// @return false when the journal takes nothing at the moment
    boolean append(RecordType type, byte[] bytes) {
        return append(type, bytes, Urgency.ROUTINE);
    }

    private boolean append(RecordType type, byte[] bytes, Urgency urgency) {
        Ingest opened = ingest;
        return opened != null
                && opened.append(type, new UnsafeBuffer(bytes), 0, bytes.length, urgency);
    }

    /// Journals what a tick was decided from, then its plan. The analysis thread may wait a little
    /// for room; without room the advice is dropped, and the next tick advises anew.
    boolean journal(AnalysedTick tick) {
        if (underWay.size() >= MOST_UNDER_WAY) {
            return false;
        }
        for (byte[] record : tick.forecasts()) {
            if (!appendPatiently(RecordType.FORECASTS, record)) {
                return false;
            }
        }
        underWay.put(tick.plan().tick(), tick);
        if (appendPatiently(RecordType.TICK_PLAN, tick.plan().encode())) {
            return true;
        }
        underWay.remove(tick.plan().tick());
        return false;
    }

    private boolean appendPatiently(RecordType type, byte[] bytes) {
        for (int attempt = 0; attempt < APPEND_ATTEMPTS; attempt++) {
            if (append(type, bytes)) {
                return true;
            }
            LockSupport.parkNanos(APPEND_PAUSE_NS);
        }
        return false;
    }

    @Override
    public String send(UUID host, Action action) {
        Ingest opened = ingest;
        if (opened == null) {
            return "the agent port is not open yet";
        }
        if (isBeyond(opened, host, action)) {
            return "the agent of the host does not take %s. Maybe its --allow leaves it out, or it is older?"
                    .formatted(action.actionType());
        }
        return switch (opened.send(host, action)) {
            case SENT -> "";
            case NOT_CONNECTED -> "the agent of the host is not connected";
            case OVERLOADED -> "the agent does not take what it is sent";
        };
    }

    @Override
    public String scale(ScalingOrder order) {
        if (!order.executor().equals(ScalingOrder.WEBHOOK)) {
            return send(order.host(), order.action());
        }
        ScalingExecutor executor = webhooks;
        return executor == null ? "webhooks are not open yet" : executor.scale(order);
    }

    /// Whether the agent is of a version that cannot read such an action: it has told what it can
    /// do, and knows none of the newer types. Any other agent answers for itself.
    private static boolean isBeyond(Ingest opened, UUID host, Action action) {
        boolean scales = ActionCapability.isScaling(action.actionType());
        if (!scales && !ActionCapability.isOfVersionTwo(action.actionType())) {
            return false;
        }
        for (AgentRow agent : opened.agents()) {
            if (agent.agentId().equals(host)) {
                if (scales) {
                    return (agent.capabilities() & ActionCapability.of(action.actionType())) == 0;
                }
                return agent.capabilities() != 0
                        && (agent.capabilities() & ActionCapability.VERSION_TWO) == 0;
            }
        }
        return false;
    }

    @Override
    public void onRecord(
            RecordType type,
            long journalIndex,
            long timeMs,
            DirectBuffer buffer,
            int offset,
            int length,
            boolean replaying) {
        DecisionLoop loop = decisions;
        if (loop == null) {
            return;
        }
        if (type == RecordType.FORECASTS) {
            return; // for replays
        }
        byte[] bytes = new byte[length];
        buffer.getBytes(offset, bytes);
        switch (type) {
            case TICK_PLAN -> {
                if (!replaying) {
                    onPlan(loop, bytes);
                }
            }
            case DECISION -> loop.onEvent(bytes, journalIndex, timeMs, replaying);
            case COMMAND -> loop.onCommand(bytes, timeMs, replaying);
            case CONFIGURATION -> loop.onConfiguration(bytes);
            case MODEL_SWITCH -> loop.onModels(bytes);
            default -> {}
        }
    }

    private void onPlan(DecisionLoop loop, byte[] bytes) {
        Ingest opened = ingest;
        AnalysedTick tick = underWay.remove(TickPlan.tickOf(bytes));
        if (opened != null && tick != null) {
            var advised =
                    stage.onTick(
                            new AdviceStage.Advised(
                                    tick.proposals(),
                                    new TickFacts(
                                            tick.view(), tick.plan(), tick.groups(), pin(opened)),
                                    tick.plan().timeMs()));
            loop.onAdvice(advised.proposals(), advised.facts(), advised.tickMs());
        }
    }

    private static @Nullable FleetView pin(Ingest opened) {
        try {
            return opened.store().pin();
        } catch (IllegalStateException _) {
            return null; // too many readers: nothing is measured in this tick
        }
    }

    @Override
    public void onOutcome(
            UUID agentId, Outcome outcome, long journalIndex, long timeMs, boolean replaying) {
        if (decisions != null) {
            decisions.onOutcome(agentId, outcome, journalIndex, timeMs, replaying);
        }
    }

    @Override
    public CheckpointSection checkpoint() {
        DecisionLoop loop = Objects.requireNonNull(decisions);
        long tick = lastTick;
        Callable<byte[]> state = loop.checkpoint();
        return () -> {
            try {
                byte[] bytes = state.call();
                return ByteBuffer.allocate(Long.BYTES + bytes.length)
                        .putLong(tick)
                        .put(bytes)
                        .array();
            } catch (IOException e) {
                throw e;
            } catch (Exception e) {
                throw new IOException("the decisions cannot be told: " + e, e);
            }
        };
    }

    @Override
    public void restore(byte[] section) throws IOException {
        DecisionLoop loop = Objects.requireNonNull(decisions);
        if (section.length == 0) {
            return; // nobody kept decisions
        }
        if (section.length < Long.BYTES) {
            throw new IOException("%d bytes of decisions are too few".formatted(section.length));
        }
        var buffer = ByteBuffer.wrap(section);
        long tick = buffer.getLong();
        var state = new byte[buffer.remaining()];
        buffer.get(state);
        loop.restore(state);
        lastTick = tick;
    }
}
