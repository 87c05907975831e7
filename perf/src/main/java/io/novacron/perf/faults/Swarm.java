package io.novacron.perf.faults;

import io.novacron.wire.sbe.ErrorCode;
import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import org.HdrHistogram.Histogram;

/// Agents in number, all driven by the thread that calls [#run]. Between two calls they stand still
/// while their sockets do not.
final class Swarm implements AutoCloseable {
    /// What happens to agents and is no promise broken.
    enum Event {
        WELCOMED,
        GIVEN_UP,
        WRITE_STALLED,
        FRAME_CORRUPTED,
        DAMAGED_ANSWER
    }

    private static final int PRODUCE_AT_MOST = 512; // in one go, however late it is
    private static final long NS_PER_SECOND = 1_000_000_000L;
    private static final int VIOLATIONS_KEPT = 20;
    private static final int OUT_LENGTH = 16 * 1024;
    private static final int SMALL_OUT_LENGTH = 1_024;
    private static final int CROWD = 1_000;

    private final SplittableRandom random;
    private final FrameMaker frames;
    private final Selector selector = Selector.open();
    private final List<SpoolingAgent> agents = new ArrayList<>();
    private final Map<Event, Long> events = new EnumMap<>(Event.class);
    private final Map<ErrorCode, Long> refusals = new EnumMap<>(ErrorCode.class);
    private final List<String> violations = new ArrayList<>();
    private final Histogram latency = new Histogram(3);
    private double framesPerSecond;
    private long lastProducedNs;
    private double owed;
    private int nextProducer;
    private int producers;
    private int port;
    private long acknowledged;
    private long takenBack;

    /// @param capacity frames that each keeps at most
    /// @param number distinguishes the agents of one swarm from those of another
    Swarm(int number, int count, int capacity, FrameMaker frames, SplittableRandom random)
            throws IOException {
        this.random = random;
        this.frames = frames;
        this.producers = count;
        for (int i = 0; i < count; i++) {
            var id = new UUID(number, i);
            int outLength = count > CROWD ? SMALL_OUT_LENGTH : OUT_LENGTH;
            agents.add(new SpoolingAgent(this, id, capacity, outLength));
        }
    }

    List<SpoolingAgent> agents() {
        return agents;
    }

    Selector selector() {
        return selector;
    }

    SplittableRandom random() {
        return random;
    }

    FrameMaker frames() {
        return frames;
    }

    int port() {
        return port;
    }

    /// Where the server listens from now on.
    void port(int number) {
        port = number;
    }

    /// How many frames all of them make in a second; 0 for none.
    void pace(double perSecond) {
        framesPerSecond = perSecond;
        lastProducedNs = System.nanoTime();
        owed = 0;
    }

    /// Only the first so many make frames.
    void producers(int count) {
        producers = count;
    }

    /// Drives the agents until something holds.
    ///
    /// @throws IOException when it does not hold in time
    void run(String what, BooleanSupplier until, Duration patience) throws IOException {
        long deadlineNs = System.nanoTime() + patience.toNanos();
        while (!until.getAsBoolean()) {
            long nowNs = System.nanoTime();
            if (nowNs - deadlineNs > 0) {
                throw new IOException(
                        "%s did not come about within %s: %s".formatted(what, patience, this));
            }
            produce(nowNs);
            for (int i = 0; i < agents.size(); i++) {
                agents.get(i).step(nowNs);
            }
            selector.select(1);
            long readNs = System.nanoTime();
            for (SelectionKey key : selector.selectedKeys()) {
                if (key.isValid()) {
                    ((SpoolingAgent) key.attachment()).ready(key, readNs);
                }
            }
            selector.selectedKeys().clear();
        }
    }

    void runFor(Duration time) throws IOException {
        long endNs = System.nanoTime() + time.toNanos();
        run("time", () -> System.nanoTime() - endNs >= 0, time.plusSeconds(60));
    }

    /// Makes no more frames and waits until every frame is journaled and synced.
    void drain(Duration patience) throws IOException {
        pace(0);
        run("an empty spool", this::allSynced, patience);
    }

    boolean allSynced() {
        return agents.stream().allMatch(SpoolingAgent::allSynced);
    }

    boolean allOpen() {
        return agents.stream().allMatch(SpoolingAgent::open);
    }

    private void produce(long nowNs) {
        owed += framesPerSecond * (nowNs - lastProducedNs) / NS_PER_SECOND;
        lastProducedNs = nowNs;
        int count = (int) Math.min(PRODUCE_AT_MOST, owed);
        owed = Math.min(owed - count, PRODUCE_AT_MOST);
        for (int i = 0; i < count; i++) {
            agents.get(nextProducer).produce(frames);
            nextProducer = (nextProducer + 1) % producers;
        }
    }

    /// Has each make so many frames at once.
    void produceEach(int count) {
        for (SpoolingAgent agent : agents) {
            for (int i = 0; i < count; i++) {
                agent.produce(frames);
            }
        }
    }

    // What agents tell

    void count(Event event) {
        events.merge(event, 1L, Long::sum);
    }

    long counted(Event event) {
        return events.getOrDefault(event, 0L);
    }

    void refused(ErrorCode code) {
        refusals.merge(code, 1L, Long::sum);
    }

    long refusals(ErrorCode code) {
        return refusals.getOrDefault(code, 0L);
    }

    void acknowledged(long frameCount) {
        acknowledged += frameCount;
    }

    /// Frames acknowledged as journaled, each counted once.
    long acknowledged() {
        return acknowledged;
    }

    void takenBack(long frameCount) {
        takenBack += frameCount;
    }

    /// Frames that were acknowledged as journaled, not yet as synced, and had to be sent again.
    long takenBack() {
        return takenBack;
    }

    void latency(SpoolingAgent agent, long ns) {
        if (agent.manners.reads && agent.manners.writeLimit == Integer.MAX_VALUE) {
            latency.recordValue(Math.max(0, ns));
        }
    }

    /// From a frame's sending to its acknowledgement as journaled, of agents that behave.
    Histogram latency() {
        return latency;
    }

    void violation(String what) {
        if (violations.size() < VIOLATIONS_KEPT) {
            violations.add(what);
        }
    }

    List<String> violations() {
        return violations;
    }

    List<SpoolingAgent.Promise> promises() {
        var all = new ArrayList<SpoolingAgent.Promise>();
        for (SpoolingAgent agent : agents) {
            all.addAll(agent.promises());
        }
        return all;
    }

    @Override
    public String toString() {
        long away = agents.stream().filter(agent -> !agent.open()).count();
        long waiting = agents.stream().filter(agent -> !agent.allSynced()).count();
        return "%d agents, %d without a connection, %d with frames not synced; %s %s %s"
                .formatted(agents.size(), away, waiting, events, refusals, violations);
    }

    @Override
    public void close() throws IOException {
        long nowNs = System.nanoTime();
        for (SpoolingAgent agent : agents) {
            agent.hangUp(nowNs);
        }
        selector.close();
    }
}
