package io.novacron.daemon.decision;

import io.novacron.daemon.audit.AuditLog;
import io.novacron.daemon.config.AuditConfig;
import io.novacron.daemon.config.AutomationConfig;
import io.novacron.daemon.config.DaemonConfig;
import io.novacron.daemon.config.PolicyConfig;
import io.novacron.daemon.config.ScalingConfig;
import io.novacron.daemon.decision.DecisionEvent.Noted;
import io.novacron.daemon.decision.FleetFacts.VmFacts;
import io.novacron.daemon.decision.OperatorCommand.Verb;
import io.novacron.daemon.view.ActionRequest;
import io.novacron.daemon.view.AutomationRow;
import io.novacron.daemon.view.DecisionRow;
import io.novacron.daemon.view.DrainRow;
import io.novacron.wire.message.Action;
import io.novacron.wire.message.Outcome;
import io.novacron.wire.message.VmSetting;
import io.novacron.wire.sbe.ActionType;
import io.novacron.wire.sbe.EntityState;
import io.novacron.wire.sbe.ErrorCode;
import io.novacron.wire.sbe.LifecycleState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// A decision desk on a virtual clock, with a journal that hands back what was appended and agents
/// that do at once what they are told.
final class VirtualDesk {
    static final long MINUTE_MS = 60_000;
    static final long HOUR_MS = 60 * MINUTE_MS;

    final Map<UUID, VmFacts> vms = new HashMap<>();

    /// The groups, as the analysis of a tick would read them.
    final Map<String, GroupFacts> groups = new HashMap<>();

    /// Null: nothing is measured.
    @Nullable World world;

    final List<Action> sent = new ArrayList<>();
    final List<byte[]> events = new ArrayList<>();
    final DecisionCounters counters = new DecisionCounters();
    boolean agentsAct = true;
    boolean journalTakes = true;
    long nowMs = 1_700_000_000_000L; // 2023-11-14T22:13:20Z, a Tuesday

    private final PolicyConfig policy;
    private final AutomationConfig automation;
    private final ScalingConfig scaling;
    private final Path folder;
    private final ArrayDeque<Appended> waiting = new ArrayDeque<>();
    private final List<Record> history = new ArrayList<>();
    private int desks;
    DecisionDesk desk;

    /// What the agents' samples say.
    interface World {
        float value(UUID entity, int metricId, long atMs);
    }

    private record Appended(byte[] bytes, boolean isCommand) {}

    private interface Record {
        void handTo(DecisionDesk desk, boolean replaying);
    }

    /// @param yaml with `policy` and `automation`
    VirtualDesk(Path folder, String yaml) {
        this.folder = folder;
        var config = DaemonConfig.parse(yaml);
        this.policy = config.policy();
        this.automation = config.automation();
        this.scaling = config.scaling();
        this.desk = fresh();
        replayed();
    }

    private DecisionDesk fresh() {
        try {
            return new DecisionDesk(
                    policy,
                    automation,
                    AuditConfig.DEFAULT,
                    scaling,
                    Duration.ofMinutes(1),
                    new DecisionJournal() {
                        @Override
                        public boolean appendEvent(byte[] bytes) {
                            events.add(bytes);
                            return journalTakes && waiting.add(new Appended(bytes, false));
                        }

                        @Override
                        public boolean appendCommand(byte[] bytes) {
                            return journalTakes && waiting.add(new Appended(bytes, true));
                        }
                    },
                    (_, action) -> {
                        sent.add(action);
                        return "";
                    },
                    new AuditLog(folder.resolve("audit-" + ++desks + ".jsonl")),
                    counters);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void replayed() {
        try {
            desk.onReplayed(folder.resolve("no-anchor"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Kills the desk and starts another one from the journal; what was not handed back is lost.
    void restart() {
        waiting.clear();
        desk = fresh();
        history.forEach(record -> record.handTo(desk, true));
        replayed();
        waiting.clear(); // the note that there is no anchor
    }

    /// Another desk from the same records, as of now.
    DecisionDesk replay() {
        var other = fresh();
        history.forEach(record -> record.handTo(other, true));
        return other;
    }

    /// One tick with this advice; what it causes is handed back, and agents act.
    void tick(Proposal... advice) {
        nowMs += MINUTE_MS;
        desk.onAdvice(List.of(advice), facts(), nowMs);
        pump();
    }

    void ticks(int count, Proposal... advice) {
        for (int i = 0; i < count; i++) {
            tick(advice);
        }
    }

    void pump() {
        while (!waiting.isEmpty()) {
            Appended appended = waiting.remove();
            long atMs = nowMs;
            long index = history.size() + 1;
            record((target, replaying) -> {
                if (appended.isCommand()) {
                    target.onCommand(appended.bytes(), atMs, replaying);
                } else {
                    target.onEvent(appended.bytes(), index, atMs, replaying);
                }
                target.onSynced(index);
            });
            if (agentsAct) {
                act();
            }
        }
    }

    private void record(Record record) {
        history.add(record);
        record.handTo(desk, false);
    }

    /// Agents do what they were sent and say so.
    void act() {
        for (Action action : List.copyOf(sent)) {
            Decision decision = desk.book().get(action.actionId());
            if (decision == null || decision.state() != LifecycleState.DISPATCHED) {
                continue;
            }
            if (decision.proposal().isScaling()) {
                continue; // tests of scaling act themselves
            }
            VmFacts vm = vmFacts(action.vm());
            vms.put(action.vm(), after(action, vm));
            var outcome =
                    new Outcome(
                            1,
                            action.actionId(),
                            LifecycleState.KEPT,
                            ErrorCode.NONE,
                            nowMs,
                            nowMs,
                            action.targetVcpus(),
                            action.targetMemoryBytes(),
                            decision.proposal().hostId(),
                            "done");
            long atMs = nowMs;
            long index = history.size() + 1;
            record((target, replaying) ->
                    target.onOutcome(
                            decision.proposal().hostId(), outcome, index, atMs, replaying));
        }
    }

    private static VmFacts after(Action action, VmFacts vm) {
        boolean moves = action.actionType() == ActionType.LIVE_MIGRATE;
        var setting = VmSetting.of(action.actionType());
        Map<String, String> labels = new HashMap<>(vm.labels());
        if (setting != null) {
            labels.put(setting.label(), action.targetSetting());
        }
        return new VmFacts(
                moves ? action.targetHost() : vm.host(),
                action.targetVcpus(),
                action.targetMemoryBytes(),
                vm.name(),
                switch (action.actionType()) {
                    case START -> EntityState.RUNNING;
                    case STOP -> EntityState.STOPPED;
                    default -> vm.state();
                },
                vm.maxVcpus(),
                vm.maxMemoryBytes(),
                labels);
    }

    /// What the agent of a decision says of it.
    void outcome(long id, LifecycleState state, String text) {
        Decision decision = Objects.requireNonNull(desk.book().get(id));
        UUID host = decision.proposal().hostId();
        var outcome = new Outcome(1, id, state, ErrorCode.NONE, nowMs, nowMs, 0, 0, host, text);
        long atMs = nowMs;
        long index = history.size() + 1;
        record((target, replaying) -> target.onOutcome(host, outcome, index, atMs, replaying));
        pump();
    }

    /// What a webhook says of a decision.
    void report(long id, LifecycleState state, String text) {
        desk.submitReport(id, state, "web", text);
        pump();
    }

    CompletableFuture<DecisionRow> ask(ActionRequest request, String who) {
        var caller = new CompletableFuture<DecisionRow>();
        desk.submit(request, who, "because", caller);
        pump();
        return caller;
    }

    CompletableFuture<DrainRow> drain(Verb verb, int host, String who) {
        return drain(verb, host, 0, who);
    }

    CompletableFuture<DrainRow> drain(Verb verb, int host, long fromMs, String who) {
        var caller = new CompletableFuture<DrainRow>();
        desk.submitDrain(verb, host(host), fromMs, who, "new memory", caller);
        pump();
        return caller;
    }

    CompletableFuture<DecisionRow> approve(long id, String who) {
        var caller = new CompletableFuture<DecisionRow>();
        desk.submit(id, Verb.APPROVE, who, "looks right", caller);
        pump();
        return caller;
    }

    CompletableFuture<AutomationRow> use(Verb verb) {
        var caller = new CompletableFuture<AutomationRow>();
        desk.submitSwitch(verb, "ann", "smoke in the hall", caller);
        pump();
        return caller;
    }

    VmFacts vmFacts(UUID vm) {
        return Objects.requireNonNull(vms.get(vm));
    }

    DecisionRow row(long id) {
        return Objects.requireNonNull(desk.book().get(id)).toRow();
    }

    LifecycleState state(long id) {
        return row(id).state();
    }

    List<Noted> notes(DecisionEvent.Note note) {
        List<Noted> notes = new ArrayList<>();
        for (byte[] event : events) {
            try {
                if (EventCodec.event(event) instanceof Noted noted && noted.note() == note) {
                    notes.add(noted);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return notes;
    }

    FleetFacts facts() {
        return new FleetFacts() {
            @Override
            public @Nullable VmFacts vm(UUID vm) {
                return vms.get(vm);
            }

            @Override
            public boolean isOnline(UUID host) {
                return true;
            }

            @Override
            public @Nullable GroupFacts group(String name) {
                return groups.get(name);
            }

            @Override
            public @Nullable HostFacts host(UUID host) {
                return host.getMostSignificantBits() == 1
                        ? new HostFacts(
                                "host-" + host.getLeastSignificantBits(),
                                Map.of("novacron.migration-uri", "qemu+tls://there/system"))
                        : null;
            }

            @Override
            public float[] history(UUID entity, int metricId, int minutes) {
                if (world == null) {
                    return new float[0];
                }
                float[] values = new float[minutes];
                for (int i = 0; i < minutes; i++) {
                    values[i] = world.value(entity, metricId, nowMs - (minutes - i) * MINUTE_MS);
                }
                return values;
            }

            @Override
            public List<UUID> vmsOf(UUID host) {
                return vms.entrySet().stream()
                        .filter(vm -> vm.getValue().host().equals(host))
                        .map(Map.Entry::getKey)
                        .sorted()
                        .toList();
            }

            @Override
            public float[] forecastPeak(UUID entity, int metricId) {
                return new float[] {30, 32, 34, 36, 38, 40, 42, 44, 46};
            }
        };
    }

    static UUID vm(int number) {
        return new UUID(2, number);
    }

    static UUID host(int number) {
        return new UUID(1, number);
    }

    /// More or fewer vCPUs for a vm, as it is now.
    Proposal vcpus(int vm, int to, String... labels) {
        VmFacts now = vms.computeIfAbsent(vm(vm), _ -> new VmFacts(host(1), 4, 1L << 30));
        return proposal(vm, now, to, 0.9f, labels);
    }

    static Proposal proposal(int vm, VmFacts now, int to, float confidence, String... labels) {
        Map<String, String> all = new HashMap<>();
        for (String label : labels) {
            all.put(label.split("=")[0], label.split("=")[1]);
        }
        return new Proposal(
                ActionType.SET_VCPUS,
                vm(vm),
                "vm-" + vm,
                now.host(),
                "host",
                now.vcpus(),
                to,
                now.memoryBytes(),
                now.memoryBytes(),
                null,
                "",
                "",
                confidence,
                1,
                "vm-%d: %d → %d vCPUs".formatted(vm, now.vcpus(), to),
                "",
                "",
                List.of(),
                Map.of("cpu.usage", List.of(40f, 50f, 60f)),
                1,
                "00",
                "gbt",
                all,
                Map.of("vcpus-freed", (double) now.vcpus() - to),
                0);
    }
}
