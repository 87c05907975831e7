package io.novacron.daemon.tick;

import io.novacron.daemon.config.PolicyConfig;
import io.novacron.daemon.decision.Proposal;
import io.novacron.daemon.decision.SizeByQuota;
import io.novacron.daemon.view.DecisionRow.ReasonRow;
import io.novacron.daemon.view.ExplanationRow;
import io.novacron.inference.Quantiles;
import io.novacron.ingest.fleet.Entity;
import io.novacron.ingest.fleet.FleetView;
import io.novacron.solver.Advice;
import io.novacron.solver.Figure;
import io.novacron.solver.FleetProblem;
import io.novacron.solver.Grounds;
import io.novacron.solver.HotHostRelief;
import io.novacron.solver.MigrationModel;
import io.novacron.solver.Plan;
import io.novacron.solver.Rebalancer;
import io.novacron.solver.ReliefPolicy;
import io.novacron.solver.RightSizer;
import io.novacron.solver.RuleConflict;
import io.novacron.solver.Sizing;
import io.novacron.solver.SizingPolicy;
import io.novacron.solver.Unresolved;
import io.novacron.solver.WorkLimit;
import io.novacron.solver.plan.HostDrain;
import io.novacron.solver.plan.InWaves;
import io.novacron.solver.plan.WaveLimits;
import io.novacron.wire.catalogue.Metric;
import io.novacron.wire.catalogue.MetricCatalogue;
import io.novacron.wire.catalogue.Metrics;
import io.novacron.wire.sbe.ActionType;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Asks the solver what to change and puts its answers forward as proposals, best first: relief of
/// hot hosts before sizes, and at most one change of a vm at a time. Owned by the analysis thread.
final class Adviser {
    /// The label under which a host says where a live migration to it goes.
    static final String MIGRATION_URI_LABEL = "novacron.migration-uri";

    private static final String OPT_OUT_LABEL = "novacron.optimise";

    private static final long SEED = 20_035;
    private static final int HASHED_SIZES = 4 * Long.BYTES + 2 * Integer.BYTES + 2 * Long.BYTES;
    private static final int HASHED_METRIC =
            ForecastTable.HOUR_HORIZONS * Quantiles.COUNT * Float.BYTES;

    private final PolicyConfig policy;
    private final SizingPolicy sizing;
    private final RightSizer rightSizer;
    private final Rebalancer rebalancer =
            new InWaves(new HotHostRelief(ReliefPolicy.DEFAULT), WaveLimits.DEFAULT);
    private final MessageDigest sha256;

    Adviser(PolicyConfig policy) {
        this.policy = policy;
        sizing = sizing(policy);
        rightSizer = new RightSizer(sizing);
        try {
            sha256 = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java platform has it
        }
    }

    /// What one tick advises.
    ///
    /// @param stays vms that stay on hosts that are being emptied, and why
    record Advised(List<Proposal> proposals, Plan plan, Sizing sizing, List<Unresolved> stays) {}

    /// @param draining hosts that are being emptied
    Advised advise(
            FleetView view,
            ForecastTable forecasts,
            FleetProblem problem,
            long moves,
            List<UUID> draining) {
        Plan plan = rebalance(problem, moves);
        Sizing sizes = rightSizer.size(problem);
        var explainer = new Explainer(view, problem, policy, sizing);
        Set<String> taken = new HashSet<>();
        List<Proposal> proposals = new ArrayList<>();
        List<Unresolved> stays = drain(view, forecasts, problem, draining, taken, proposals);
        for (Advice advice : plan.steps()) {
            add(view, forecasts, explainer, advice, taken, proposals);
        }
        List<Advice> ordered = new ArrayList<>(sizes.advice());
        ordered.sort(Comparator.comparingDouble(Adviser::weight).reversed()); // stable: by slot
        for (Advice advice : ordered) {
            add(view, forecasts, explainer, advice, taken, proposals);
        }
        proposals.sort(Comparator.comparing(Proposal::benefitScore).reversed());
        return new Advised(proposals, plan, sizes, stays);
    }

    /// The next wave of moves away from hosts that are being emptied. The waves after it are found
    /// again when it has ended.
    private List<Unresolved> drain(
            FleetView view,
            ForecastTable forecasts,
            FleetProblem problem,
            List<UUID> draining,
            Set<String> taken,
            List<Proposal> proposals) {
        var hosts = new BitSet();
        for (UUID host : draining) {
            int index = problem.hostIndex(host.toString());
            if (index != FleetProblem.MISSING) {
                hosts.set(index);
            }
        }
        if (hosts.isEmpty()) {
            return List.of();
        }
        HostDrain.Result drained =
                HostDrain.drain(problem, hosts, WaveLimits.DEFAULT, MigrationModel.DEFAULT);
        for (Advice.Migrate move : drained.steps()) {
            Entity vm = entity(view, move.vmId());
            Entity host = vm == null ? null : view.entity(vm.hostSlot());
            if (vm != null && host != null && taken.add(move.vmId()) && move.wave() == 0) {
                proposals.add(
                        proposal(view, forecasts, move, vm, host, ExplanationRow.NONE)
                                .asPartOfADrain());
            }
        }
        return drained.stays();
    }

    /// A plan that also tells rules which cannot all hold.
    private Plan rebalance(FleetProblem problem, long moves) {
        Plan plan = rebalancer.rebalance(problem, WorkLimit.ofMoves(moves, SEED));
        List<Unresolved> unresolved = new ArrayList<>(plan.unresolved());
        RuleConflict.find(problem).forEach(conflict -> unresolved.add(conflict.unresolved()));
        return new Plan(
                plan.steps(),
                unresolved,
                plan.before(),
                plan.after(),
                plan.movesEvaluated(),
                plan.ending());
    }

    private void add(
            FleetView view,
            ForecastTable forecasts,
            Explainer explainer,
            Advice advice,
            Set<String> taken,
            List<Proposal> proposals) {
        Entity vm = entity(view, advice.vmId());
        Entity host = vm == null ? null : view.entity(vm.hostSlot());
        if (vm != null && host != null && taken.add(advice.vmId())) {
            ExplanationRow why =
                    proposals.size() < policy.maxOpen() // no more than that are journaled
                            ? explainer.explain(advice, vm)
                            : ExplanationRow.NONE;
            Proposal proposal = proposal(view, forecasts, advice, vm, host, why);
            boolean byQuota = SizeByQuota.effectiveVcpus(vm.vcpus(), vm.labels()) < vm.vcpus();
            Proposal quota =
                    byQuota ? SizeByQuota.instead(proposal, "a quota holds its size") : null;
            proposals.add(quota == null ? proposal : quota);
        }
    }

    private Proposal proposal(
            FleetView view,
            ForecastTable forecasts,
            Advice advice,
            Entity vm,
            Entity host,
            ExplanationRow why) {
        Grounds grounds = advice.grounds();
        int toVcpus = vm.vcpus();
        long toMemory = vm.memoryBytes();
        @Nullable Entity target = null;
        ActionType type;
        String summary;
        switch (advice) {
            case Advice.SetVcpus size -> {
                type = ActionType.SET_VCPUS;
                toVcpus = size.toVcpus();
                summary =
                        "%s: %d → %d vCPUs".formatted(vm.name(), size.fromVcpus(), size.toVcpus());
            }
            case Advice.SetMemory size -> {
                type = ActionType.SET_MEMORY;
                toMemory = size.toBytes();
                summary =
                        "%s: %s → %s memory"
                                .formatted(
                                        vm.name(),
                                        mebibytes(size.fromBytes()),
                                        mebibytes(size.toBytes()));
            }
            case Advice.Migrate move -> {
                type = ActionType.LIVE_MIGRATE;
                target = entity(view, move.toHostId());
                summary =
                        "%s: move from %s to %s"
                                .formatted(
                                        vm.name(),
                                        host.name(),
                                        target == null ? move.toHostId() : target.name());
            }
        }
        Map<String, List<Float>> inputs = inputs(forecasts, vm);
        return new Proposal(
                type,
                vm.uuid(),
                vm.name(),
                host.uuid(),
                host.name(),
                vm.vcpus(),
                toVcpus,
                vm.memoryBytes(),
                toMemory,
                target == null ? null : target.uuid(),
                target == null ? "" : target.name(),
                target == null ? "" : target.labels().getOrDefault(MIGRATION_URI_LABEL, ""),
                (float) grounds.confidence(),
                (float) weight(advice),
                summary,
                words(grounds.cost()),
                words(grounds.benefit()),
                grounds.reasons().stream()
                        .map(reason ->
                                new ReasonRow(
                                        reason.code().name(),
                                        EntityNames.inWords(view, reason.text())))
                        .toList(),
                inputs,
                view.tick(),
                hash(inputs, vm, host),
                forecasts.model(forecasts.column(Metrics.CPU_USAGE), vm.slot()).label(),
                labels(vm, host),
                figures(grounds),
                0,
                why);
    }

    /// A vm's labels before its host's; to be left alone is either's to say.
    private static Map<String, String> labels(Entity vm, Entity host) {
        Map<String, String> labels = new TreeMap<>(host.labels());
        labels.putAll(vm.labels());
        if ("off".equals(host.labels().get(OPT_OUT_LABEL))) {
            labels.put(OPT_OUT_LABEL, "off");
        }
        return labels;
    }

    private static Map<String, Double> figures(Grounds grounds) {
        Map<String, Double> figures = new TreeMap<>();
        grounds.cost().forEach(figure -> figures.put(figure.name(), figure.value()));
        grounds.benefit().forEach(figure -> figures.put(figure.name(), figure.value()));
        return figures;
    }

    /// Hours of overload avoided weigh most, then what is freed; all by confidence.
    private static double weight(Advice advice) {
        Grounds grounds = advice.grounds();
        double urgent =
                grounds.benefit(Figure.OVERLOAD_HOURS_AVOIDED).orElse(0) * 100
                        + (grounds.benefit(Figure.RISK_BEFORE).orElse(0)
                                        - grounds.benefit(Figure.RISK_AFTER).orElse(0))
                                * 50;
        double freed =
                grounds.benefit(Figure.VCPUS_FREED).orElse(0)
                        + grounds.benefit(Figure.MEMORY_FREED).orElse(0) / (1L << 30);
        double kind = advice instanceof Advice.Migrate ? 1_000 : 0;
        return (kind + urgent + freed) * grounds.confidence();
    }

    /// The quantiles of the hour ahead that an advice on a vm rests on. Absent without a forecast.
    private static Map<String, List<Float>> inputs(ForecastTable forecasts, Entity vm) {
        Map<String, List<Float>> inputs = new TreeMap<>();
        for (int metricId : new int[] {Metrics.CPU_USAGE, Metrics.MEMORY_USAGE}) {
            int column = forecasts.column(metricId);
            Metric metric = MetricCatalogue.INSTANCE.byId(metricId);
            if (metric == null || !forecasts.isAnswered(column, vm.slot())) {
                continue;
            }
            List<Float> quantiles = new ArrayList<>();
            for (int horizon = 0; horizon < ForecastTable.HOUR_HORIZONS; horizon++) {
                for (int level = 0; level < Quantiles.COUNT; level++) {
                    quantiles.add(forecasts.quantile(column, vm.slot(), horizon, level));
                }
            }
            inputs.put(metric.name(), quantiles);
        }
        return inputs;
    }

    /// SHA-256 of the sizes and forecast quantiles that the advice on a vm rests on.
    private String hash(Map<String, List<Float>> inputs, Entity vm, Entity host) {
        var bytes = ByteBuffer.allocate(HASHED_SIZES + inputs.size() * HASHED_METRIC);
        bytes.putLong(vm.uuid().getMostSignificantBits())
                .putLong(vm.uuid().getLeastSignificantBits())
                .putLong(host.uuid().getMostSignificantBits())
                .putLong(host.uuid().getLeastSignificantBits())
                .putInt(vm.vcpus())
                .putLong(vm.memoryBytes())
                .putInt(host.vcpus())
                .putLong(host.memoryBytes());
        inputs.values().forEach(quantiles -> quantiles.forEach(bytes::putFloat));
        return HexFormat.of().formatHex(sha256.digest(bytes.array()));
    }

    private static @Nullable Entity entity(FleetView view, String uuid) {
        int slot = view.slotOf(UUID.fromString(uuid));
        return slot < 0 ? null : view.entity(slot);
    }

    private static String words(List<Figure> figures) {
        var words = new StringBuilder();
        for (Figure figure : figures) {
            if (figure.value() == 0) {
                continue;
            }
            words.append(words.isEmpty() ? "" : ", ")
                    .append(figure.name().replace('-', ' '))
                    .append(' ')
                    .append(amount(figure));
        }
        return words.toString();
    }

    private static String amount(Figure figure) {
        return switch (figure.unit()) {
            case "bytes" -> mebibytes(Math.round(figure.value()));
            case "probability", "share" ->
                    String.format(Locale.ROOT, "%.0f %%", 100 * figure.value());
            default ->
                    figure.value() == Math.rint(figure.value())
                            ? String.format(Locale.ROOT, "%.0f %s", figure.value(), figure.unit())
                            : String.format(Locale.ROOT, "%.2f %s", figure.value(), figure.unit());
        };
    }

    private static String mebibytes(long bytes) {
        return bytes % (1L << 30) == 0
                ? (bytes >> 30) + " GiB"
                : Math.round(bytes / (double) (1 << 20)) + " MiB";
    }

    private static SizingPolicy sizing(PolicyConfig policy) {
        var base = SizingPolicy.DEFAULT;
        double target = policy.cpuTarget() / 100;
        return new SizingPolicy(
                target,
                Math.max(base.highUtilisation(), Math.min(1, target + 0.1)),
                Math.min(base.lowUtilisation(), target / 2),
                Math.max(base.saturation(), Math.min(1, target + 0.1)),
                base.saturationGrowth(),
                base.observedConfidence(),
                base.unplugConfidence(),
                base.largestShrink(),
                base.minimumHistoryHours(),
                base.memoryMarginBytes(),
                base.memoryMarginShare(),
                base.memoryStepBytes(),
                base.settleSeconds());
    }
}
