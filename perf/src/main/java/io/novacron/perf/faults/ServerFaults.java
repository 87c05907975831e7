package io.novacron.perf.faults;

import com.fasterxml.jackson.databind.JsonNode;
import io.novacron.perf.faults.FaultServer.Limits;
import io.novacron.wire.sbe.ErrorCode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/// What may befall the server: its process, its disk, its clock.
final class ServerFaults {
    private static final int AGENTS = 24;
    private static final int CAPACITY = 4_096;
    private static final int ENTITIES = 8;
    private static final int LARGE = 200; // entities of a frame that is to fill something
    private static final double PACE = 4_000;
    private static final int MOST_FRAMES_A_ROUND = 1_500;
    private static final int POWER_LOSSES = 8;
    private static final long HOUR_MS = 3_600_000;
    private static final Duration LOAD = Duration.ofSeconds(2);
    private static final double BYTES_PER_MB = 1e6;
    private static final int SMALL_SEND_BUFFER = 32 * 1024;
    private static final Duration FILLING = Duration.ofMillis(100);
    private static final int LOOKS = 10;
    private static final long RESERVE_LEFT = 2 << 20;
    private static final long RSS_GROWTH_LIMIT = 64 << 20; // eight rings

    private ServerFaults() {}

    /// `kill -9` at a random point under load, and a new server on the same directory.
    static FaultResult kill(Stage stage) throws IOException {
        SplittableRandom random = stage.random("kill");
        Path journal = stage.journal("kill");
        FaultServer server = stage.server();
        try (var swarm = swarm(AGENTS, random)) {
            open(server, journal, swarm);
            swarm.pace(PACE);
            for (int round = 1; round <= stage.rounds(); round++) {
                stage.prepare();
                loadUntilRandomPoint(swarm, random);
                server.kill();
                server = stage.server();
                open(server, journal, swarm);
                stage.tick(server);
            }
            swarm.drain(Stage.PATIENCE);
            return stage.finish("kill", stage.rounds(), server, AGENTS, journal, swarm);
        } finally {
            stage.giveBack(server);
        }
    }

    /// A power loss: a kill, after which the pages written since the last sync are lost, kept or
    /// torn, each by chance.
    static FaultResult torn(Stage stage) throws IOException {
        SplittableRandom random = stage.random("torn");
        Path journal = stage.journal("torn");
        int rounds = stage.scaled(POWER_LOSSES, 2);
        FaultServer server = stage.server();
        long pagesLost = 0;
        try (var swarm = swarm(AGENTS, random)) {
            open(server, journal, swarm);
            for (int round = 1; round <= rounds; round++) {
                stage.prepare();
                swarm.pace(PACE);
                loadUntilRandomPoint(swarm, random);
                swarm.drain(Stage.PATIENCE);
                server.tell("freeze"); // one more sync is due, and then none while the clock stands
                server.statistics(); // it has obeyed
                swarm.agents().getFirst().produce(swarm.frames());
                swarm.drain(Stage.PATIENCE);
                var device = DeviceState.of(journal);
                swarm.pace(PACE);
                loadUntilRandomPoint(swarm, random);
                server.kill();
                pagesLost += device.losePower(random);
                server = stage.server();
                open(server, journal, swarm);
            }
            swarm.drain(Stage.PATIENCE);
            return stage.finish(
                    "torn",
                    rounds,
                    server,
                    AGENTS,
                    journal,
                    Map.of("pagesLost", pagesLost),
                    List.of(),
                    swarm);
        } finally {
            stage.giveBack(server);
        }
    }

    /// The clock jumps forth and back by an hour, both ways.
    static FaultResult clock(Stage stage) throws IOException {
        SplittableRandom random = stage.random("clock");
        Path journal = stage.journal("clock");
        FaultServer server = stage.server();
        try (var swarm = swarm(AGENTS, random)) {
            open(server, journal, swarm);
            swarm.pace(PACE / 2);
            long[] shifts = {0, HOUR_MS, 0, -HOUR_MS, 0};
            for (long shift : shifts) {
                server.tell("clock " + shift);
                swarm.runFor(stage.scaled(LOAD));
                long target = swarm.acknowledged() + AGENTS;
                swarm.run("load", () -> swarm.acknowledged() >= target, Stage.PATIENCE);
            }
            swarm.drain(Stage.PATIENCE);
            JsonNode counters = server.statistics();
            long quarantined = counters.get("batchesQuarantined").asLong();
            var problems = new ArrayList<String>();
            if (quarantined == 0) {
                problems.add("no batch was quarantined while the clock was an hour behind");
            }
            for (SpoolingAgent agent : swarm.agents()) {
                if (agent.welcomes() > 1) {
                    problems.add("a jump of the clock cost a connection");
                }
            }
            return stage.finish(
                    "clock",
                    shifts.length - 1,
                    server,
                    AGENTS,
                    journal,
                    Map.of("quarantined", quarantined),
                    problems,
                    swarm);
        } finally {
            server.tell("clock 0");
            stage.giveBack(server);
        }
    }

    /// The journal's disk fills up, first to the reserve, then to the last byte, and is freed.
    static FaultResult diskFull(Stage stage) throws IOException {
        SplittableRandom random = stage.random("disk-full");
        var reserve = new Limits(AGENTS, Limits.USUAL.connections(), 10_000, 4L << 20);
        FaultServer server = stage.server();
        try (var disk = SmallDisk.mount(stage.folder().resolve("small-disk"));
                var swarm = new Swarm(1, AGENTS, CAPACITY, new FrameMaker(LARGE), random.split())) {
            Path journal = disk.folder().resolve("journal");
            server.open(journal, reserve);
            swarm.port(server.port());
            swarm.pace(4 * PACE);
            swarm.run("load", () -> swarm.acknowledged() > MOST_FRAMES_A_ROUND, Stage.PATIENCE);
            disk.fillUpTo(server, reserve.reservedBytes() + RESERVE_LEFT);
            awaitRefusals(swarm);
            long before = server.statistics().get("recordsAppended").asLong();
            stage.tick(server); // the reserve is for the daemon's own records
            boolean ticked = false;
            for (int i = 0; i < 200 && !ticked; i++) {
                swarm.runFor(Duration.ofMillis(10));
                ticked = server.statistics().get("recordsAppended").asLong() > before;
            }
            disk.fillUpTo(server, 0);
            swarm.runFor(stage.scaled(LOAD));
            long refusals = swarm.refusals(ErrorCode.JOURNAL_UNAVAILABLE);
            long freedNs = System.nanoTime();
            disk.free(server);
            long target = swarm.acknowledged() + AGENTS;
            swarm.run("recovery", () -> swarm.acknowledged() >= target, Stage.PATIENCE);
            var figures = new LinkedHashMap<String, Number>();
            figures.put("refusals", refusals);
            figures.put("recoveryMs", (System.nanoTime() - freedNs) / 1_000_000);
            figures.put("realDisk", disk.real() ? 1 : 0);
            swarm.drain(Stage.PATIENCE);
            List<String> problems =
                    ticked ? List.of() : List.of("the reserve did not take the daemon's record");
            return stage.finish("disk-full", 2, server, AGENTS, journal, figures, problems, swarm);
        } finally {
            stage.giveBack(server);
        }
    }

    /// The journal's disk does not answer for a while.
    static FaultResult stalled(Stage stage) throws IOException {
        int agents = 2;
        int capacity = 100_000;
        SplittableRandom random = stage.random("stalled");
        Path journal = stage.journal("stalled");
        FaultServer server = stage.server();
        try (var swarm = new Swarm(1, agents, capacity, new FrameMaker(LARGE), random)) {
            for (SpoolingAgent agent : swarm.agents()) {
                agent.manners.sendBufferLength = SMALL_SEND_BUFFER;
            }
            open(server, journal, swarm);
            swarm.pace(PACE);
            swarm.run("load", () -> swarm.acknowledged() > MOST_FRAMES_A_ROUND, Stage.PATIENCE);
            long quietRss = server.rssBytes();
            server.tell("stall");
            swarm.pace(10 * PACE);
            swarm.run( // TCP holds them back, not their own limit
                    "back-pressure",
                    () -> swarm.counted(Swarm.Event.WRITE_STALLED) >= agents,
                    Stage.PATIENCE);
            // A full socket may be the network's doing; a full ring is the stall's.
            long deadlineNs = System.nanoTime() + Stage.PATIENCE.toNanos();
            while (server.statistics().get("connectionsPaused").asLong() == 0
                    && System.nanoTime() - deadlineNs < 0) {
                swarm.runFor(FILLING);
            }
            long rss = server.rssBytes();
            for (int i = 0; i < LOOKS; i++) {
                swarm.runFor(stage.scaled(LOAD).dividedBy(LOOKS));
                rss = Math.max(rss, server.rssBytes());
            }
            JsonNode counters = server.statistics();
            long ringUsed = counters.get("ringBytesUsed").asLong();
            long paused = counters.get("connectionsPaused").asLong();
            long madeMeanwhile = swarm.agents().stream().mapToLong(a -> a.lastSequence()).sum();
            long waiting = madeMeanwhile - swarm.acknowledged();
            server.tell("go");
            swarm.drain(Stage.PATIENCE);
            var figures = new LinkedHashMap<String, Number>();
            figures.put("rssMb", rss / BYTES_PER_MB);
            figures.put("rssBeforeMb", quietRss / BYTES_PER_MB);
            figures.put("ringMb", ringUsed / BYTES_PER_MB);
            figures.put("framesHeldBack", waiting);
            figures.put("writesStalled", swarm.counted(Swarm.Event.WRITE_STALLED));
            var problems = new ArrayList<String>();
            if (paused == 0) {
                problems.add("agents were not slowed: %d bytes in the ring".formatted(ringUsed));
            }
            if (rss - quietRss > RSS_GROWTH_LIMIT) {
                problems.add("memory grew by %d bytes under a stall".formatted(rss - quietRss));
            }
            return stage.finish("stalled", 1, server, agents, journal, figures, problems, swarm);
        } finally {
            stage.giveBack(server);
        }
    }

    private static Swarm swarm(int agents, SplittableRandom random) throws IOException {
        return new Swarm(1, agents, CAPACITY, new FrameMaker(ENTITIES), random.split());
    }

    private static void open(FaultServer server, Path journal, Swarm swarm) throws IOException {
        server.open(journal, Limits.USUAL.withAgents(swarm.agents().size()));
        swarm.port(server.port());
    }

    private static void loadUntilRandomPoint(Swarm swarm, SplittableRandom random)
            throws IOException {
        long target = swarm.acknowledged() + random.nextInt(1, MOST_FRAMES_A_ROUND);
        swarm.run("load", () -> swarm.acknowledged() >= target, Stage.PATIENCE);
    }

    private static void awaitRefusals(Swarm swarm) throws IOException {
        swarm.run(
                "a refusal",
                () -> swarm.refusals(ErrorCode.JOURNAL_UNAVAILABLE) > 0,
                Stage.PATIENCE);
    }
}
