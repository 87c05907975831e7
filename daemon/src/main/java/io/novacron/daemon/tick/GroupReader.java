package io.novacron.daemon.tick;

import io.novacron.daemon.config.ScalingConfig;
import io.novacron.daemon.config.ScalingGroupConfig;
import io.novacron.daemon.decision.GroupFacts;
import io.novacron.daemon.decision.GroupFacts.Destination;
import io.novacron.daemon.decision.GroupFacts.Member;
import io.novacron.inference.Quantiles;
import io.novacron.ingest.fleet.Entity;
import io.novacron.ingest.fleet.FleetView;
import io.novacron.ingest.fleet.Resolution;
import io.novacron.ingest.fleet.Statistic;
import io.novacron.solver.FleetProblem;
import io.novacron.solver.InvalidInputException;
import io.novacron.solver.PlacementLedger;
import io.novacron.solver.PlacementPolicy;
import io.novacron.solver.PlacementRequest;
import io.novacron.wire.catalogue.Metrics;
import io.novacron.wire.sbe.EntityState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Reads the configured groups from a view: who their members are, what they are asked for
/// together, and where the next members would go. A function of the view, the forecasts and the
/// problem. Owned by the analysis thread.
///
/// Members share their load, so their quantiles add up; and what one is asked for changes as soon
/// as there are more of them, which its own forecast does not know. Therefore the group's forecast
/// is what it is asked for now, and the changes that the forecasts of its members expect.
final class GroupReader {
    private static final int OBSERVED_MINUTES = 3;

    /// Places looked for: more members than that are not cloned at one tick.
    private static final int MOST_PLACES = 32;

    private static final long PROMISE_MS = 60_000;

    private final ScalingConfig config;

    GroupReader(ScalingConfig config) {
        this.config = config;
    }

    List<GroupFacts> read(FleetView view, ForecastTable forecasts, FleetProblem problem) {
        if (config.groups().isEmpty()) {
            return List.of();
        }
        Map<String, List<Entity>> members = new HashMap<>();
        Map<String, List<Entity>> templates = new HashMap<>();
        for (int slot = 0; slot < view.slotCount(); slot++) {
            Entity vm = view.entity(slot);
            if (vm == null || !vm.isVm() || vm.vanished() || vm.hostSlot() < 0) {
                continue;
            }
            for (ScalingGroupConfig group : config.groups()) {
                if (ProblemAssembler.isTemplate(vm) && vm.name().equals(group.template())) {
                    templates.computeIfAbsent(group.name(), _ -> new ArrayList<>()).add(vm);
                } else if (vm.state() == EntityState.RUNNING && group.selects(vm.labels())) {
                    members.computeIfAbsent(group.name(), _ -> new ArrayList<>()).add(vm);
                }
            }
        }
        List<GroupFacts> facts = new ArrayList<>();
        for (ScalingGroupConfig group : config.groups()) {
            facts.add(
                    read(
                            view,
                            forecasts,
                            problem,
                            group,
                            members.getOrDefault(group.name(), List.of()),
                            templates.getOrDefault(group.name(), List.of())));
        }
        return List.copyOf(facts);
    }

    private static GroupFacts read(
            FleetView view,
            ForecastTable forecasts,
            FleetProblem problem,
            ScalingGroupConfig group,
            List<Entity> members,
            List<Entity> templates) {
        boolean clones = group.executor() == ScalingGroupConfig.Executor.LIBVIRT;
        Entity usual = clones && !templates.isEmpty() ? templates.getFirst() : middle(members);
        int vcpus = usual == null ? 0 : usual.vcpus();
        double[] minutes = minutes(view, members, (int) group.stabilise().toMinutes());
        double observed = observed(minutes);
        List<Integer> seconds = new ArrayList<>();
        List<Float> demand = new ArrayList<>();
        if (!Double.isNaN(observed)) {
            path(forecasts, members, observed, seconds, demand);
        }
        return new GroupFacts(
                group.name(),
                members.stream().map(member -> member(view, member, group.name())).toList(),
                vcpus,
                usual == null ? 0 : usual.memoryBytes(),
                observed,
                peak(minutes),
                seconds,
                demand,
                clones && usual != null && vcpus > 0
                        ? places(view, problem, group, templates, usual)
                        : List.of(),
                common(members),
                model(forecasts, members));
    }

    /// The member in the middle by size; members are alike, or nearly.
    private static @Nullable Entity middle(List<Entity> members) {
        List<Entity> sorted = new ArrayList<>(members);
        sorted.sort(java.util.Comparator.comparingInt(Entity::vcpus)); // stable: by slot
        return sorted.isEmpty() ? null : sorted.get(sorted.size() / 2);
    }

    private static Member member(FleetView view, Entity vm, String group) {
        Entity host = view.entity(vm.hostSlot());
        return new Member(
                vm.uuid(),
                vm.name(),
                host == null ? vm.uuid() : host.uuid(),
                host == null ? "" : host.name(),
                vm.vcpus(),
                vm.memoryBytes(),
                vm.firstSeenMs(),
                group.equals(vm.labels().get(GroupFacts.SCALED_LABEL)),
                vm.labels());
    }

    /// What the group used in the last closed minutes, in cores, oldest first. A member without a
    /// sample in a minute is taken to have used what the others did; NaN where none has one.
    private static double[] minutes(FleetView view, List<Entity> members, int length) {
        int steps = Math.max(OBSERVED_MINUTES, Math.min(length, Resolution.MINUTE.steps()));
        double[] used = new double[steps];
        double[] cores = new double[steps];
        double all = 0;
        float[] values = new float[steps];
        for (Entity member : members) {
            all += member.vcpus();
            view.copyWindow(
                    Metrics.CPU_USAGE,
                    Resolution.MINUTE,
                    Statistic.MEAN,
                    member.slot(),
                    1,
                    steps,
                    values);
            for (int minute = 0; minute < steps; minute++) {
                if (Float.isFinite(values[minute])) {
                    used[minute] += values[minute] / 100 * member.vcpus();
                    cores[minute] += member.vcpus();
                }
            }
        }
        for (int minute = 0; minute < steps; minute++) {
            boolean isNew = minute < steps - OBSERVED_MINUTES; // there were fewer members then
            used[minute] =
                    cores[minute] == 0
                            ? Double.NaN
                            : isNew ? used[minute] : used[minute] / cores[minute] * all;
        }
        return used;
    }

    private static double observed(double[] minutes) {
        double sum = 0;
        int count = 0;
        for (int minute = minutes.length - OBSERVED_MINUTES; minute < minutes.length; minute++) {
            if (!Double.isNaN(minutes[minute])) {
                sum += minutes[minute];
                count++;
            }
        }
        return count == 0 ? Double.NaN : sum / count;
    }

    private static double peak(double[] minutes) {
        double peak = Double.NaN;
        for (double minute : minutes) {
            peak = peak >= minute ? peak : Double.isNaN(minute) ? peak : minute;
        }
        return peak;
    }

    /// The quantiles of the group's demand: `[point * levels + level]`, in cores. Point 0 is now.
    private static void path(
            ForecastTable forecasts,
            List<Entity> members,
            double observed,
            List<Integer> seconds,
            List<Float> demand) {
        int column = forecasts.column(Metrics.CPU_USAGE);
        double[] sums = new double[ForecastTable.HOUR_HORIZONS * Quantiles.COUNT];
        int answered = 0;
        for (Entity member : members) {
            if (!forecasts.isAnswered(column, member.slot())) {
                continue;
            }
            answered++;
            for (int i = 0; i < sums.length; i++) {
                sums[i] +=
                        forecasts.quantile(
                                        column,
                                        member.slot(),
                                        i / Quantiles.COUNT,
                                        i % Quantiles.COUNT)
                                / 100.0
                                * member.vcpus();
            }
        }
        if (answered == 0) {
            return;
        }
        double soon = sums[Quantiles.MEDIAN]; // at the first horizon
        seconds.add(0);
        for (int level = 0; level < Quantiles.COUNT; level++) {
            demand.add((float) observed);
        }
        for (int horizon = 0; horizon < ForecastTable.HOUR_HORIZONS; horizon++) {
            seconds.add(ForecastTable.horizonSeconds(horizon));
            double below = 0;
            for (int level = 0; level < Quantiles.COUNT; level++) {
                double change = sums[horizon * Quantiles.COUNT + level] - soon;
                below = Math.max(below, Math.max(0, observed + change)); // quantiles ascend
                demand.add((float) below);
            }
        }
    }

    /// Hosts with a template for the next members, each with those before it placed.
    private static List<Destination> places(
            FleetView view,
            FleetProblem problem,
            ScalingGroupConfig group,
            List<Entity> templates,
            Entity usual) {
        var ledger = new PlacementLedger(PlacementPolicy.DEFAULT, MOST_PLACES);
        ledger.publish(problem, 0);
        var request =
                PlacementRequest.of(usual.vcpus(), usual.memoryBytes(), 1)
                        .withLabels(
                                List.of(ProblemAssembler.TEMPLATE_LABEL + "=" + group.template()),
                                List.of());
        String apart = usual.labels().get(ProblemAssembler.ANTI_AFFINITY_LABEL);
        if (apart != null && !apart.isEmpty()) {
            var withGroup = request.withGroups(List.of(), List.of(apart));
            request = isKnown(ledger, withGroup) ? withGroup : request;
        }
        List<Destination> places = new ArrayList<>();
        int most = Math.min(MOST_PLACES, group.max());
        for (int i = 0; i < most; i++) {
            var promise = ledger.promise("member-" + i, request, 0, PROMISE_MS);
            Entity host = promise == null ? null : host(view, promise.hostId());
            Entity template = host == null ? null : templateOn(templates, host.slot());
            if (host == null || template == null) {
                break;
            }
            places.add(new Destination(host.uuid(), host.name(), template.uuid(), host.labels()));
        }
        return places;
    }

    /// Nobody is in a group of vms yet before the first member is.
    private static boolean isKnown(PlacementLedger ledger, PlacementRequest request) {
        try {
            var index = ledger.index();
            if (index != null) {
                new io.novacron.solver.Placer().search(index, request);
            }
            return true;
        } catch (InvalidInputException _) {
            return false;
        }
    }

    private static @Nullable Entity host(FleetView view, String id) {
        int slot = view.slotOf(UUID.fromString(id));
        return slot < 0 ? null : view.entity(slot);
    }

    private static @Nullable Entity templateOn(List<Entity> templates, int hostSlot) {
        for (Entity template : templates) {
            if (template.hostSlot() == hostSlot) {
                return template;
            }
        }
        return null;
    }

    private static Map<String, String> common(List<Entity> members) {
        Map<String, String> common = new HashMap<>();
        boolean first = true;
        for (Entity member : members) {
            if (first) {
                common.putAll(member.labels());
                first = false;
            } else {
                common.entrySet().retainAll(member.labels().entrySet());
            }
        }
        return common;
    }

    private static String model(ForecastTable forecasts, List<Entity> members) {
        int column = forecasts.column(Metrics.CPU_USAGE);
        Map<String, Integer> counts = new HashMap<>();
        String most = "observed";
        for (Entity member : members) {
            if (forecasts.isAnswered(column, member.slot())) {
                String label = forecasts.model(column, member.slot()).label();
                int count = counts.merge(label, 1, Integer::sum);
                most = count > counts.getOrDefault(most, 0) || label.equals(most) ? label : most;
            }
        }
        return most;
    }
}
