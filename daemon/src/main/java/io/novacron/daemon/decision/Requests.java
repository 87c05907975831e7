package io.novacron.daemon.decision;

import io.novacron.daemon.decision.FleetFacts.HostFacts;
import io.novacron.daemon.decision.FleetFacts.VmFacts;
import io.novacron.daemon.view.ActionRequest;
import io.novacron.daemon.view.CommandException;
import io.novacron.daemon.view.CommandException.Kind;
import io.novacron.daemon.view.DecisionRow.ReasonRow;
import io.novacron.daemon.view.ExplanationRow;
import io.novacron.solver.Figure;
import io.novacron.solver.MigrationModel;
import io.novacron.wire.message.VmSetting;
import io.novacron.wire.sbe.ActionType;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Makes a proposal of what an operator asks for, from the fleet as of the last tick: that is the
/// state the action expects to find. Pure.
final class Requests {
    static final String MIGRATION_URI_LABEL = "novacron.migration-uri";

    private Requests() {}

    /// @throws CommandException when it cannot be asked for; says why
    static Proposal proposal(ActionRequest request, FleetFacts facts, String who, String reason) {
        VmFacts vm = facts.vm(request.vm());
        if (vm == null) {
            throw refused(
                    Kind.NOT_FOUND,
                    "vm=%s is not known. Maybe look at `novacron vms`, or wait for the first tick?",
                    request.vm());
        }
        HostFacts host = hostOf(facts, vm.host());
        checkState(request.type(), vm);
        Change change = change(request, facts, vm);
        Map<String, String> labels = new TreeMap<>(host.labels());
        labels.putAll(vm.labels());
        Map<String, Double> figures =
                request.type() == ActionType.LIVE_MIGRATE ? migration(vm) : Map.of();
        return new Proposal(
                request.type(),
                request.vm(),
                vm.name(),
                vm.host(),
                host.name(),
                vm.vcpus(),
                change.vcpus(),
                vm.memoryBytes(),
                change.memoryBytes(),
                request.type() == ActionType.LIVE_MIGRATE ? request.targetHost() : null,
                change.targetName(),
                change.targetUri(),
                1,
                0,
                "%s: %s".formatted(vm.name(), change.words()),
                cost(figures),
                "asked for by " + who,
                List.of(
                        new ReasonRow(
                                "REQUESTED",
                                "%s asked for it%s"
                                        .formatted(who, reason.isEmpty() ? "" : ": " + reason))),
                Map.of(),
                facts.tick(),
                hash(request, vm),
                "operator",
                labels,
                figures,
                0,
                ExplanationRow.NONE,
                new Proposal.Change(change.fromSetting(), request.setting(), who, false));
    }

    /// What is to become of the vm.
    private record Change(
            int vcpus,
            long memoryBytes,
            String fromSetting,
            String targetName,
            String targetUri,
            String words) {}

    private static Change change(ActionRequest request, FleetFacts facts, VmFacts vm) {
        int vcpus = vm.vcpus();
        long memory = vm.memoryBytes();
        String fromSetting = "";
        String targetName = "";
        String targetUri = "";
        String words;
        switch (request.type()) {
            case SET_VCPUS -> {
                vcpus = inRange("vcpus", request.vcpus(), vm.maxVcpus(), vm.vcpus());
                words = "%d → %d vCPUs".formatted(vm.vcpus(), vcpus);
            }
            case SET_MEMORY -> {
                memory =
                        inRange(
                                "memoryBytes",
                                request.memoryBytes(),
                                vm.maxMemoryBytes(),
                                vm.memoryBytes());
                words =
                        "%d → %d MiB memory"
                                .formatted(vm.memoryBytes() >> 20, request.memoryBytes() >> 20);
            }
            case SET_CPU_QUOTA, SET_CPU_SHARES, PIN_VCPUS -> {
                var setting = Objects.requireNonNull(VmSetting.of(request.type()));
                fromSetting = told(setting, vm);
                if (fromSetting.equals(request.setting())) {
                    throw refused(Kind.CONFLICT, "%s is %s already", setting.label(), fromSetting);
                }
                words =
                        "%s %s → %s"
                                .formatted(
                                        setting.label().replace("novacron.", ""),
                                        fromSetting,
                                        request.setting());
            }
            case LIVE_MIGRATE -> {
                UUID target = Objects.requireNonNull(request.targetHost());
                if (target.equals(vm.host())) {
                    throw refused(Kind.CONFLICT, "vm %s is on that host already", vm.name());
                }
                HostFacts there = hostOf(facts, target);
                targetName = there.name();
                targetUri = there.labels().getOrDefault(MIGRATION_URI_LABEL, "");
                words = "move from %s to %s".formatted(hostOf(facts, vm.host()).name(), targetName);
            }
            case START -> words = "start";
            case STOP -> words = "shut down";
            default ->
                    throw refused(
                            Kind.INVALID, "type=%s is no action of a vm", request.type().name());
        }
        return new Change(vcpus, memory, fromSetting, targetName, targetUri, words);
    }

    private static String told(VmSetting setting, VmFacts vm) {
        String value = vm.setting(setting);
        if (value == null) {
            throw refused(
                    Kind.CONFLICT,
                    "the agent of vm %s does not tell its %s. Maybe its host has no cgroup for CPU time, or the agent is older?",
                    vm.name(),
                    setting.label());
        }
        return value;
    }

    private static void checkState(ActionType type, VmFacts vm) {
        if (vm.isOff() != (type == ActionType.START)) {
            throw refused(
                    Kind.CONFLICT,
                    vm.isOff()
                            ? "vm %s is off. Maybe start it first?"
                            : "vm %s is not off: it is %s",
                    vm.name(),
                    vm.state().name().toLowerCase(Locale.ROOT));
        }
    }

    private static int inRange(String name, int wanted, int most, int now) {
        return (int) inRange(name, (long) wanted, most, now);
    }

    /// @param most 0 when it is not known: the agent will say
    private static long inRange(String name, long wanted, long most, long now) {
        if (wanted < 1 || (most > 0 && wanted > most)) {
            throw refused(
                    Kind.INVALID,
                    "%s=%d must be in [1, %s]. Maybe raise the vm's maximum?",
                    name,
                    wanted,
                    most > 0 ? Long.toString(most) : "its maximum");
        }
        if (wanted == now) {
            throw refused(Kind.CONFLICT, "%s=%d is what the vm has already", name, wanted);
        }
        return wanted;
    }

    private static HostFacts hostOf(FleetFacts facts, UUID id) {
        HostFacts host = facts.host(id);
        if (host == null) {
            throw refused(
                    Kind.NOT_FOUND, "host=%s is not known. Maybe look at `novacron hosts`?", id);
        }
        return host;
    }

    private static Map<String, Double> migration(VmFacts vm) {
        Map<String, Double> figures = new TreeMap<>();
        MigrationModel.DEFAULT
                .cost(vm.memoryBytes(), Double.NaN)
                .forEach(figure -> figures.put(figure.name(), figure.value()));
        return figures;
    }

    private static String cost(Map<String, Double> figures) {
        return figures.isEmpty()
                ? ""
                : String.format(
                        Locale.ROOT,
                        "about %.1f s, of which %.2f s without the vm",
                        figures.getOrDefault(Figure.DURATION, 0.0),
                        figures.getOrDefault(Figure.DOWNTIME, 0.0));
    }

    /// SHA-256 of the state that the request rests on.
    private static String hash(ActionRequest request, VmFacts vm) {
        try {
            var sha256 = MessageDigest.getInstance("SHA-256");
            String inputs =
                    "%s %s %d %d %s"
                            .formatted(
                                    request, vm.host(), vm.vcpus(), vm.memoryBytes(), vm.state());
            return HexFormat.of().formatHex(sha256.digest(inputs.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java platform has it
        }
    }

    private static CommandException refused(
            Kind kind, String format, @Nullable Object... arguments) {
        return new CommandException(kind, format.formatted(arguments));
    }
}
