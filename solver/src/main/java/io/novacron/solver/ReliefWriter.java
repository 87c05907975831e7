package io.novacron.solver;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/// Carries the chosen moves of a [ReliefSearch] out on its state and writes down, for each, what it
/// costs and what it brings.
///
/// Where several moves relieve one host, risks are told as they are before and after all of them,
/// and the hours of overload they avoid together are shared out by how much each takes off the
/// host's peak. Told one by one, all hours would fall to the last move, and the others would look
/// useless.
final class ReliefWriter {
    private static final double SLOW_MIGRATION_FACTOR = 0.5;

    private final FleetProblem problem;
    private final FleetState state;
    private final MigrationModel migration;

    ReliefWriter(FleetProblem problem, FleetState state, MigrationModel migration) {
        this.problem = problem;
        this.state = state;
        this.migration = migration;
    }

    List<Advice> carryOut(List<ReliefSearch.Move> moves) {
        Map<Integer, Source> sources = new HashMap<>(); // never iterated
        List<Effect> effects = new ArrayList<>();
        for (ReliefSearch.Move move : moves) {
            Source source = sources.computeIfAbsent(move.fromHost(), Source::new);
            effects.add(carryOut(move, source));
        }
        List<Advice> steps = new ArrayList<>();
        for (int i = 0; i < moves.size(); i++) {
            ReliefSearch.Move move = moves.get(i);
            Source source = Objects.requireNonNull(sources.get(move.fromHost()));
            steps.add(
                    new Advice.Migrate(
                            move.vm(),
                            problem.vmId(move.vm()),
                            move.fromHost(),
                            problem.hostId(move.fromHost()),
                            move.toHost(),
                            problem.hostId(move.toHost()),
                            0,
                            describe(move, source, effects.get(i))));
        }
        return steps;
    }

    /// A host that gives vms, as it was before the plan.
    private final class Source {
        final double risk;
        final double hours;
        final double forecastShare;
        final Reason reason;
        double relief;
        int moves;

        Source(int host) {
            risk = state.overloadProbability(host, null);
            hours = state.overloadHours(host, null);
            forecastShare = forecastShare(host);
            reason = sourceOverloaded(host, risk);
        }
    }

    /// @param relief of the source, as a share of the largest host
    private record Effect(double relief, double riskAdded, double hoursAdded) {}

    private Effect carryOut(ReliefSearch.Move move, Source source) {
        double overload = state.overload(move.fromHost());
        double risk = state.overloadProbability(move.toHost(), null);
        double hours = state.overloadHours(move.toHost(), null);
        state.move(move.vm(), move.toHost());
        var effect =
                new Effect(
                        overload - state.overload(move.fromHost()),
                        Math.max(0, state.overloadProbability(move.toHost(), null) - risk),
                        state.overloadHours(move.toHost(), null) - hours);
        source.relief += effect.relief();
        source.moves++;
        return effect;
    }

    private Grounds describe(ReliefSearch.Move move, Source source, Effect effect) {
        int vm = move.vm();
        var reasons = new ArrayList<Reason>();
        reasons.add(source.reason);
        double share = effect.relief() / source.relief;
        if (source.moves > 1) {
            reasons.add(
                    Reason.of(
                            Reason.Code.PART_OF_RELIEF,
                            List.of(Figure.share("part", share)),
                            "%.0f %% of what %d moves together take off host %s",
                            100 * share,
                            source.moves,
                            problem.hostId(move.fromHost())));
        }
        reasons.add(destinationSafe(move.toHost()));
        MigrationModel.Estimate estimate = migration.estimate(problem, vm);
        double confidence = source.risk * (1 - effect.riskAdded()) * source.forecastShare;
        if (!estimate.converges()) {
            confidence *= SLOW_MIGRATION_FACTOR;
            reasons.add(
                    Reason.of(
                            Reason.Code.MIGRATION_SLOW,
                            List.of(Figure.seconds(Figure.DOWNTIME, estimate.downtimeSeconds())),
                            "vm %s dirties memory faster than it can be copied: a pause of %.1f s"
                                    + " is expected",
                            problem.vmId(vm),
                            estimate.downtimeSeconds()));
        }
        if (Double.isNaN(problem.dirtyBytesPerSecond(vm))) {
            reasons.add(
                    Reason.of(
                            Reason.Code.DIRTY_RATE_UNKNOWN,
                            List.of(),
                            "nobody measured how fast vm %s dirties memory; %.0f MB/s is assumed",
                            problem.vmId(vm),
                            migration.assumedDirtyBytesPerSecond() / 1e6));
        }
        double hoursLeft = state.overloadHours(move.fromHost(), null);
        return new Grounds(
                Math.clamp(confidence, 0, 1),
                reasons,
                estimate.cost(),
                List.of(
                        Figure.hours(
                                Figure.OVERLOAD_HOURS_AVOIDED,
                                share * (source.hours - hoursLeft) - effect.hoursAdded()),
                        Figure.share(Figure.OVERLOAD_AVOIDED, effect.relief()),
                        Figure.probability(Figure.RISK_BEFORE, source.risk),
                        Figure.probability(
                                Figure.RISK_AFTER,
                                state.overloadProbability(move.fromHost(), null))));
    }

    private Reason sourceOverloaded(int host, double risk) {
        var figures = new ArrayList<Figure>();
        figures.add(Figure.probability(Figure.RISK_BEFORE, risk));
        return Reason.of(
                Reason.Code.SOURCE_OVERLOADED,
                figures,
                "host %s is forecast to exceed its safe load with probability %.2f: %s",
                problem.hostId(host),
                risk,
                describePeaks(host, figures, true));
    }

    private Reason destinationSafe(int host) {
        var figures = new ArrayList<Figure>();
        return Reason.of(
                Reason.Code.DESTINATION_SAFE,
                figures,
                "host %s stays within its safe load: %s",
                problem.hostId(host),
                describePeaks(host, figures, false));
    }

    /// Peaks against safe loads, of all resources or only of those in excess; adds them as figures.
    private String describePeaks(int host, List<Figure> figures, boolean onlyExcess) {
        var text = new StringBuilder();
        for (int resource = 0; resource < problem.resourceCount(); resource++) {
            double peak = state.peak(resource, host);
            double safe = problem.safeLoad(resource, host);
            if (onlyExcess && peak <= safe) {
                continue;
            }
            Resource kind = problem.resources().get(resource);
            figures.add(new Figure("peak-" + kind.name(), peak, kind.unit()));
            figures.add(new Figure("safe-" + kind.name(), safe, kind.unit()));
            text.append(text.isEmpty() ? "" : ", ")
                    .append(
                            String.format(
                                    Locale.ROOT,
                                    "%s peak %.4g of %.4g %s",
                                    kind.name(),
                                    peak,
                                    safe,
                                    kind.unit()));
        }
        return text.toString();
    }

    /// Share of the host's vms whose every demand is forecast.
    private double forecastShare(int host) {
        int vms = 0;
        int known = 0;
        for (int vm = 0; vm < problem.vmCount(); vm++) {
            if (state.hostOf[vm] == host) {
                vms++;
                known += isForecast(vm) ? 1 : 0;
            }
        }
        return (double) known / vms;
    }

    private boolean isForecast(int vm) {
        for (int resource = 0; resource < problem.resourceCount(); resource++) {
            if (!problem.hasForecast(resource, vm)) {
                return false;
            }
        }
        return true;
    }

    Unresolved stillHot(int host, int[] rejections, Plan.Ending ending) {
        var reasons = new ArrayList<Reason>();
        var peaks = new ArrayList<Figure>();
        reasons.add(
                Reason.of(
                        Reason.Code.HOST_STILL_HOT,
                        peaks,
                        "host %s stays hot: %s",
                        problem.hostId(host),
                        describePeaks(host, peaks, true)));
        if (ending != Plan.Ending.COMPLETE) {
            reasons.add(
                    Reason.of(
                            Reason.Code.WORK_LIMIT,
                            List.of(),
                            "the search ended early: %s. Maybe raise the move limit?",
                            ending));
        }
        var counts = new ArrayList<Figure>();
        var text = new StringBuilder();
        for (Rejection rejection : Rejection.values()) {
            if (rejection.ordinal() < rejections.length && rejections[rejection.ordinal()] > 0) {
                int count = rejections[rejection.ordinal()];
                counts.add(new Figure(rejection.name(), count, "moves"));
                text.append(text.isEmpty() ? "" : ", ").append(rejection).append(' ').append(count);
            }
        }
        if (!counts.isEmpty()) {
            reasons.add(
                    Reason.of(
                            Reason.Code.NO_LEGAL_MOVE,
                            counts,
                            "further moves from host %s were rejected: %s",
                            problem.hostId(host),
                            text));
        }
        return new Unresolved(problem.hostId(host), reasons);
    }
}
