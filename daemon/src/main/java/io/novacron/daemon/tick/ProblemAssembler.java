package io.novacron.daemon.tick;

import io.novacron.daemon.config.PolicyConfig;
import io.novacron.daemon.config.ScalingConfig;
import io.novacron.daemon.config.ScalingGroupConfig;
import io.novacron.daemon.decision.SizeByQuota;
import io.novacron.inference.Quantiles;
import io.novacron.ingest.fleet.Entity;
import io.novacron.ingest.fleet.FleetView;
import io.novacron.solver.FleetProblem;
import io.novacron.solver.FleetProblemBuilder;
import io.novacron.solver.Horizon;
import io.novacron.solver.InvalidInputException;
import io.novacron.solver.Resource;
import io.novacron.wire.catalogue.Metrics;
import io.novacron.wire.sbe.EntityState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Predicate;

/// Turns a view and its forecasts into the solver's words: cores and bytes, by slot order.
///
/// A vm on a host that is not heard is left out, for nothing may be decided on it; such a host
/// takes no vms either. Groups come from labels: `affinity=NAME` and `anti-affinity=NAME`.
final class ProblemAssembler {
    static final String AFFINITY_LABEL = "affinity";
    static final String TEMPLATE_LABEL = "novacron.template";
    static final String ANTI_AFFINITY_LABEL = "anti-affinity";
    private static final double HORIZON_HOURS = 1;
    private static final double RISK_LEVEL = 0.9;

    private final PolicyConfig policy;
    private final Set<String> templates = new TreeSet<>();
    private final Horizon horizon;

    ProblemAssembler(PolicyConfig policy, ScalingConfig scaling) {
        this.policy = policy;
        for (ScalingGroupConfig group : scaling.groups()) {
            if (group.executor() == ScalingGroupConfig.Executor.LIBVIRT) {
                templates.add(group.template());
            }
        }
        Double[] levels = new Double[Quantiles.COUNT];
        for (int level = 0; level < levels.length; level++) {
            levels[level] = Math.round(Quantiles.level(level) * 10) / 10.0;
        }
        horizon = Horizon.ofQuantiles(HORIZON_HOURS, RISK_LEVEL, levels);
    }

    /// @param isHeard whether decisions may be taken on a host
    /// @param takesVms whether it may be given vms; not when it is being emptied
    /// @param mistakes takes what is wrong with the labels: groups that contradict each other
    FleetProblem assemble(
            FleetView view,
            ForecastTable forecasts,
            Predicate<UUID> isHeard,
            Predicate<UUID> takesVms,
            Consumer<String> mistakes) {
        try {
            return assemble(view, forecasts, isHeard, takesVms, true);
        } catch (InvalidInputException e) {
            mistakes.accept(String.valueOf(e.getMessage()));
            return assemble(
                    view, forecasts, isHeard, takesVms, false); // keeping apart is the safer half
        }
    }

    private FleetProblem assemble(
            FleetView view,
            ForecastTable forecasts,
            Predicate<UUID> isHeard,
            Predicate<UUID> takesVms,
            boolean withAffinity) {
        var builder = FleetProblem.builder(horizon, Resource.CPU, Resource.MEMORY);
        Map<Integer, Set<String>> templatesOn = templatesOn(view);
        Map<Integer, Entity> hosts = new HashMap<>();
        for (int slot = 0; slot < view.slotCount(); slot++) {
            Entity host = view.entity(slot);
            if (host != null && host.isHost() && host.vcpus() > 0 && host.memoryBytes() > 0) {
                hosts.put(slot, host);
                boolean open = isHeard.test(host.uuid()) && takesVms.test(host.uuid());
                addHost(
                        builder,
                        host,
                        open && !host.vanished(),
                        templatesOn.getOrDefault(slot, Set.of()));
            }
        }
        Map<String, List<String>> affinity = new TreeMap<>();
        Map<String, List<String>> antiAffinity = new TreeMap<>();
        for (int slot = 0; slot < view.slotCount(); slot++) {
            Entity vm = view.entity(slot);
            if (vm == null || !isDecidable(vm)) {
                continue;
            }
            Entity host = hosts.get(vm.hostSlot());
            if (host != null && isHeard.test(host.uuid())) {
                addVm(builder, view, forecasts, vm, host);
                if (withAffinity) {
                    join(affinity, vm, AFFINITY_LABEL);
                }
                join(antiAffinity, vm, ANTI_AFFINITY_LABEL);
            }
        }
        affinity.forEach((name, vms) -> builder.affinity(name, vms.toArray(String[]::new)));
        antiAffinity.forEach((name, vms) -> builder.antiAffinity(name, vms.toArray(String[]::new)));
        return builder.build();
    }

    private static boolean isDecidable(Entity vm) {
        return vm.isVm()
                && !vm.vanished()
                && vm.vcpus() > 0
                && vm.memoryBytes() > 0
                && vm.state() == EntityState.RUNNING;
    }

    /// The templates of groups that a host has, by its slot: only such hosts get members.
    private Map<Integer, Set<String>> templatesOn(FleetView view) {
        Map<Integer, Set<String>> on = new HashMap<>();
        for (int slot = 0; slot < view.slotCount() && !templates.isEmpty(); slot++) {
            Entity vm = view.entity(slot);
            if (vm != null && isTemplate(vm) && templates.contains(vm.name())) {
                on.computeIfAbsent(vm.hostSlot(), _ -> new TreeSet<>()).add(vm.name());
            }
        }
        return on;
    }

    /// Whether it may be cloned: it is off, so nobody writes to its disks.
    static boolean isTemplate(Entity vm) {
        return vm.isVm()
                && !vm.vanished()
                && vm.hostSlot() >= 0
                && vm.state() == EntityState.STOPPED;
    }

    private void addHost(
            FleetProblemBuilder builder, Entity entity, boolean takesVms, Set<String> cloneable) {
        List<String> labels = new ArrayList<>(List.of(labels(entity)));
        cloneable.forEach(template -> labels.add(TEMPLATE_LABEL + "=" + template));
        var host =
                builder.host(entity.uuid().toString())
                        .capacity(Resource.CPU, entity.vcpus())
                        .capacity(Resource.MEMORY, entity.memoryBytes())
                        .overCommit(Resource.CPU, policy.cpuOverCommit())
                        .overCommit(Resource.MEMORY, policy.memoryOverCommit())
                        .safetyLevel(Resource.CPU, policy.hotHost() / 100)
                        .safetyLevel(Resource.MEMORY, policy.hotHost() / 100)
                        .labels(labels.toArray(String[]::new));
        if (!takesVms) {
            host.cordon();
        }
    }

    private static void addVm(
            FleetProblemBuilder builder,
            FleetView view,
            ForecastTable forecasts,
            Entity vm,
            Entity host) {
        var added =
                builder.vm(vm.uuid().toString())
                        .on(host.uuid().toString())
                        .vcpus(
                                SizeByQuota.effectiveVcpus(vm.vcpus(), vm.labels()),
                                Math.max(vm.vcpus(), vm.maxVcpus()))
                        .memoryBytes(
                                vm.memoryBytes(), Math.max(vm.memoryBytes(), vm.maxMemoryBytes()))
                        .labels(labels(vm))
                        .historyHours(forecasts.historyHours[vm.slot()]);
        demand(added, Resource.CPU, view, forecasts, vm, Metrics.CPU_USAGE, vm.vcpus() / 100f);
        demand(
                added,
                Resource.MEMORY,
                view,
                forecasts,
                vm,
                Metrics.MEMORY_USAGE,
                vm.memoryBytes() / 100f);
    }

    private static void demand(
            FleetProblemBuilder.Vm added,
            Resource resource,
            FleetView view,
            ForecastTable forecasts,
            Entity vm,
            int metricId,
            float unitsPerPercent) {
        int column = forecasts.column(metricId);
        if (forecasts.isAnswered(column, vm.slot())) {
            float[] peaks = new float[Quantiles.COUNT];
            for (int level = 0; level < peaks.length; level++) {
                peaks[level] =
                        unitsPerPercent
                                * forecasts.peak(
                                        column, vm.slot(), level, ForecastTable.HOUR_HORIZONS);
            }
            added.demand(resource, peaks);
        }
        float now = view.last(metricId, vm.slot());
        if (metricId == Metrics.CPU_USAGE) {
            now = Math.min(100, now + runnable(view, vm));
        }
        if (Float.isFinite(now)) {
            added.observed(resource, unitsPerPercent * now);
        }
    }

    /// Time that a vm's vCPUs wanted to run and could not: demand that usage does not show.
    private static float runnable(FleetView view, Entity vm) {
        float steal = view.last(Metrics.CPU_STEAL, vm.slot());
        return Float.isFinite(steal) ? steal : 0;
    }

    private static void join(Map<String, List<String>> groups, Entity vm, String label) {
        String name = vm.labels().get(label);
        if (name != null && !name.isEmpty()) {
            groups.computeIfAbsent(name, _ -> new ArrayList<>()).add(vm.uuid().toString());
        }
    }

    private static String[] labels(Entity entity) {
        return entity.labels().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(label -> label.getKey() + "=" + label.getValue())
                .toArray(String[]::new);
    }
}
