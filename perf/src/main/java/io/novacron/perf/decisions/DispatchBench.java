package io.novacron.perf.decisions;

import io.novacron.agent.AgentLog;
import io.novacron.daemon.config.DaemonConfig;
import io.novacron.daemon.decision.AdviceStage;
import io.novacron.daemon.decision.FleetFacts.VmFacts;
import io.novacron.daemon.decision.Proposal;
import io.novacron.daemon.service.Daemon;
import io.novacron.daemon.view.DecisionRow;
import io.novacron.perf.Figures;
import io.novacron.perf.Measurement;
import io.novacron.perf.decisions.PaperHypervisor.Manners;
import io.novacron.wire.sbe.LifecycleState;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// From the approval of a proposal to its action in the hands of an agent, on loopback: the whole
/// daemon (journal, decisions, agent port, audit log, a tick each second) and a real agent with its
/// control connection, in one process and so by one clock. Approvals come at a steady pace whether
/// or not the one before has arrived, so waiting in line counts.
///
/// Twice: with each decision on the device before its action is sent, which is the default, and
/// without.
@Command(name = "dispatch", description = "Time from a decision to the agent that is to act on it")
public final class DispatchBench extends Measurement {
    private static final int HOSTS = 2;
    private static final int MOST = 8_000;
    private static final int WARM_UP_SHARE = 4;
    private static final int DIGITS = 3;
    private static final double NS_PER_MS = 1e6;
    private static final long PATIENCE_S = 60;
    private static final int BATCH = 400;

    @Option(
            names = "--decisions",
            description = "Measured in each of the two ways; default ${DEFAULT-VALUE}")
    private int decisions = 1_000;

    @Option(names = "--rate", description = "Approvals a second; default ${DEFAULT-VALUE}")
    private int rate = 50;

    @Option(
            names = "--directory",
            description = "Where the journals lie; default: the system's temporary folder")
    private @Nullable Path directory;

    @Override
    protected Figures measure() throws Exception {
        check(
                decisions > 0 && decisions <= MOST,
                "--decisions=%s must be in [1, %s]. Maybe 1000?",
                decisions,
                MOST);
        check(rate > 0 && rate <= 1_000, "--rate=%s must be in [1, 1000]. Maybe 50?", rate);
        Path folder =
                directory == null
                        ? Files.createTempDirectory("novacron-dispatch-")
                        : Files.createTempDirectory(directory, "novacron-dispatch-");
        try {
            Histogram synced = run(folder.resolve("synced"), true);
            Histogram unsynced = run(folder.resolve("unsynced"), false);
            return new Figures("dispatch")
                    .add("p50Ms", synced.getValueAtPercentile(50) / NS_PER_MS)
                    .add("p99Ms", synced.getValueAtPercentile(99) / NS_PER_MS)
                    .add("maxMs", synced.getMaxValue() / NS_PER_MS)
                    .add("p50MsUnsynced", unsynced.getValueAtPercentile(50) / NS_PER_MS)
                    .add("p99MsUnsynced", unsynced.getValueAtPercentile(99) / NS_PER_MS)
                    .add("maxMsUnsynced", unsynced.getMaxValue() / NS_PER_MS)
                    .add("decisions", synced.getTotalCount())
                    .add("ratePerSecond", rate);
        } finally {
            delete(folder);
        }
    }

    private Histogram run(Path folder, boolean synced) throws Exception {
        int warmUp = Math.max(1, decisions / WARM_UP_SHARE);
        int vms = warmUp + decisions;
        Files.createDirectories(folder);
        Map<Long, Long> arrivedNs = new ConcurrentHashMap<>();
        var arrivals = new Semaphore(0);
        var offered = new Offered(vms);
        report("%s: %d decisions …", synced ? "synced first" : "unsynced", decisions);
        try (var fleet = PaperFleet.inMemory(HOSTS, vms);
                var daemon =
                        Daemon.start(
                                config(folder, synced), InstantSource.system(), "bench", offered);
                var log = new PrintStream(Files.newOutputStream(folder.resolve("agents.log")));
                var agents =
                        new PaperAgents(
                                fleet,
                                daemon.agentPort(),
                                null,
                                Duration.ofSeconds(1),
                                Manners.PROMPT,
                                action -> {
                                    arrivedNs.put(action.actionId(), System.nanoTime());
                                    arrivals.release();
                                },
                                new AgentLog(log, System::currentTimeMillis))) {
            agents.start();
            approve(daemon, warmUp, arrivals, arrivedNs);
            Map<Long, Long> approvedNs = approve(daemon, decisions, arrivals, arrivedNs);
            var latencies = new Histogram(DIGITS);
            approvedNs.forEach((id, atNs) -> {
                Long arrived = arrivedNs.get(id);
                if (arrived != null) {
                    latencies.recordValue(Math.max(1, arrived - atNs));
                }
            });
            return latencies;
        }
    }

    /// Approves so many proposals at a steady pace and waits until all have arrived.
    ///
    /// @return when each was to be approved
    private Map<Long, Long> approve(
            Daemon daemon, int count, Semaphore arrivals, Map<Long, Long> arrivedNs)
            throws IOException, InterruptedException {
        Map<Long, Long> approvedNs = new ConcurrentHashMap<>();
        long intervalNs = TimeUnit.SECONDS.toNanos(1) / rate;
        while (approvedNs.size() < count) {
            List<Long> open = // rows may be a moment behind
                    open(daemon, id -> !approvedNs.containsKey(id) && !arrivedNs.containsKey(id));
            long nextNs = System.nanoTime();
            for (long id : open.subList(0, Math.min(open.size(), count - approvedNs.size()))) {
                nextNs += intervalNs;
                for (long leftNs = nextNs - System.nanoTime();
                        leftNs > 0;
                        leftNs = nextNs - System.nanoTime()) {
                    LockSupport.parkNanos(leftNs);
                }
                approvedNs.put(id, nextNs);
                daemon.decisions().approve(id, "bench", "measured");
            }
        }
        if (!arrivals.tryAcquire(count, PATIENCE_S, TimeUnit.SECONDS)) {
            throw new IOException(
                    "%d of %d actions did not arrive within %d s: %s"
                            .formatted(
                                    count - arrivals.availablePermits(),
                                    count,
                                    PATIENCE_S,
                                    missing(daemon, approvedNs, arrivedNs)));
        }
        return approvedNs;
    }

    /// What became of approved decisions whose actions did not arrive.
    private static String missing(
            Daemon daemon, Map<Long, Long> approvedNs, Map<Long, Long> arrivedNs) {
        return daemon.decisions().rows().stream()
                .filter(row -> approvedNs.containsKey(row.id()) && !arrivedNs.containsKey(row.id()))
                .limit(5)
                .map(row -> "%d %s %s".formatted(row.id(), row.state(), row.transitions()))
                .toList()
                .toString();
    }

    private static List<Long> open(Daemon daemon, Predicate<Long> isNew) throws IOException {
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_S);
        while (System.nanoTime() - deadlineNs < 0) {
            List<Long> open =
                    daemon.decisions().rows().stream()
                            .filter(row -> row.state() == LifecycleState.PROPOSED)
                            .map(DecisionRow::id)
                            .filter(isNew)
                            .sorted()
                            .toList();
            if (!open.isEmpty()) {
                return open;
            }
            LockSupport.parkNanos(1_000_000);
        }
        throw new IOException("nothing was proposed within %d s".formatted(PATIENCE_S));
    }

    /// Once for each vm one more vCPU.
    private record Offered(int vms) implements AdviceStage {
        @Override
        public Advised onTick(Advised advised) {
            List<Proposal> proposals = new ArrayList<>();
            for (int vm = 0; vm < vms && proposals.size() < BATCH; vm++) {
                VmFacts now = advised.facts().vm(PaperFleet.vm(vm));
                if (now != null && now.vcpus() == 4) {
                    proposals.add(PaperAdvice.vcpus(vm, now, 5, Map.of()));
                }
            }
            return new Advised(proposals, advised.facts(), advised.tickMs());
        }
    }

    private static DaemonConfig config(Path folder, boolean synced) {
        return DaemonConfig.parse(
                """
                data-directory: "%s"
                tick: {interval: 1s}
                agents: {listen: "127.0.0.1:0", sample-interval: 1s}
                control: {listen: "127.0.0.1:0"}
                query: {listen: "127.0.0.1:0"}
                models: {onnx: false}
                policy: {measure: 0s, max-open: %d, sync-before-dispatch: %s}
                """
                        .formatted(folder.resolve("daemon"), BATCH, synced));
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
