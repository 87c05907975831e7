package io.novacron.perf.faults;

import com.fasterxml.jackson.databind.JsonNode;
import io.novacron.perf.faults.FaultServer.Limits;
import io.novacron.wire.catalogue.Metrics;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.UUID;
import org.agrona.concurrent.UnsafeBuffer;

/// What agents, and what stands between them and the server, may do.
final class AgentFaults {
    private static final int AGENTS = 16;
    private static final int CAPACITY = 4_096;
    private static final int ENTITIES = 8;
    private static final double PACE = 3_000;
    private static final int DEATHS = 40;
    private static final Duration LOAD = Duration.ofSeconds(5);
    private static final Duration HELLO_TIMEOUT = Duration.ofSeconds(30);
    private static final double BYTES_PER_MB = 1e6;
    private static final double NS_PER_MS = 1e6;
    private static final long IMPATIENT_MS = 2_000;
    private static final long NS_PER_MILLI = 1_000_000;

    private AgentFaults() {}

    /// Agents die in the middle of a frame and come back with an empty spool.
    static FaultResult agentKilled(Stage stage) throws IOException {
        SplittableRandom random = stage.random("agent-killed");
        Path journal = stage.journal("agent-killed");
        int deaths = stage.scaled(DEATHS, 10);
        FaultServer server = stage.server();
        try (var swarm = swarm(AGENTS, random)) {
            server.open(journal, Limits.USUAL.withAgents(AGENTS));
            swarm.port(server.port());
            swarm.pace(PACE);
            for (int i = 0; i < deaths; i++) {
                SpoolingAgent agent = swarm.agents().get(random.nextInt(AGENTS));
                long target = agent.journaled() + random.nextInt(1, 60);
                swarm.run("load", () -> agent.journaled() >= target, Stage.PATIENCE);
                agent.dieInMidFrame(swarm.frames(), System.nanoTime());
            }
            swarm.drain(Stage.PATIENCE);
            return stage.finish("agent-killed", deaths, server, AGENTS, journal, swarm);
        } finally {
            stage.giveBack(server);
        }
    }

    /// A proxy in between that cuts, delays, drops, doubles, swaps and damages what goes through.
    static FaultResult proxy(Stage stage) throws IOException {
        SplittableRandom random = stage.random("proxy");
        Path journal = stage.journal("proxy");
        FaultServer server = stage.server();
        server.open(journal, Limits.USUAL.withAgents(AGENTS).withTimeoutMs(IMPATIENT_MS));
        try (var proxy = new UnrulyProxy(server.port(), random.split());
                var swarm = swarm(AGENTS, random)) {
            for (SpoolingAgent agent : swarm.agents()) {
                agent.manners.patienceNs = IMPATIENT_MS * NS_PER_MILLI;
            }
            swarm.port(proxy.port());
            swarm.pace(PACE);
            swarm.runFor(stage.scaled(LOAD.multipliedBy(2)));
            long least = AGENTS * 20L;
            swarm.run("load", () -> swarm.acknowledged() >= least, Stage.PATIENCE);
            proxy.behave();
            swarm.drain(Stage.PATIENCE);
            JsonNode counters = server.statistics();
            var figures = new LinkedHashMap<String, Number>(proxy.mischief());
            figures.put("crcErrors", counters.get("crcErrors").asLong());
            figures.put("magicErrors", counters.get("magicErrors").asLong());
            figures.put("connections", swarm.counted(Swarm.Event.WELCOMED));
            int rounds =
                    Math.toIntExact(
                            proxy.mischief().values().stream().mapToLong(Number::longValue).sum());
            return stage.finish(
                    "proxy", rounds, server, AGENTS, journal, figures, List.of(), swarm);
        } finally {
            stage.giveBack(server);
        }
    }

    /// One frame in a hundred is damaged, by half of the agents; the other half must not notice.
    static FaultResult corrupt(Stage stage) throws IOException {
        SplittableRandom random = stage.random("corrupt");
        Path journal = stage.journal("corrupt");
        FaultServer server = stage.server();
        try (var swarm = swarm(AGENTS, random)) {
            server.open(journal, Limits.USUAL.withAgents(AGENTS).withTimeoutMs(IMPATIENT_MS));
            for (int i = 0; i < AGENTS / 2; i++) {
                swarm.agents().get(i).manners.corruptShare = 0.02;
                swarm.agents().get(i).manners.patienceNs = IMPATIENT_MS * NS_PER_MILLI;
            }
            swarm.port(server.port());
            swarm.pace(PACE);
            swarm.runFor(stage.scaled(LOAD.multipliedBy(2)));
            swarm.run(
                    "damage",
                    () -> swarm.counted(Swarm.Event.FRAME_CORRUPTED) >= AGENTS,
                    Stage.PATIENCE);
            for (SpoolingAgent agent : swarm.agents()) {
                agent.manners.corruptShare = 0;
            }
            swarm.drain(Stage.PATIENCE);
            var problems = new ArrayList<String>();
            for (SpoolingAgent agent : swarm.agents().subList(AGENTS / 2, AGENTS)) {
                if (agent.welcomes() != 1) {
                    problems.add("a good agent lost its connection to others' bad frames");
                }
            }
            JsonNode counters = server.statistics();
            long corrupted = swarm.counted(Swarm.Event.FRAME_CORRUPTED);
            return stage.finish(
                    "corrupt",
                    Math.toIntExact(corrupted),
                    server,
                    AGENTS,
                    journal,
                    Map.of("crcErrors", counters.get("crcErrors").asLong()),
                    problems,
                    swarm);
        } finally {
            stage.giveBack(server);
        }
    }

    /// One agent does not read what it is told, another sends a byte at a time.
    static FaultResult slowAgent(Stage stage) throws IOException {
        SplittableRandom random = stage.random("slow-agent");
        Path journal = stage.journal("slow-agent");
        FaultServer server = stage.server();
        try (var swarm = new Swarm(1, AGENTS, 1 << 20, new FrameMaker(ENTITIES), random.split())) {
            server.open(journal, Limits.USUAL.withAgents(AGENTS));
            swarm.port(server.port());
            swarm.pace(PACE);
            swarm.run("a start", swarm::allOpen, Stage.PATIENCE);
            swarm.runFor(stage.scaled(LOAD).dividedBy(2));
            double quietP99Ms = swarm.latency().getValueAtPercentile(99) / NS_PER_MS;
            swarm.latency().reset();
            SpoolingAgent deaf = swarm.agents().get(0);
            deaf.manners.reads = false;
            deaf.manners.patienceNs = Long.MAX_VALUE;
            SpoolingAgent slow = swarm.agents().get(1);
            slow.manners.writeLimit = 1;
            slow.manners.patienceNs = Long.MAX_VALUE;
            swarm.runFor(stage.scaled(LOAD.multipliedBy(2)));
            var figures = new LinkedHashMap<String, Number>();
            figures.put("othersAckP99Ms", swarm.latency().getValueAtPercentile(99) / NS_PER_MS);
            figures.put("othersAckP99MsBefore", quietP99Ms);
            figures.put("rssMb", server.rssBytes() / BYTES_PER_MB);
            deaf.manners.reads = true;
            slow.manners.writeLimit = Integer.MAX_VALUE;
            swarm.drain(Stage.PATIENCE);
            var problems = new ArrayList<String>();
            for (SpoolingAgent agent : swarm.agents()) {
                if (agent.welcomes() != 1) {
                    problems.add("an agent lost its connection to slow ones");
                }
            }
            return stage.finish("slow-agent", 2, server, AGENTS, journal, figures, problems, swarm);
        } finally {
            stage.giveBack(server);
        }
    }

    /// The server is killed under ten thousand agents, which all come back at once.
    static FaultResult reconnect(Stage stage) throws IOException {
        int agents = stage.scaled(10_000, 100);
        SplittableRandom random = stage.random("reconnect");
        Path journal = stage.journal("reconnect");
        FaultServer server = stage.server();
        try (var swarm = new Swarm(1, agents, 64, new FrameMaker(1), random.split())) {
            Limits limits = Limits.USUAL.withAgents(agents);
            server.open(journal, limits);
            swarm.port(server.port());
            swarm.produceEach(2); // an inventory and a batch
            swarm.run("a start", swarm::allOpen, Stage.PATIENCE);
            swarm.run("a start", swarm::allSynced, Stage.PATIENCE);
            stage.prepare();
            swarm.produceEach(2);
            server.kill();
            server = stage.server();
            server.open(journal, limits);
            swarm.port(server.port());
            long startNs = System.nanoTime();
            swarm.runFor(Duration.ofMillis(1)); // all find their connections dead
            swarm.run("a return", swarm::allOpen, Stage.PATIENCE);
            double seconds = (System.nanoTime() - startNs) / 1e9;
            swarm.drain(Stage.PATIENCE);
            var figures = new LinkedHashMap<String, Number>();
            figures.put("agents", agents);
            figures.put("secondsToAllBack", seconds);
            figures.put("rssMb", server.rssBytes() / BYTES_PER_MB);
            return stage.finish("reconnect", 1, server, agents, journal, figures, List.of(), swarm);
        } finally {
            stage.giveBack(server);
        }
    }

    /// Connections that say little, or too much, or nonsense, while agents work.
    static FaultResult strangers(Stage stage) throws IOException {
        int limit = stage.scaled(3_000, 200);
        int flood = stage.scaled(5_000, 400);
        int odd = 20;
        SplittableRandom random = stage.random("strangers");
        Path journal = stage.journal("strangers");
        FaultServer server = stage.server();
        var frames = new FrameMaker(ENTITIES);
        var unknown = new FrameMaker(ENTITIES, Metrics.CPU_USAGE, Metrics.MEMORY_USED, 999);
        try (var swarm = swarm(AGENTS, random)) {
            long helloMs = stage.scaled(HELLO_TIMEOUT).toMillis() + IMPATIENT_MS;
            server.open(journal, new Limits(AGENTS, limit, helloMs, 0));
            swarm.port(server.port());
            swarm.pace(PACE);
            swarm.run("a start", swarm::allOpen, Stage.PATIENCE);
            SpoolingAgent confused = swarm.agents().get(0);
            for (int i = 0; i < odd; i++) {
                confused.add(sequence -> frames.batch(sequence, 1, 1_000 * sequence));
                confused.add(sequence -> frames.batch(sequence, 1, in2100()));
                confused.add(sequence -> unknown.batch(sequence, 1));
                claimTwoGigabytes(server.port());
            }
            long rss;
            try (var crowd = FloodProcess.start(server.port(), flood, stage.log())) {
                swarm.run("the flood", crowd::done, Stage.PATIENCE);
                rss = server.rssBytes();
                awaitCount(server, swarm, "connectionsRefused", flood + AGENTS - limit);
                awaitCount(server, swarm, "connectionsTimedOut", limit / 2);
            }
            swarm.drain(Stage.PATIENCE);
            JsonNode counters = server.statistics();
            var problems = new ArrayList<String>();
            expect(problems, counters, "framesTooLarge", odd);
            expect(problems, counters, "batchesTooOld", odd);
            expect(problems, counters, "batchesQuarantined", odd);
            expect(problems, counters, "samplesOfUnknownMetrics", (long) odd * ENTITIES);
            for (SpoolingAgent agent : swarm.agents()) {
                if (agent.welcomes() != 1) {
                    problems.add("an agent lost its connection to strangers");
                }
            }
            var figures = new LinkedHashMap<String, Number>();
            figures.put("connections", flood);
            figures.put("limit", limit);
            figures.put("refused", counters.get("connectionsRefused").asLong());
            figures.put("timedOut", counters.get("connectionsTimedOut").asLong());
            figures.put("rssMb", rss / BYTES_PER_MB);
            figures.put("othersAckP99Ms", swarm.latency().getValueAtPercentile(99) / NS_PER_MS);
            return stage.finish(
                    "strangers", flood, server, AGENTS, journal, figures, problems, swarm);
        } finally {
            stage.giveBack(server);
        }
    }

    private static long in2100() {
        return Instant.parse("2100-01-01T00:00:00Z").toEpochMilli();
    }

    /// A hello whose length says 2 GB.
    private static void claimTwoGigabytes(int port) throws IOException {
        byte[] frame = new FrameMaker(1).inventory(new UUID(9, 9), 1);
        new UnsafeBuffer(frame).putInt(0, Integer.MAX_VALUE);
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.getOutputStream().write(frame);
            socket.getInputStream().readAllBytes(); // the refusal, and the end
        } catch (java.net.SocketException e) {
            // reset: it has not read all we wrote
        }
    }

    private static void awaitCount(FaultServer server, Swarm swarm, String counter, long least)
            throws IOException {
        long startNs = System.nanoTime();
        while (server.statistics().get(counter).asLong() < least) {
            swarm.runFor(Duration.ofMillis(100));
            if (System.nanoTime() - startNs > Stage.PATIENCE.toNanos()) {
                throw new IOException(
                        "%s=%s did not reach %d"
                                .formatted(counter, server.statistics().get(counter), least));
            }
        }
    }

    private static void expect(
            List<String> problems, JsonNode counters, String counter, long expected) {
        long actual = counters.get(counter).asLong();
        if (actual != expected) {
            problems.add("%s=%d must be %d".formatted(counter, actual, expected));
        }
    }

    private static Swarm swarm(int agents, SplittableRandom random) throws IOException {
        return new Swarm(1, agents, CAPACITY, new FrameMaker(ENTITIES), random.split());
    }
}
