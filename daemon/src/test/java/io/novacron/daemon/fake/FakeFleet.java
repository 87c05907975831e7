package io.novacron.daemon.fake;

import io.novacron.daemon.view.ActionRequest;
import io.novacron.daemon.view.AutomationRow;
import io.novacron.daemon.view.CapacityAnswer;
import io.novacron.daemon.view.CapacityQuery;
import io.novacron.daemon.view.CapacityRow;
import io.novacron.daemon.view.CommandException;
import io.novacron.daemon.view.CommandException.Kind;
import io.novacron.daemon.view.DecisionRow;
import io.novacron.daemon.view.DecisionRow.ReasonRow;
import io.novacron.daemon.view.DecisionRow.TransitionRow;
import io.novacron.daemon.view.DrainRow;
import io.novacron.daemon.view.ExplanationRow;
import io.novacron.daemon.view.ExplanationRow.AlternativeRow;
import io.novacron.daemon.view.ExplanationRow.FactorRow;
import io.novacron.daemon.view.ExplanationRow.FlipRow;
import io.novacron.daemon.view.FindingRow;
import io.novacron.daemon.view.FleetCommands;
import io.novacron.daemon.view.FleetQueries;
import io.novacron.daemon.view.ForecastRow;
import io.novacron.daemon.view.HostRow;
import io.novacron.daemon.view.OutlookRow;
import io.novacron.daemon.view.PlacementQuery;
import io.novacron.daemon.view.PlacementRow;
import io.novacron.daemon.view.SeriesRow;
import io.novacron.daemon.view.StatusRow;
import io.novacron.daemon.view.StatusRow.ComponentRow;
import io.novacron.daemon.view.StatusRow.Health;
import io.novacron.daemon.view.VmRow;
import io.novacron.daemon.view.WindowRow;
import io.novacron.wire.catalogue.Metrics;
import io.novacron.wire.sbe.ActionType;
import io.novacron.wire.sbe.EntityState;
import io.novacron.wire.sbe.LifecycleState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Hosts and vms with formulas for load, three recommendations, and commands that change them.
///
/// Thread-safe: everything that changes is guarded by the object's lock.
public final class FakeFleet implements FleetQueries, FleetCommands {
    public static final long START_MS = 1_772_445_600_000L; // 2026-03-02T10:00:00Z
    private AutomationRow automation =
            new AutomationRow(
                    "automatic", false, "", "", 0, List.of(), 3, AutomationRow.Observed.NOTHING);

    private static final long GIB = 1L << 30;
    private static final int[] HORIZONS = {300, 900, 1800, 3600, 7200, 21_600, 86_400};

    private final List<HostRow> hosts;
    private final List<VmRow> vms;
    private final TreeMap<Long, DecisionRow> decisions = new TreeMap<>();
    private static final long HOUR_MS = 3_600_000;
    private final List<ActionRequest> requests = new ArrayList<>();
    private final TreeMap<UUID, DrainRow> drains = new TreeMap<>();
    private final Set<UUID> promised = ConcurrentHashMap.newKeySet();
    private long tick;
    private Health ingestHealth = Health.OK;
    private boolean overloaded;
    private boolean broken;

    /// @param hostCount at least 3
    public FakeFleet(int hostCount, int vmsPerHost) {
        hosts = IntStream.range(0, hostCount).mapToObj(i -> host(i, vmsPerHost)).toList();
        vms =
                IntStream.range(0, hostCount * vmsPerHost)
                        .mapToObj(i -> vm(i, hosts.get(i / vmsPerHost)))
                        .toList();
        reset();
    }

    /// Back to the first state.
    public synchronized void reset() {
        tick = 42;
        ingestHealth = Health.OK;
        overloaded = false;
        broken = false;
        decisions.clear();
        propose(1, ActionType.SET_VCPUS, vms.get(0), 0.93f);
        propose(2, ActionType.SET_MEMORY, vms.get(1), 0.88f);
        propose(3, ActionType.LIVE_MIGRATE, vms.get(2), 0.81f);
        var kept = Objects.requireNonNull(decisions.get(1L));
        decisions.put(0L, withStates(kept, 0, LifecycleState.APPROVED, LifecycleState.KEPT));
    }

    /// Publishes the next tick.
    public synchronized void advance() {
        tick++;
    }

    public synchronized void setIngestHealth(Health health) {
        ingestHealth = health;
    }

    /// Makes commands answer that the queue is full.
    public synchronized void setOverloaded(boolean overloaded) {
        this.overloaded = overloaded;
    }

    /// Makes status fail, as a bug would.
    public synchronized void setBroken(boolean broken) {
        this.broken = broken;
    }

    @Override
    public synchronized StatusRow status() {
        if (broken) {
            throw new IllegalStateException("the fake is broken on purpose");
        }
        long clockMs = START_MS + tick * 60_000 + 12_000;
        return new StatusRow(
                "0.1.0-test",
                clockMs,
                START_MS,
                tick,
                clockMs - 12_000,
                hosts.size(),
                vms.size(),
                1_234_567_890L,
                vms.size() * 4L,
                3,
                3.25,
                412L << 20,
                9_500,
                -1,
                List.of(
                        new ComponentRow("ingest", ingestHealth, reasonOf(ingestHealth)),
                        new ComponentRow("journal", Health.OK, ""),
                        new ComponentRow("models", Health.OK, ""),
                        new ComponentRow("solver", Health.OK, "")));
    }

    @Override
    public List<HostRow> hosts() {
        return hosts;
    }

    @Override
    public List<VmRow> vms() {
        return vms;
    }

    @Override
    public Optional<UUID> resolve(String uuidOrName) {
        for (var vm : vms) {
            if (vm.name().equals(uuidOrName) || vm.id().toString().equals(uuidOrName)) {
                return Optional.of(vm.id());
            }
        }
        for (var host : hosts) {
            if (host.name().equals(uuidOrName) || host.id().toString().equals(uuidOrName)) {
                return Optional.of(host.id());
            }
        }
        return Optional.empty();
    }

    @Override
    public Optional<SeriesRow> series(UUID entity, int metricId, int stepSeconds, int steps) {
        if (metricId == Metrics.SWAP_IO) {
            return Optional.empty();
        }
        var values = new float[steps];
        for (int i = 0; i < steps; i++) {
            values[i] = load(entity, metricId, (i - steps + 1) * stepSeconds);
        }
        values[0] = Float.NaN;
        return Optional.of(
                new SeriesRow(entity, name(entity), metricId, stepSeconds, tickMs(), values));
    }

    @Override
    public Optional<ForecastRow> forecast(UUID entity, int metricId) {
        if (metricId > Metrics.NETWORK_THROUGHPUT) {
            return Optional.empty();
        }
        var points = new ArrayList<ForecastRow.Point>();
        for (int horizon : HORIZONS) {
            float median = load(entity, metricId, horizon);
            float spread = (float) (0.02 + 0.12 * Math.sqrt(horizon / 86_400.0)) * median;
            var quantiles = new float[9];
            for (int q = 0; q < quantiles.length; q++) {
                quantiles[q] = Math.max(0, median + spread * (q - 4) / 2);
            }
            points.add(new ForecastRow.Point(horizon, quantiles));
        }
        return Optional.of(
                new ForecastRow(
                        entity,
                        name(entity),
                        metricId,
                        tick(),
                        tickMs(),
                        "gbt-1",
                        "",
                        0.87f,
                        points,
                        List.of(new ForecastRow.Accuracy(3_600, 180, .21f, .8f, Float.NaN))));
    }

    @Override
    public Optional<OutlookRow> outlook(UUID entity, int metricId, int days) {
        CapacityQuery.checkDays(days);
        if (metricId > Metrics.NETWORK_THROUGHPUT) {
            return Optional.empty();
        }
        return Optional.of(
                new OutlookRow(
                        entity,
                        name(entity),
                        metricId,
                        START_MS,
                        "steady",
                        .25f,
                        35,
                        IntStream.range(0, days)
                                .mapToObj(day ->
                                        new OutlookRow.Day(day, 30, 40, 50, 50, 60, 70 + day / 4f))
                                .toList()));
    }

    @Override
    public CapacityAnswer capacity(CapacityQuery query) {
        var rows = new ArrayList<CapacityRow>();
        rows.add(
                new CapacityRow(
                        "fleet",
                        "fleet",
                        null,
                        Metrics.CPU_USAGE,
                        hosts.size(),
                        35,
                        "steady",
                        .5f,
                        60,
                        95,
                        99,
                        40,
                        61,
                        -1));
        if (query.hosts()) {
            HostRow young = hosts.getFirst();
            rows.add(
                    new CapacityRow(
                            "host",
                            young.name(),
                            young.id(),
                            Metrics.MEMORY_USAGE,
                            1,
                            0,
                            "",
                            Float.NaN,
                            Float.NaN,
                            Float.NaN,
                            Float.NaN,
                            -1,
                            -1,
                            -1));
        }
        return new CapacityAnswer(START_MS, query, rows);
    }

    @Override
    public synchronized List<FindingRow> findings() {
        return List.of(
                new FindingRow(
                        "bottleneck",
                        vms.get(0).id(),
                        vms.get(0).name(),
                        Metrics.CPU_STEAL,
                        0.91f,
                        "waits 14 % of its time for a CPU of its host",
                        tickMs()),
                new FindingRow(
                        "waste",
                        vms.get(1).id(),
                        vms.get(1).name(),
                        Metrics.MEMORY_USAGE,
                        0.77f,
                        "has used at most 19 % of its 16 GiB for three days",
                        tickMs()));
    }

    @Override
    public synchronized List<DecisionRow> recommendations() {
        return decisions.values().stream()
                .filter(decision -> decision.state() == LifecycleState.PROPOSED)
                .toList();
    }

    @Override
    public synchronized List<DecisionRow> decisions(int maxResults) {
        return decisions.descendingMap().values().stream().limit(maxResults).toList();
    }

    @Override
    public synchronized Optional<DecisionRow> decision(long id) {
        return Optional.ofNullable(decisions.get(id));
    }

    @Override
    public PlacementRow place(PlacementQuery query) {
        var candidates =
                hosts.stream()
                        .filter(host -> host.cpus() >= query.vcpus())
                        .filter(host -> !holdsAny(host, query.antiAffinity()))
                        .filter(host ->
                                query.affinity().isEmpty() || holdsAny(host, query.affinity()))
                        .limit(query.maxResults() == 0 ? 3 : query.maxResults())
                        .map(host ->
                                new PlacementRow.Candidate(
                                        host.id(),
                                        host.name(),
                                        0.75f,
                                        0.9f,
                                        List.of(new ReasonRow("headroom", "stays below 70 % CPU"))))
                        .toList();
        return new PlacementRow(
                tick(),
                candidates,
                Map.of("memory", hosts.size() - candidates.size()),
                promise(query.promise(), candidates));
    }

    private PlacementRow.@Nullable Promise promise(
            PlacementQuery.@Nullable PromiseTo promise, List<PlacementRow.Candidate> candidates) {
        if (promise == null || candidates.isEmpty()) {
            return null;
        }
        promised.add(promise.vm());
        var host = candidates.getFirst();
        return new PlacementRow.Promise(
                promise.vm(), host.hostId(), host.hostName(), promise.seconds() * 1_000L);
    }

    @Override
    public boolean releasePromise(UUID vm) {
        return promised.remove(vm);
    }

    @Override
    public CompletionStage<DecisionRow> approve(long decisionId, String who, String reason) {
        return decide(decisionId, who, reason, LifecycleState.APPROVED);
    }

    @Override
    public CompletionStage<DecisionRow> reject(long decisionId, String who, String reason) {
        return decide(decisionId, who, reason, LifecycleState.REJECTED);
    }

    @Override
    public synchronized CompletionStage<DecisionRow> act(
            ActionRequest request, String who, String reason) {
        requests.add(request);
        return CompletableFuture.completedFuture(decisions.firstEntry().getValue());
    }

    /// What was asked for with [#act], the first one first.
    public synchronized List<ActionRequest> requests() {
        return List.copyOf(requests);
    }

    @Override
    public synchronized CompletionStage<DrainRow> drain(
            UUID host, long fromMs, String who, String reason) {
        var drain =
                new DrainRow(
                        host,
                        hosts.stream()
                                .filter(row -> row.id().equals(host))
                                .map(HostRow::name)
                                .findFirst()
                                .orElse(""),
                        who,
                        reason,
                        START_MS,
                        2,
                        List.of(7L),
                        List.of(
                                new DrainRow.Stay(
                                        new UUID(2, 1), "vm-1", "no host takes it (2 hosts)")),
                        fromMs == 0 ? START_MS : fromMs);
        drains.put(host, drain);
        return CompletableFuture.completedFuture(drain);
    }

    @Override
    public synchronized CompletionStage<DrainRow> undrain(UUID host, String who, String reason) {
        DrainRow ended = drains.remove(host);
        return ended == null
                ? CompletableFuture.failedFuture(
                        new CommandException(
                                CommandException.Kind.CONFLICT, "the host is not being emptied"))
                : CompletableFuture.completedFuture(ended);
    }

    @Override
    public List<WindowRow> windows(UUID host, int hours, int within) {
        return List.of(
                new WindowRow(START_MS + 2 * HOUR_MS, START_MS + (2 + hours) * HOUR_MS, 12.5, 9.5));
    }

    @Override
    public synchronized List<DrainRow> drains() {
        return List.copyOf(drains.values());
    }

    @Override
    public CompletionStage<AutomationRow> stopAutomation(String who, String reason) {
        return automate(true, who, reason);
    }

    @Override
    public CompletionStage<AutomationRow> resumeAutomation(String who, String reason) {
        return automate(false, who, reason);
    }

    @Override
    public synchronized AutomationRow automation() {
        return automation;
    }

    private synchronized CompletionStage<AutomationRow> automate(
            boolean stopped, String who, String reason) {
        automation =
                new AutomationRow(
                        "automatic",
                        stopped,
                        who,
                        reason,
                        tickMs(),
                        List.of("night: set-vcpus at 22:00-06:00"),
                        3,
                        AutomationRow.Observed.NOTHING);
        return CompletableFuture.completedStage(automation);
    }

    private synchronized CompletionStage<DecisionRow> decide(
            long id, String who, String reason, LifecycleState verdict) {
        if (overloaded) {
            return refused(Kind.OVERLOADED, "command queue is full");
        }
        var decision = decisions.get(id);
        if (decision == null) {
            return refused(Kind.NOT_FOUND, "decision id=%d is not known".formatted(id));
        }
        if (decision.state() != LifecycleState.PROPOSED) {
            return refused(
                    Kind.CONFLICT,
                    "decision id=%d is %s, not PROPOSED".formatted(id, decision.state()));
        }
        var steps = new ArrayList<>(decision.transitions());
        steps.add(new TransitionRow(verdict, tickMs(), who, reason));
        var decided = copy(decision, id, verdict, steps, "");
        decisions.put(id, decided);
        return CompletableFuture.supplyAsync(() -> decided); // another thread answers, as in life
    }

    private static CompletionStage<DecisionRow> refused(Kind kind, String message) {
        return CompletableFuture.failedFuture(new CommandException(kind, message));
    }

    private synchronized long tick() {
        return tick;
    }

    private synchronized long tickMs() {
        return START_MS + tick * 60_000;
    }

    private boolean holdsAny(HostRow host, List<UUID> ids) {
        return vms.stream().anyMatch(vm -> vm.hostId().equals(host.id()) && ids.contains(vm.id()));
    }

    private String name(UUID entity) {
        return vms.stream()
                .filter(vm -> vm.id().equals(entity))
                .map(VmRow::name)
                .findFirst()
                .or(() ->
                        hosts.stream()
                                .filter(host -> host.id().equals(entity))
                                .map(HostRow::name)
                                .findFirst())
                .orElseThrow();
    }

    /// A daily wave with a little unrest, its phase and height the entity's own.
    private float load(UUID entity, int metricId, int secondsFromNow) {
        int seed = Math.floorMod(entity.getLeastSignificantBits() * 37, 100);
        double day = 2 * Math.PI * (secondsFromNow + tickMs() / 1000.0) / 86_400;
        double unrest = secondsFromNow > 0 ? 0 : Math.sin(secondsFromNow * 0.37 + seed) * 0.06;
        double share = 0.45 + seed / 400.0 + 0.2 * Math.sin(day + seed / 30.0) + unrest;
        boolean percent = metricId == Metrics.CPU_USAGE || metricId == Metrics.MEMORY_USAGE;
        return (float) (percent ? Math.min(99, 100 * share) : 80e6 * share);
    }

    private void propose(long id, ActionType type, VmRow vm, float confidence) {
        boolean migrate = type == ActionType.LIVE_MIGRATE;
        boolean memory = type == ActionType.SET_MEMORY;
        var target = hosts.get(2);
        decisions.put(
                id,
                new DecisionRow(
                        id,
                        type,
                        LifecycleState.PROPOSED,
                        vm.id(),
                        vm.name(),
                        vm.hostId(),
                        vm.hostName(),
                        type == ActionType.SET_VCPUS ? 2 : 0,
                        type == ActionType.SET_VCPUS ? 4 : 0,
                        memory ? 16 * GIB : 0,
                        memory ? 6 * GIB : 0,
                        migrate ? target.id() : null,
                        migrate ? target.name() : "",
                        confidence,
                        switch (type) {
                            case SET_MEMORY -> "It has used at most 3.1 GiB for three days.";
                            case LIVE_MIGRATE -> "Its host runs hot from 09:00 to 12:00.";
                            default -> "Its CPU will be full within 40 minutes.";
                        },
                        migrate ? "about 4 s slower while its memory moves" : "2 vcpus",
                        memory ? "10 GiB for other vms" : "latency stays as it is at peak",
                        List.of(
                                new ReasonRow("forecast", "median forecast in 1 h is 96 %"),
                                new ReasonRow("pressure", "steal was 14 % in the last 10 min")),
                        START_MS + 40 * 60_000,
                        40,
                        "9f2c4be1d07a6c5b8e3f1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f",
                        "gbt-1",
                        List.of(
                                new TransitionRow(
                                        LifecycleState.PROPOSED,
                                        START_MS + 40 * 60_000,
                                        "solver",
                                        "")),
                        "",
                        Map.of("cpu.usage", List.of(71f, 74f, 77f, 80f, 83f, 86f, 89f, 92f, 96f)),
                        new ExplanationRow(
                                List.of(
                                        new FactorRow(
                                                "forecast-peak", 1.92, 1.7, "cores", "96 % of it")),
                                List.of(
                                        new AlternativeRow(
                                                "as it is", 96, 26, "%", "96 % of it in use")),
                                List.of(
                                        new FlipRow(
                                                "peak", 1.92, 1.7, "cores", "lower by 11.5 %"))),
                        "",
                        "",
                        ""));
    }

    private static DecisionRow withStates(DecisionRow decision, long id, LifecycleState... states) {
        var steps = new ArrayList<>(decision.transitions());
        for (var state : states) {
            steps.add(
                    new TransitionRow(
                            state,
                            decision.proposedAtMs() + steps.size() * 7_000L,
                            state == LifecycleState.APPROVED ? "alice" : "agent",
                            ""));
        }
        return copy(decision, id, states[states.length - 1], steps, "the guest sees 4 vcpus");
    }

    private static DecisionRow copy(
            DecisionRow row,
            long id,
            LifecycleState state,
            List<TransitionRow> transitions,
            String outcome) {
        return new DecisionRow(
                id,
                row.type(),
                state,
                row.vmId(),
                row.vmName(),
                row.hostId(),
                row.hostName(),
                row.fromVcpus(),
                row.toVcpus(),
                row.fromMemoryBytes(),
                row.toMemoryBytes(),
                row.targetHostId(),
                row.targetHostName(),
                row.confidence(),
                row.summary(),
                row.cost(),
                row.benefit(),
                row.reasons(),
                row.proposedAtMs(),
                row.tick(),
                row.inputsHash(),
                row.model(),
                transitions,
                outcome,
                row.forecasts(),
                row.explanation(),
                row.fromSetting(),
                row.toSetting(),
                row.requestedBy());
    }

    private static HostRow host(int index, int vmCount) {
        boolean silent = index == 2; // a host without samples: missing is not zero
        return new HostRow(
                new UUID(1, index),
                "host-%02d".formatted(index),
                silent ? HostRow.State.STALE : HostRow.State.ONLINE,
                32,
                128 * GIB,
                vmCount,
                silent ? Float.NaN : 30 + index * 17 % 65,
                silent ? Float.NaN : 55 + index * 7 % 40,
                silent ? Float.NaN : 1.5f * (index % 5),
                silent ? Float.NaN : 34 + index * 19 % 62,
                0.4f,
                silent ? -1 : 38L << 20,
                true,
                Map.of("zone", "z" + index % 2));
    }

    private static VmRow vm(int index, HostRow host) {
        String role = List.of("web", "db", "cache", "batch").get(index % 4);
        return new VmRow(
                new UUID(2, index),
                "%s-%03d".formatted(role, index),
                host.id(),
                host.name(),
                EntityState.RUNNING,
                2 + index % 3 * 2,
                8,
                (4L + index % 4 * 4) * GIB,
                32 * GIB,
                index % 7 == 5 ? Float.NaN : (index * 29 + 11) % 97,
                (index * 13 + 20) % 95,
                1e5f * (index % 50),
                2.5e5f * (index % 40),
                Map.of("role", role));
    }

    private static String reasonOf(Health health) {
        return health == Health.OK ? "" : "3 agents are silent for 90 s";
    }
}
