package io.novacron.perf.decisions;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.novacron.daemon.audit.AuditVerification;
import io.novacron.perf.faults.ServerImage;
import io.novacron.wire.sbe.LifecycleState;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One life of a daemon and its agents: killed so many times, then looked at when all is over.
final class RehearsalRounds implements AutoCloseable {
    static final int HOSTS = 3;
    private static final int VMS = 18;
    private static final long LONGEST_ROUND_MS = 1_500;
    private static final long SHORTEST_ROUND_MS = 50;
    private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(300);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path folder;
    private final ServerImage daemonImage;
    private final ServerImage agentsImage;
    private final SplittableRandom random;
    private final Consumer<String> progress;
    private final LifecycleCheck check = new LifecycleCheck();
    private final Map<LifecycleState, Long> foundAfterKill = new EnumMap<>(LifecycleState.class);
    private final List<String> auditProblems = new ArrayList<>();
    private final int port;
    private volatile long shiftMs;
    private @Nullable Child daemon;
    private @Nullable Child ready;
    private @Nullable Child agents;
    private int daemonKills;
    private int agentKills;
    private int stops;

    RehearsalRounds(
            Path folder,
            ServerImage daemonImage,
            ServerImage agentsImage,
            SplittableRandom random,
            Consumer<String> progress)
            throws IOException {
        this.folder = folder;
        this.daemonImage = daemonImage;
        this.agentsImage = agentsImage;
        this.random = random;
        this.progress = progress;
        Files.createDirectories(folder);
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
    }

    /// Runs all rounds and the end.
    void run(int rounds) throws IOException {
        startAgents();
        openDaemon();
        for (int round = 1; round <= rounds; round++) {
            Child running = daemon();
            ready = newDaemon(); // its JVM starts meanwhile
            pause(random.nextLong(SHORTEST_ROUND_MS, LONGEST_ROUND_MS));
            int chance = random.nextInt(100);
            if (chance < 15) {
                killAgents();
            }
            if (chance < 5) { // the daemon lives on
                startAgents();
                pause(random.nextLong(SHORTEST_ROUND_MS, LONGEST_ROUND_MS));
            }
            if (chance >= 92) {
                stops++;
                running.end();
            } else {
                daemonKills++;
                running.kill();
            }
            synchronized (check) {
                check.ended();
            }
            verifyAudit();
            openDaemon();
            if (chance >= 5 && chance < 15) {
                startAgents();
            }
            look();
        }
        end();
    }

    private void end() throws IOException {
        Child running = daemon();
        running.ask("quiet", "quiet");
        long deadlineNs = System.nanoTime() + PATIENCE_NS;
        look();
        while (!check.allEnded() && System.nanoTime() - deadlineNs < 0) {
            pause(200);
            look();
        }
        running.end();
        daemon = null;
        Child host = agents;
        if (host != null) {
            host.end();
        }
        verifyAudit();
        check.finish(PaperFleet.read(RehearsalAgentsMain.log(folder)));
    }

    private Child daemon() throws IOException {
        Child running = daemon;
        if (running == null) {
            throw new IOException("no daemon");
        }
        return running;
    }

    private Child newDaemon() throws IOException {
        return new Child(daemonImage.command(), folder.resolve("daemon.log"), this::isUnasked);
    }

    private boolean isUnasked(String line) {
        String[] words = line.split(" ");
        if (words[0].equals("shift")) {
            shiftMs = Long.parseLong(words[1]);
            return true;
        }
        if (words[0].equals("told")) {
            synchronized (check) {
                check.told(Long.parseLong(words[1]), LifecycleState.valueOf(words[2]));
            }
            return true;
        }
        return false;
    }

    private void openDaemon() throws IOException {
        Child next = ready == null ? newDaemon() : ready;
        ready = null;
        daemon = next;
        String found =
                next.ask(
                        "open %s %d %d %d %d"
                                .formatted(folder, port, VMS, random.nextLong(1L << 40), shiftMs),
                        "serving");
        for (String count : found.split(" ")) {
            if (!count.isEmpty()) {
                String[] words = count.split("=");
                foundAfterKill.merge(
                        LifecycleState.valueOf(words[0]), Long.parseLong(words[1]), Long::sum);
            }
        }
    }

    private void startAgents() throws IOException {
        var started = new Child(agentsImage.command(), folder.resolve("agents.log"), _ -> false);
        agents = started;
        started.ask("open %s %d %d %d %d".formatted(folder, port, HOSTS, VMS, 7), "agents");
    }

    private void killAgents() {
        Child running = agents;
        if (running != null) {
            agentKills++;
            running.kill();
        }
    }

    private void look() throws IOException {
        long from;
        synchronized (check) {
            from = check.firstOpen();
        }
        JsonNode rows = JSON.readTree(daemon().ask("rows " + from, "rows "));
        synchronized (check) {
            check.look(rows);
        }
    }

    private void verifyAudit() throws IOException {
        Path data = folder.resolve("daemon");
        Path log = data.resolve("audit.jsonl");
        Path anchor = data.resolve("anchor/audit.json");
        if (!Files.exists(log) || Files.size(log) == 0) {
            return;
        }
        var verification =
                AuditVerification.of(log, Files.exists(anchor) ? anchor : null, List.of());
        if (!verification.ok()) {
            auditProblems.add(verification.problems().toString());
            progress.accept("audit: " + verification.problems());
        }
    }

    /// Lines in which a start says that the audit log was not as anchored: no kill causes one.
    long auditsSaidBroken() throws IOException {
        Path log = folder.resolve("daemon/audit.jsonl");
        try (var lines = Files.lines(log)) {
            return lines.filter(line -> line.contains("AUDIT_BROKEN")).count();
        }
    }

    private static void pause(long ms) {
        long deadlineNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(ms);
        for (long leftNs = deadlineNs - System.nanoTime();
                leftNs > 0;
                leftNs = deadlineNs - System.nanoTime()) {
            LockSupport.parkNanos(leftNs);
        }
    }

    LifecycleCheck check() {
        return check;
    }

    Map<LifecycleState, Long> foundAfterKill() {
        return foundAfterKill;
    }

    int auditProblems() {
        return auditProblems.size();
    }

    int daemonKills() {
        return daemonKills;
    }

    int agentKills() {
        return agentKills;
    }

    int stops() {
        return stops;
    }

    @Override
    public void close() {
        for (Child child : new Child[] {daemon, ready, agents}) {
            if (child != null) {
                child.close();
            }
        }
    }
}
