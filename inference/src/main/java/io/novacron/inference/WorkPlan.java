package io.novacron.inference;

import java.util.Arrays;
import java.util.List;

/// How much of each model's work to do in one call: measured time writes it, a replay obeys it.
///
/// `seriesLimits[kind.ordinal()]` is how many series a model may answer before it stops, in the
/// order of the selection; `backtestOrigins` how many backtest origins to run. After a live call
/// [Forecasts#plan] says what was done; the same call with that plan gives the same bytes.
public final class WorkPlan {
    private static final int KINDS = ModelKind.values().length;

    /// Every model to the end.
    public static final WorkPlan UNLIMITED = filled(Integer.MAX_VALUE);

    private final int[] seriesLimits;
    private final int backtestOrigins;

    private WorkPlan(int[] seriesLimits, int backtestOrigins) {
        this.seriesLimits = seriesLimits;
        this.backtestOrigins = backtestOrigins;
    }

    private static WorkPlan filled(int limit) {
        int[] limits = new int[KINDS];
        Arrays.fill(limits, limit);
        return new WorkPlan(limits, limit);
    }

    /// A plan from what [#seriesLimits] and [#backtestOrigins] gave. A shorter list, written before
    /// newer kinds existed, leaves those kinds without work.
    public static WorkPlan of(List<Integer> seriesLimits, int backtestOrigins) {
        int[] limits = new int[KINDS];
        for (int kind = 0; kind < Math.min(KINDS, seriesLimits.size()); kind++) {
            limits[kind] = seriesLimits.get(kind);
        }
        return new WorkPlan(limits, backtestOrigins);
    }

    public int seriesLimit(ModelKind kind) {
        return seriesLimits[kind.ordinal()];
    }

    public List<Integer> seriesLimits() {
        return Arrays.stream(seriesLimits).boxed().toList();
    }

    public int backtestOrigins() {
        return backtestOrigins;
    }

    /// This plan with another limit for one model.
    public WorkPlan with(ModelKind kind, int seriesLimit) {
        int[] limits = seriesLimits.clone();
        limits[kind.ordinal()] = seriesLimit;
        return new WorkPlan(limits, backtestOrigins);
    }

    public WorkPlan withBacktestOrigins(int origins) {
        return new WorkPlan(seriesLimits, origins);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof WorkPlan plan
                && backtestOrigins == plan.backtestOrigins
                && Arrays.equals(seriesLimits, plan.seriesLimits);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(seriesLimits) + backtestOrigins;
    }

    @Override
    public String toString() {
        return "WorkPlan[seriesLimits=%s, backtestOrigins=%d]"
                .formatted(Arrays.toString(seriesLimits), backtestOrigins);
    }
}
