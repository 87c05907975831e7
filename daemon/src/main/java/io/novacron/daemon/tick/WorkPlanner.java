package io.novacron.daemon.tick;

import io.novacron.daemon.budget.Governor;
import io.novacron.daemon.budget.Work;
import io.novacron.ingest.fleet.FleetView;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/// Writes each tick's plan: the most valuable work that fits into what the governor allows. The
/// rows of the view always; then advice, which nothing replaces; then the ensemble's forecasts, in
/// turns; then those of the other models, the oldest first; then those of series that have only
/// minutes; then the measuring of confidence. What was left out waits and grows older, so it comes
/// to its turn. Owned by the analysis thread.
final class WorkPlanner {
    static final long MOVE_LIMIT = 200_000;

    /// Advice may be left out for so many ticks, then it goes before forecasts at any cost.
    private static final int PATIENCE = 5;

    private static final int LEAST_YOUNG = 256;
    private static final int METRICS = 4;

    private final Governor governor;
    private int advicesLeftOut;
    private int youngFrom;
    private int lastYoung;

    WorkPlanner(Governor governor) {
        this.governor = governor;
    }

    TickPlan plan(
            FleetView view,
            FleetForecaster.Due due,
            long tickNs,
            List<UUID> notHeard,
            List<UUID> draining) {
        long leftNs = governor.allow(tickNs) - governor.costNs(Work.VIEW, view.slotCount());
        long adviceNs = governor.costNs(Work.ADVICE, view.slotCount());
        boolean late = advicesLeftOut >= PATIENCE;
        boolean advises = adviceNs <= leftNs || late;
        if (advises) {
            leftNs -= adviceNs;
            advicesLeftOut = 0;
        } else {
            advicesLeftOut++;
        }
        int ensembleChunks = ensembleChunks(due.ensembleChunks(), leftNs, late);
        leftNs -= governor.costNs(Work.ENSEMBLE, ensembleChunks);
        var refresh = new BitSet();
        int leftOut = (due.ensembleChunks() - ensembleChunks) * EnsembleForecaster.CHUNK;
        long chunkNs = governor.costNs(Work.FORECAST, 1);
        for (int chunk : due.refresh()) {
            if (chunkNs <= leftNs || (refresh.isEmpty() && !late)) {
                refresh.set(chunk); // one at least: what it costs is known only by doing it
                leftNs -= chunkNs;
            } else {
                leftOut += FleetForecaster.CHUNK;
            }
        }
        int expected = Math.min(due.young(), Math.max(LEAST_YOUNG, 2 * lastYoung));
        int youngLimit = youngLimit(leftNs, expected);
        leftNs -= governor.costNs(Work.YOUNG, Math.min(youngLimit, expected));
        var backtest = new BitSet();
        long backtestNs = governor.costNs(Work.BACKTEST, 1);
        for (int chunk = refresh.nextSetBit(0); chunk >= 0; chunk = refresh.nextSetBit(chunk + 1)) {
            if (due.backtest().get(chunk) && backtestNs <= leftNs) {
                backtest.set(chunk);
                leftNs -= backtestNs;
            }
        }
        int from = youngFrom;
        youngFrom =
                youngLimit == Integer.MAX_VALUE || view.slotCount() == 0
                        ? 0
                        : (youngFrom + youngLimit) % view.slotCount();
        return new TickPlan(
                view.tick(),
                view.timeMs(),
                false,
                0,
                refresh,
                backtest,
                from,
                youngLimit,
                advises ? MOVE_LIMIT : 0,
                ensembleChunks,
                due.refresh().size() * FleetForecaster.CHUNK
                        + due.ensembleChunks() * EnsembleForecaster.CHUNK,
                leftOut,
                notHeard,
                List.of(),
                Map.of(),
                draining);
    }

    /// One at least: what it costs is known only by doing it.
    private int ensembleChunks(int due, long leftNs, boolean late) {
        long room = Math.max(0, leftNs) / Math.max(1, governor.costNs(Work.ENSEMBLE, 1));
        return (int) Math.min(due, Math.max(late ? 0 : 1, room));
    }

    /// What a tick has room for, per metric.
    private int youngLimit(long leftNs, int expected) {
        long room = leftNs / Math.max(1, governor.costNs(Work.YOUNG, 1));
        return expected <= room ? Integer.MAX_VALUE : (int) Math.max(1, room / METRICS);
    }

    /// How many young series the last plan found.
    void found(int young) {
        lastYoung = young;
    }
}
