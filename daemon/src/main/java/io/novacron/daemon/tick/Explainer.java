package io.novacron.daemon.tick;

import io.novacron.daemon.config.PolicyConfig;
import io.novacron.daemon.view.ExplanationRow;
import io.novacron.daemon.view.ExplanationRow.AlternativeRow;
import io.novacron.daemon.view.ExplanationRow.FactorRow;
import io.novacron.daemon.view.ExplanationRow.FlipRow;
import io.novacron.ingest.fleet.Entity;
import io.novacron.ingest.fleet.FleetView;
import io.novacron.ingest.fleet.Resolution;
import io.novacron.ingest.fleet.Statistic;
import io.novacron.solver.Advice;
import io.novacron.solver.FleetProblem;
import io.novacron.solver.MoveOptions;
import io.novacron.solver.SizingPolicy;
import io.novacron.wire.catalogue.Metrics;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Says why an advice was given: the numbers that decided, what else was looked at, and the least
/// that would have to be different. One for each tick; owned by the analysis thread.
final class Explainer {
    private static final int HOSTS_SHOWN = 8;
    private static final int MINUTES = 24 * 60;
    private static final double[] PERCENTILES = {50, 90, 95, 99, 100};
    private static final String CORES = "cores";
    private static final String MIB = "MiB";
    private static final String LEVEL = "quantile level";
    private static final String PERCENT = "%";
    private static final String CONFIDENCE = "policy.confidence";

    private final FleetView view;
    private final FleetProblem problem;
    private final PolicyConfig policy;
    private final SizingPolicy sizing;
    private @Nullable MoveOptions options; // only when something is to move

    Explainer(FleetView view, FleetProblem problem, PolicyConfig policy, SizingPolicy sizing) {
        this.view = view;
        this.problem = problem;
        this.policy = policy;
        this.sizing = sizing;
    }

    ExplanationRow explain(Advice advice, Entity vm) {
        var notes = new Notes();
        switch (advice) {
            case Advice.SetVcpus size ->
                    sized(
                            notes,
                            new Size(
                                    problem.cpuIndex(),
                                    size.vm(),
                                    size.fromVcpus(),
                                    size.toVcpus(),
                                    1,
                                    1,
                                    CORES,
                                    problem.horizon().riskLevel(),
                                    Metrics.CPU_USAGE),
                            vm);
            case Advice.SetMemory size -> {
                List<Double> levels = problem.horizon().quantileLevels();
                sized(
                        notes,
                        new Size(
                                problem.memoryIndex(),
                                size.vm(),
                                size.fromBytes(),
                                size.toBytes(),
                                sizing.memoryStepBytes(),
                                1 << 20,
                                MIB,
                                levels.getLast(),
                                Metrics.MEMORY_USAGE),
                        vm);
            }
            case Advice.Migrate move -> moved(notes, move);
        }
        notes.flips.add(
                flip(
                        CONFIDENCE,
                        policy.confidence(),
                        advice.grounds().confidence(),
                        "",
                        "above a confidence of %.2f it would not have been proposed",
                        advice.grounds().confidence()));
        return new ExplanationRow(notes.factors, notes.alternatives, notes.flips);
    }

    private static final class Notes {
        final List<FactorRow> factors = new ArrayList<>();
        final List<AlternativeRow> alternatives = new ArrayList<>();
        final List<FlipRow> flips = new ArrayList<>();
    }

    /// @param step sizes are multiples of it
    /// @param per what one shown unit is
    /// @param level at which the need was read
    private record Size(
            int resource,
            int vm,
            double from,
            double to,
            double step,
            double per,
            String unit,
            double level,
            int metricId) {
        boolean grows() {
            return to > from;
        }
    }

    // --- sizes ---------------------------------------------------------------------------------

    private void sized(Notes notes, Size size, Entity vm) {
        double observed = problem.observed(size.resource(), size.vm());
        double forecast = need(size, size.level());
        double need = Double.isNaN(observed) ? forecast : Math.max(forecast, observed);
        double edge = size.grows() ? sizing.highUtilisation() : sizing.lowUtilisation();
        notes.factors.add(
                factor(
                        "forecast-peak",
                        forecast / size.per(),
                        edge * size.from() / size.per(),
                        size.unit(),
                        "the peak of the hour ahead at quantile %.2f is %.2f %s, %.0f %% of the size;"
                                + " the band of no change ends at %.0f %%",
                        size.level(),
                        forecast / size.per(),
                        size.unit(),
                        100 * forecast / size.from(),
                        100 * edge));
        if (!Double.isNaN(observed)) {
            notes.factors.add(
                    factor(
                            "observed",
                            observed / size.per(),
                            edge * size.from() / size.per(),
                            size.unit(),
                            "%.2f %s are in use now",
                            observed / size.per(),
                            size.unit()));
        }
        notes.factors.add(
                factor(
                        "margin",
                        100 * (1 - need / size.to()),
                        100 * (1 - sizing.targetUtilisation()),
                        PERCENT,
                        "of the new size %.0f %% are left free; aimed at are %.0f %%",
                        100 * (1 - need / size.to()),
                        100 * (1 - sizing.targetUtilisation())));
        sizeAlternatives(notes, size, need, vm);
        sizeFlips(notes, size, need, observed, edge);
    }

    private void sizeAlternatives(Notes notes, Size size, double need, Entity vm) {
        notes.alternatives.add(
                alternative(
                        "as it is",
                        100 * need / size.from(),
                        100 * Math.abs(need / size.from() - sizing.targetUtilisation()),
                        "the peak would use %.0f %% of it, %.0f points from the %.0f %% aimed at",
                        100 * need / size.from(),
                        100 * Math.abs(need / size.from() - sizing.targetUtilisation()),
                        100 * sizing.targetUtilisation()));
        for (double other : new double[] {size.to() - size.step(), size.to() + size.step()}) {
            if (other > 0 && other != size.from()) {
                notes.alternatives.add(
                        alternative(
                                amount(size, other),
                                100 * need / other,
                                100 * Math.abs(need / other - sizing.targetUtilisation()),
                                other < size.to()
                                        ? "the peak would use %.0f %%, above the %.0f %% aimed at"
                                        : "the peak would use %.0f %%, further below the %.0f %% aimed at than need be",
                                100 * need / other,
                                100 * sizing.targetUtilisation()));
            }
        }
        for (double level : problem.horizon().quantileLevels()) {
            double fitting = fitting(size, need(size, level));
            if (level != size.level() && fitting != size.to()) {
                notes.alternatives.add(
                        alternative(
                                "quantile %.1f: %s".formatted(level, amount(size, fitting)),
                                100 * need / fitting,
                                100 * Math.abs(need / fitting - sizing.targetUtilisation()),
                                "the size for the forecast at that level; policy reads %.2f",
                                size.level()));
            }
        }
        float[] history = history(size, vm);
        for (double percentile : PERCENTILES) {
            if (history.length > 0) {
                int rank = (int) Math.ceil(percentile / 100 * history.length) - 1;
                double used = history[Math.max(0, rank)] / 100 * size.from();
                double fitting = fitting(size, used);
                notes.alternatives.add(
                        alternative(
                                "past p%.0f: %s".formatted(percentile, amount(size, fitting)),
                                100 * need / fitting,
                                100 * Math.abs(need / fitting - sizing.targetUtilisation()),
                                "the size for that percentile of the last %d minutes; what is to come decides",
                                history.length));
            }
        }
    }

    private void sizeFlips(Notes notes, Size size, double need, double observed, double edge) {
        double limit = edge * size.from();
        notes.flips.add(
                flip(
                        "peak",
                        need / size.per(),
                        limit / size.per(),
                        size.unit(),
                        "a peak %s by %.1f %% lies within the band: nothing is proposed",
                        size.grows() ? "lower" : "higher",
                        100 * Math.abs(need - limit) / Math.max(1e-9, need)));
        notes.flips.add(
                flip(
                        size.grows() ? "upper edge of the band" : "lower edge of the band",
                        100 * edge,
                        100 * need / size.from(),
                        PERCENT,
                        "an edge at %.0f %% leaves it as it is",
                        100 * need / size.from()));
        boolean now = observed >= limit;
        if (size.grows() && now) {
            return; // use now asks for it at whatever level
        }
        double flipped = Double.NaN;
        for (double level : problem.horizon().quantileLevels()) {
            boolean within = size.grows() ? need(size, level) <= limit : need(size, level) >= limit;
            if (within && (size.grows() || Double.isNaN(flipped))) {
                flipped = level;
            }
        }
        if (!Double.isNaN(flipped)) {
            notes.flips.add(
                    flip(
                            LEVEL,
                            size.level(),
                            flipped,
                            "",
                            "read at quantile %.1f the forecast asks for no change",
                            flipped));
        }
    }

    private double need(Size size, double level) {
        return problem.hasForecast(size.resource(), size.vm())
                ? problem.demandQuantile(size.resource(), size.vm(), level)
                : 0;
    }

    private double fitting(Size size, double need) {
        double wanted = need / sizing.targetUtilisation();
        return Math.max(size.step(), Math.ceil(wanted / size.step() - 1e-6) * size.step());
    }

    private static String amount(Size size, double value) {
        return String.format(
                Locale.ROOT,
                "%.0f %s",
                value / size.per(),
                size.unit().equals(CORES) ? "vCPUs" : size.unit());
    }

    /// What the vm used in percent, lowest first, without the minutes that have no sample.
    private float[] history(Size size, Entity vm) {
        var minutes = new float[Math.min(MINUTES, Resolution.MINUTE.steps())];
        view.copyWindow(
                size.metricId(),
                Resolution.MINUTE,
                Statistic.MEAN,
                vm.slot(),
                1,
                minutes.length,
                minutes);
        Arrays.sort(minutes); // NaN comes last
        int known = minutes.length;
        while (known > 0 && Float.isNaN(minutes[known - 1])) {
            known--;
        }
        return Arrays.copyOf(minutes, known);
    }

    // --- moves ---------------------------------------------------------------------------------

    private void moved(Notes notes, Advice.Migrate move) {
        MoveOptions known = options;
        if (known == null) {
            known = new MoveOptions(problem);
            options = known;
        }
        int from = move.fromHost();
        double risk = known.overloadProbability(from);
        for (int resource = 0; resource < problem.resourceCount(); resource++) {
            double capacity = problem.capacity(resource, from);
            double peak = known.peak(resource, from);
            double safe = problem.safeLoad(resource, from);
            boolean hot = peak > safe;
            notes.factors.add(
                    factor(
                            problem.resources().get(resource).name() + "-peak-of-host",
                            100 * peak / capacity,
                            100 * safe / capacity,
                            PERCENT,
                            "host %s is forecast to reach %.0f %% at quantile %.2f, %s the safe %.0f %%",
                            name(move.fromHostId()),
                            100 * peak / capacity,
                            problem.horizon().riskLevel(),
                            hot ? "above" : "within",
                            100 * safe / capacity));
            if (hot) {
                notes.flips.add(
                        flip(
                                "policy.hot-host",
                                policy.hotHost(),
                                100 * peak / capacity,
                                PERCENT,
                                "with hot hosts beginning at %.0f %% this one is none",
                                100 * peak / capacity));
                notes.flips.add(
                        flip(
                                "peak of host",
                                100 * peak / capacity,
                                100 * safe / capacity,
                                PERCENT,
                                "a forecast peak lower by %.1f points leaves it where it is",
                                100 * (peak - safe) / capacity));
            }
        }
        notes.factors.add(
                factor(
                        "overload-probability",
                        risk,
                        1 - problem.horizon().riskLevel(),
                        "",
                        "host %s exceeds its safe load with probability %.2f",
                        name(move.fromHostId()),
                        risk));
        notes.flips.add(
                flip(
                        LEVEL,
                        problem.horizon().riskLevel(),
                        Math.max(0, 1 - risk),
                        "",
                        "read below quantile %.2f the host is not hot",
                        Math.max(0, 1 - risk)));
        hosts(notes, move, known.of(move.vm()));
    }

    private void hosts(Notes notes, Advice.Migrate move, List<MoveOptions.Option> candidates) {
        double chosen = Double.NaN;
        for (MoveOptions.Option option : candidates) {
            if (option.host() == move.toHost()) {
                chosen = option.fill();
            }
        }
        notes.factors.add(
                factor(
                        "fill-of-target",
                        100 * chosen,
                        100,
                        PERCENT,
                        "host %s would be at %.0f %% of its safe load",
                        name(move.toHostId()),
                        100 * chosen));
        int shown = 0;
        for (MoveOptions.Option option : candidates) {
            if (option.host() != move.toHost() && shown++ < HOSTS_SHOWN) {
                String host = name(problem.hostId(option.host()));
                notes.alternatives.add(
                        option.rejection() != null
                                ? alternative(
                                        host,
                                        100 * option.fill(),
                                        100 * Math.max(0, option.fill() - 1),
                                        "a rule is against it: %s",
                                        option.rejection()
                                                .name()
                                                .toLowerCase(Locale.ROOT)
                                                .replace('_', ' '))
                                : alternative(
                                        host,
                                        100 * option.fill(),
                                        100 * Math.abs(option.fill() - chosen),
                                        "would be at %.0f %% of its safe load; the plan as a whole was better without it",
                                        100 * option.fill()));
            }
        }
    }

    private String name(String uuid) {
        int slot = view.slotOf(UUID.fromString(uuid));
        Entity entity = slot < 0 ? null : view.entity(slot);
        return entity == null ? uuid : entity.name();
    }

    // --- words ---------------------------------------------------------------------------------

    private static FactorRow factor(
            String name,
            double value,
            double limit,
            String unit,
            String format,
            Object... arguments) {
        return new FactorRow(
                name,
                rounded(value),
                rounded(limit),
                unit,
                String.format(Locale.ROOT, format, arguments));
    }

    private static AlternativeRow alternative(
            String what, double value, double lostBy, String format, Object... arguments) {
        return new AlternativeRow(
                what,
                rounded(value),
                rounded(lostBy),
                PERCENT,
                String.format(Locale.ROOT, format, arguments));
    }

    private static FlipRow flip(
            String input, double from, double to, String unit, String format, Object... arguments) {
        return new FlipRow(
                input,
                rounded(from),
                rounded(to),
                unit,
                String.format(Locale.ROOT, format, arguments));
    }

    /// Three digits after the point: what is journaled need not be longer.
    private static double rounded(double value) {
        return Double.isFinite(value) ? Math.round(value * 1_000) / 1_000.0 : 0;
    }
}
