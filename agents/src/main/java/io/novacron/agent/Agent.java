package io.novacron.agent;

import io.novacron.wire.message.Action;
import io.novacron.wire.message.Heartbeat;
import io.novacron.wire.message.Hello;
import io.novacron.wire.message.Inventory;
import io.novacron.wire.message.Message;
import io.novacron.wire.message.Welcome;
import io.novacron.wire.sbe.ConnectionKind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// One host's agent: samples into a spool, and keeps two connections to the daemon.
///
/// ```text
///  sampler ─▶ data spool ────▶ data link ────▶ daemon
///  command threads ─▶ control spool ─▶ control link ◀─▶ daemon
///                                       outcomes, heartbeats out; actions in
/// ```
///
/// The agent never acts on its own; without a daemon it samples and spools. Whoever made the parts
/// closes them, after the agent.
public final class Agent implements AutoCloseable {
    static final long DEFAULT_INTERVAL_MS = 10_000;
    private static final long DATA_WINDOW_BYTES = 1024 * 1024;
    private static final long CONTROL_WINDOW_BYTES = 64 * 1024;
    private static final long MIN_RETRY_MS = 250;
    private static final long MAX_RETRY_MS = 30_000;
    private static final int DEFAULT_HEARTBEAT_MS = 10_000;
    private static final int MAX_SILENT_HEARTBEATS = 3;

    private final AgentParts parts;
    private final AgentClock clock;
    private final AgentLog log;
    private final ActionsLog actionsLog;
    private final InventoryTracker inventory;
    private final SampleTable table;
    private final Sampler sampler;
    private final ActionDesk desk;
    private final Link dataLink;
    private final Link controlLink;
    private final CountDownLatch welcomed = new CountDownLatch(1);
    private volatile long daemonClockOffsetMs;

    /// @param actionsFolder where the actions log is kept; null for a simulated host, which forgets
    /// @param threads makes the agent's threads; not started
    public Agent(
            AgentParts parts,
            Dialer dialer,
            @Nullable Path actionsFolder,
            AgentClock clock,
            AgentLog log,
            ThreadFactory threads)
            throws IOException {
        this(parts, dialer, actionsFolder, clock, log, threads, MAX_RETRY_MS);
    }

    /// The same, with another longest wait between attempts to connect.
    public Agent(
            AgentParts parts,
            Dialer dialer,
            @Nullable Path actionsFolder,
            AgentClock clock,
            AgentLog log,
            ThreadFactory threads,
            long longestRetryMs)
            throws IOException {
        this.parts = parts;
        this.clock = clock;
        this.log = log;
        var random = new SplittableRandom(parts.seed());
        actionsLog =
                actionsFolder == null
                        ? ActionsLog.inMemory(clock)
                        : ActionsLog.open(actionsFolder, clock);
        inventory =
                new InventoryTracker(
                        parts.agentId(),
                        parts.hostLabels(),
                        parts.host(),
                        parts.hypervisor(),
                        parts.ids(),
                        parts.data(),
                        log);
        table = new SampleTable(parts.ids(), parts.data());
        sampler =
                new Sampler(
                        parts.agentId(),
                        parts.host(),
                        parts.hypervisor(),
                        parts.selfCost(),
                        inventory,
                        table,
                        parts.intervalMs() > 0 ? parts.intervalMs() : DEFAULT_INTERVAL_MS,
                        clock,
                        log,
                        threads);
        desk =
                new ActionDesk(
                        parts.hypervisor(),
                        parts.allowed(),
                        actionsLog,
                        parts.control(),
                        clock,
                        this::daemonClockMs,
                        log,
                        threads);
        dataLink =
                new Link(
                        ConnectionKind.DATA,
                        dialer,
                        parts.data(),
                        new DataPeer(),
                        new Backoff(
                                Math.min(MIN_RETRY_MS, longestRetryMs),
                                longestRetryMs,
                                random.split()),
                        DATA_WINDOW_BYTES,
                        clock,
                        log,
                        threads);
        controlLink =
                new Link(
                        ConnectionKind.CONTROL,
                        dialer,
                        parts.control(),
                        new ControlPeer(),
                        new Backoff(
                                Math.min(MIN_RETRY_MS, longestRetryMs),
                                longestRetryMs,
                                random.split()),
                        CONTROL_WINDOW_BYTES,
                        clock,
                        log,
                        threads);
    }

    /// Connects, and samples from now on.
    public void start() {
        connect();
        sampler.start();
    }

    /// Connects and says what there is, without sampling: for one who first spools the past.
    public void connect() {
        inventory.update(clock.nowMs());
        desk.recover();
        dataLink.start();
        controlLink.start();
    }

    /// Samples from now on; for use after [#connect].
    public void startSampling() {
        sampler.start();
    }

    /// Waits for the daemon's first welcome.
    public void awaitWelcome() throws InterruptedException {
        welcomed.await();
    }

    /// Where samples of the past are put; of use between [#connect] and [#startSampling] only, for
    /// then it belongs to the sampling thread.
    public SampleTable table() {
        return table;
    }

    /// The daemon's time as far as the last welcome or heartbeat told.
    public long daemonClockMs() {
        return clock.nowMs() + daemonClockOffsetMs;
    }

    /// Whether both connections are up.
    public boolean isConnected() {
        return dataLink.isConnected() && controlLink.isConnected();
    }

    /// Whether the sampling thread keeps its intervals, give or take a few.
    public boolean isSampling() {
        return sampler.isKeepingUp(clock.nowNs());
    }

    public long samplesSpooled() {
        return table.samplesSpooled();
    }

    public long framesSent() {
        return dataLink.framesSent() + controlLink.framesSent();
    }

    /// Says in the log what the agent has done so far, bounds and losses included.
    public void logCounters() {
        log.info(
                "counters",
                "vms",
                inventory.vms(),
                "samplesSpooled",
                table.samplesSpooled(),
                "samplesAbsurd",
                table.samplesAbsurd(),
                "samplesUnknown",
                table.samplesUnknown(),
                "intervalsMissed",
                sampler.intervalsMissed(),
                "intervalsFailed",
                sampler.intervalsFailed(),
                "framesSent",
                framesSent(),
                "framesRefused",
                dataLink.framesRefused() + controlLink.framesRefused(),
                "framesDropped",
                framesDropped(),
                "idsRefused",
                parts.ids().idsRefused(),
                "connects",
                dataLink.connects() + controlLink.connects(),
                "actionsTaken",
                desk.actionsTaken(),
                "actionsRefused",
                desk.actionsRefused(),
                "actionsRepeated",
                desk.actionsRepeated(),
                "cpuMs",
                TimeUnit.NANOSECONDS.toMillis(parts.selfCost().cpuNs()),
                "rssBytes",
                parts.selfCost().rssBytes());
    }

    private long framesDropped() {
        return parts.data().framesDropped() + parts.control().framesDropped();
    }

    private long capabilities() {
        return Capability.masked(
                parts.hypervisor().capabilities() | parts.extraCapabilities(), parts.allowed());
    }

    private Hello hello(ConnectionKind kind, long firstSequence, long lastSequence, long bits) {
        return new Hello(
                parts.agentId(),
                parts.epoch(),
                kind,
                1,
                1,
                bits,
                firstSequence,
                lastSequence,
                clock.nowMs(),
                parts.host().describe().name(),
                parts.version());
    }

    /// The data connection: an inventory first, then frames.
    private final class DataPeer implements Link.Peer {

        @Override
        public Hello hello(long firstSequence, long lastSequence) {
            return Agent.this.hello(
                    ConnectionKind.DATA, firstSequence, lastSequence, capabilities());
        }

        @Override
        public void connected(Welcome welcome, FrameSocket socket) throws IOException {
            daemonClockOffsetMs = welcome.clockMs() - clock.nowMs();
            if (parts.intervalMs() == 0 && welcome.sampleIntervalMs() > 0) {
                sampler.interval(welcome.sampleIntervalMs());
            }
            Inventory snapshot = inventory.snapshot();
            if (snapshot != null) {
                socket.send(snapshot);
            }
            welcomed.countDown();
        }

        @Override
        public void received(Message message) {
            log.warn("unexpected message", "connection", "DATA", "message", message);
        }

        @Override
        public long nextDueNs() {
            return Long.MAX_VALUE;
        }

        @Override
        public void due(FrameSocket socket) {}

        @Override
        public int receiveTimeoutMs() {
            return 0; // the control connection notices for both
        }

        @Override
        public void silent() {}
    }

    /// The control connection: heartbeats and outcomes out, actions in.
    private final class ControlPeer implements Link.Peer {
        private volatile long heartbeatIntervalNs;
        private volatile long nextHeartbeatNs;
        private volatile long capabilitiesTold;

        @Override
        public Hello hello(long firstSequence, long lastSequence) {
            long bits = capabilities();
            capabilitiesTold = bits;
            return Agent.this.hello(ConnectionKind.CONTROL, firstSequence, lastSequence, bits);
        }

        @Override
        public void connected(Welcome welcome, FrameSocket socket) {
            int intervalMs = welcome.heartbeatIntervalMs();
            heartbeatIntervalNs =
                    TimeUnit.MILLISECONDS.toNanos(
                            intervalMs > 0 ? intervalMs : DEFAULT_HEARTBEAT_MS);
            nextHeartbeatNs = clock.nowNs();
        }

        @Override
        public void received(Message message) {
            switch (message) {
                case Action action -> desk.submit(action);
                case Heartbeat heartbeat -> adopt(heartbeat);
                default ->
                        log.warn("unexpected message", "connection", "CONTROL", "message", message);
            }
        }

        /// The daemon's clock, read half a round trip ago.
        private void adopt(Heartbeat heartbeat) {
            long roundTripMs =
                    heartbeat.echoClockMs() == 0 ? 0 : clock.nowMs() - heartbeat.echoClockMs();
            if (roundTripMs >= 0) {
                daemonClockOffsetMs = heartbeat.clockMs() + roundTripMs / 2 - clock.nowMs();
            }
        }

        @Override
        public long nextDueNs() {
            return nextHeartbeatNs;
        }

        @Override
        public void due(FrameSocket socket) throws IOException {
            nextHeartbeatNs = clock.nowNs() + heartbeatIntervalNs;
            desk.checkOverruns();
            if (capabilities() != capabilitiesTold) {
                log.info("capabilities changed", "hypervisor", parts.hypervisor().description());
                dataLink.reset();
                controlLink.reset();
                return;
            }
            socket.send(
                    new Heartbeat(
                            clock.nowMs(),
                            0,
                            parts.selfCost().cpuNs(),
                            parts.hypervisor().causedCpuNs(),
                            parts.selfCost().rssBytes(),
                            parts.data().bytes() + parts.control().bytes(),
                            framesDropped(),
                            table.samplesSpooled()));
        }

        @Override
        public int receiveTimeoutMs() {
            return (int) TimeUnit.NANOSECONDS.toMillis(heartbeatIntervalNs) * MAX_SILENT_HEARTBEATS;
        }

        @Override
        public void silent() {
            dataLink.reset();
        }
    }

    /// Stops sampling and disconnects. What is in the spool stays there; an action in hand goes on
    /// in its thread for as long as the process lives.
    @Override
    public void close() throws IOException {
        sampler.close();
        desk.close();
        dataLink.close();
        controlLink.close();
        actionsLog.close();
    }
}
