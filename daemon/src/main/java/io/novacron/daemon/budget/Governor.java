package io.novacron.daemon.budget;

import io.novacron.daemon.config.BudgetConfig;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;

/// Keeps the whole process to its CPU budget by saying how much the analysis of each tick may use.
///
/// ```text
///  balance   fills at the budget's rate, drained by all CPU time of the process
///            in [-DEBT_LIMIT, max(SAVED_LIMIT, what is left of the start's allowance)]
///  allowed   balance - what the rest of the process will use until the next tick,
///            but never less than LEAST_SHARE of the budget
/// ```
///
/// Ingest and queries are never held back: what they use is taken off the analysis. All methods but
/// [#report] are called by the analysis thread.
public final class Governor {
    /// Of the budget, that the analysis may use even when the rest has used up all of it.
    private static final double LEAST_SHARE = 0.1;

    private static final Duration SAVED_LIMIT = Duration.ofMinutes(5);
    private static final Duration DEBT_LIMIT = Duration.ofMinutes(1);
    private static final double SHORT_WINDOW_S = 10;
    private static final double LONG_WINDOW_S = 60;
    private static final double NEWEST_COST = 0.2;
    private static final double NS_PER_SECOND = 1e9;

    private final CpuTimes times;
    private final boolean unlimited;
    private final int processors;
    private final double budgetCores;
    private final Map<Work, Double> costNs = new EnumMap<>(Work.class);
    private double balanceNs;
    private double startNs;
    private long lastWallNs;
    private long lastProcessNs;
    private long analysisNs; // since the last look
    private double otherCores; // smoothed
    private boolean started;
    private double shortCores;
    private double longCores;
    private volatile Report report = new Report(0, 0, 0, 0);

    /// @param processors of the machine, which the budget is a share of
    public Governor(BudgetConfig config, CpuTimes times, int processors) {
        this(config, times, processors, false);
    }

    private Governor(BudgetConfig config, CpuTimes times, int processors, boolean unlimited) {
        this.unlimited = unlimited;
        this.times = times;
        this.processors = processors;
        this.budgetCores = config.cpu().share() * processors;
        this.startNs = budgetCores * config.start().toNanos();
        this.balanceNs = startNs;
        for (Work work : Work.values()) {
            costNs.put(work, (double) work.guessNs());
        }
    }

    /// Allows everything, always.
    public static Governor unlimited() {
        return new Governor(BudgetConfig.DEFAULT, CpuTimes.standingStill(), 1, true);
    }

    /// What is known of the process's use of the machine, in percent of it.
    ///
    /// @param shortPercent smoothed over some 10 s (a tick, where ticks are longer)
    /// @param longPercent smoothed over some 60 s
    /// @param otherPercent of `longPercent`, what is not analysis
    /// @param balanceSeconds CPU time that is saved up; negative: owed
    public record Report(
            double shortPercent, double longPercent, double otherPercent, double balanceSeconds) {}

    /// As of the last tick. Any thread.
    public Report report() {
        return report;
    }

    /// CPU nanoseconds that the analysis may use in the tick that begins.
    ///
    /// @param tickNs until the next one
    public long allow(long tickNs) {
        if (unlimited) {
            return Long.MAX_VALUE / 2;
        }
        long wallNs = times.wallNs();
        long processNs = times.processNs();
        if (!started) {
            started = true;
            balanceNs -= processNs; // the start itself counts
            lastWallNs = wallNs;
            lastProcessNs = processNs;
        }
        long elapsedNs = wallNs - lastWallNs;
        long usedNs = processNs - lastProcessNs;
        if (elapsedNs > 0) {
            look(elapsedNs, usedNs);
        }
        lastWallNs = wallNs;
        lastProcessNs = processNs;
        analysisNs = 0;
        double leastNs = LEAST_SHARE * budgetCores * tickNs;
        double allowedNs = balanceNs + (budgetCores - otherCores) * tickNs;
        return (long) Math.max(leastNs, allowedNs);
    }

    private void look(long elapsedNs, long usedNs) {
        double seconds = elapsedNs / NS_PER_SECOND;
        double cores = (double) usedNs / elapsedNs;
        double other = (double) Math.max(0, usedNs - analysisNs) / elapsedNs;
        shortCores += (cores - shortCores) * (1 - Math.exp(-seconds / SHORT_WINDOW_S));
        double longer = 1 - Math.exp(-seconds / LONG_WINDOW_S);
        longCores += (cores - longCores) * longer;
        otherCores += (other - otherCores) * longer;
        balanceNs += budgetCores * elapsedNs - usedNs;
        startNs = Math.min(startNs, Math.max(0, balanceNs));
        double mostNs = Math.max(startNs, budgetCores * SAVED_LIMIT.toNanos());
        balanceNs = Math.clamp(balanceNs, -budgetCores * DEBT_LIMIT.toNanos(), mostNs);
        double percent = 100.0 / processors;
        report =
                new Report(
                        percent * shortCores,
                        percent * longCores,
                        percent * otherCores,
                        balanceNs / NS_PER_SECOND);
    }

    /// What `units` of a kind are taken to cost, in nanoseconds.
    public long costNs(Work work, long units) {
        return (long) (costNs.getOrDefault(work, 0.0) * units);
    }

    /// The calling thread's clock, to measure what is [#spent].
    public long threadNs() {
        return times.threadNs();
    }

    /// Learns what a kind of work costs.
    public void spent(Work work, long units, long cpuNs) {
        analysisNs += cpuNs;
        if (units > 0) {
            costNs.merge(
                    work,
                    (double) cpuNs / units,
                    (before, newest) -> before + NEWEST_COST * (newest - before));
        }
    }
}
