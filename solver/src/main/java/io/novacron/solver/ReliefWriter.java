package io.novacron.solver;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Carries the chosen moves of a [ReliefSearch] out on its state and writes down, for each, what it
/// costs and what it brings. The figures of a move hold once the moves before it are done.
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
        List<Advice> steps = new ArrayList<>();
        for (ReliefSearch.Move move : moves) {
            Grounds grounds = carryOut(move);
            steps.add(
                    new Advice.Migrate(
                            move.vm(),
                            problem.vmId(move.vm()),
                            move.fromHost(),
                            problem.hostId(move.fromHost()),
                            move.toHost(),
                            problem.hostId(move.toHost()),
                            0,
                            grounds));
        }
        return steps;
    }

    private Grounds carryOut(ReliefSearch.Move move) {
        int from = move.fromHost();
        int to = move.toHost();
        double sourceRisk = state.overloadProbability(from, null);
        double targetRisk = state.overloadProbability(to, null);
        double hours = state.overloadHours(from, null) + state.overloadHours(to, null);
        var reasons = new ArrayList<Reason>();
        reasons.add(sourceOverloaded(from, sourceRisk));

        state.move(move.vm(), to);

        double sourceRiskAfter = state.overloadProbability(from, null);
        double riskAdded = Math.max(0, state.overloadProbability(to, null) - targetRisk);
        double hoursAfter = state.overloadHours(from, null) + state.overloadHours(to, null);
        reasons.add(destinationSafe(to));
        MigrationModel.Estimate estimate = migration.estimate(problem, move.vm());
        double confidence = sourceRisk * (1 - riskAdded) * forecastShare(from, move.vm());
        if (!estimate.converges()) {
            confidence *= SLOW_MIGRATION_FACTOR;
            reasons.add(
                    Reason.of(
                            Reason.Code.MIGRATION_SLOW,
                            List.of(Figure.seconds(Figure.DOWNTIME, estimate.downtimeSeconds())),
                            "vm %s dirties memory faster than it can be copied: a pause of %.1f s"
                                    + " is expected",
                            problem.vmId(move.vm()),
                            estimate.downtimeSeconds()));
        }
        if (Double.isNaN(problem.dirtyBytesPerSecond(move.vm()))) {
            reasons.add(
                    Reason.of(
                            Reason.Code.DIRTY_RATE_UNKNOWN,
                            List.of(),
                            "nobody measured how fast vm %s dirties memory; %.0f MB/s is assumed",
                            problem.vmId(move.vm()),
                            migration.assumedDirtyBytesPerSecond() / 1e6));
        }
        return new Grounds(
                Math.clamp(confidence, 0, 1),
                reasons,
                List.of(
                        Figure.bytes(Figure.MEMORY_COPIED, estimate.copiedBytes()),
                        Figure.seconds(Figure.DURATION, estimate.seconds()),
                        Figure.seconds(Figure.DOWNTIME, estimate.downtimeSeconds())),
                List.of(
                        Figure.hours(Figure.OVERLOAD_HOURS_AVOIDED, hours - hoursAfter),
                        Figure.probability(Figure.RISK_BEFORE, sourceRisk),
                        Figure.probability(Figure.RISK_AFTER, sourceRiskAfter)));
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

    /// Share of the host's vms, the one that left included, whose every demand is forecast.
    private double forecastShare(int host, int leftVm) {
        int vms = 0;
        int known = 0;
        for (int vm = 0; vm < problem.vmCount(); vm++) {
            if (state.hostOf[vm] == host || vm == leftVm) {
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
