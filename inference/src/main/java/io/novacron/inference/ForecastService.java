package io.novacron.inference;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// Forecasts by the best model that can: gradient-boosted trees, Holt-Winters, seasonal naive, last
/// value. Every series says who answered, and why when it was not the best.
///
/// ## Time
///
/// Each model but the last has [ForecastConfig#modelLimit] per call, looked at between blocks of
/// work. A model that runs out hands the rest of the series down and sits out
/// [ForecastConfig#pauseCalls] calls. What the clock decided is in [Forecasts#plan]; [#replay] with
/// that plan does the same without a clock.
///
/// Owned by one thread. [#status] makes a snapshot for the owner to publish.
public final class ForecastService implements AutoCloseable {
    private final ForecastConfig config;
    private final LongSupplier nanoClock;
    private final List<Tier> tiers = new ArrayList<>();
    private final Tier modelTier;
    private final Backtest backtest;
    private final Forecasts pastForecasts = new Forecasts();
    private final Selection selection = new Selection();
    private final Selection passedOn = new Selection();
    private byte[] outcomes = new byte[0];
    private byte[] firstReasons = new byte[0];
    private ModelSlot slot;

    public ForecastService(ForecastConfig config, ModelSlot slot, LongSupplier nanoClock) {
        this.config = config;
        this.nanoClock = nanoClock;
        this.slot = slot;
        this.modelTier = new Tier(ModelKind.GBT, slot.forecaster(), slot.reason(), slot.detail());
        this.backtest = new Backtest();
        tiers.add(modelTier);
        tiers.add(new Tier(new HoltWintersForecaster()));
        tiers.add(new Tier(new SeasonalNaiveForecaster()));
        tiers.add(new Tier(new LastValueForecaster()));
    }

    /// Puts another model in service and closes the one before.
    public void install(ModelSlot newSlot) {
        ModelSlot before = slot;
        slot = newSlot;
        modelTier.install(newSlot.forecaster(), newSlot.reason(), newSlot.detail());
        close(before);
    }

    /// Forecasts under the clock.
    public void forecast(ForecastRequest request, Forecasts out) {
        WorkPlan plan = WorkPlan.UNLIMITED.withBacktestOrigins(config.backtestOrigins());
        for (Tier tier : tiers) {
            plan = plan.with(tier.kind(), tier.takeTurn(plan.seriesLimit(tier.kind())));
        }
        run(request, plan, nanoClock, out);
    }

    /// Does exactly what an earlier call did whose [Forecasts#plan] was `plan`; reads no clock and
    /// leaves pauses alone.
    public void replay(ForecastRequest request, WorkPlan plan, Forecasts out) {
        run(request, plan, null, out);
    }

    /// One entry per model, best first.
    public List<TierStatus> status() {
        return tiers.stream().map(Tier::status).toList();
    }

    private void run(
            ForecastRequest request, WorkPlan plan, @Nullable LongSupplier clock, Forecasts out) {
        WorkPlan done = answer(request, plan, clock, out);
        int origins = 0;
        if (request.backtest()) {
            origins =
                    judge(
                            request,
                            done,
                            clock,
                            Math.min(plan.backtestOrigins(), config.backtestOrigins()),
                            out);
        }
        out.plan(done.withBacktestOrigins(origins));
    }

    private WorkPlan answer(
            ForecastRequest request, WorkPlan plan, @Nullable LongSupplier clock, Forecasts out) {
        int series = request.window().series();
        out.reset(series, request.horizonCount());
        if (outcomes.length < series) {
            outcomes = new byte[series];
            firstReasons = new byte[series];
        }
        selection.reset(series);
        for (int index = 0; index < series; index++) {
            selection.add(index);
            firstReasons[index] = FallbackReason.NONE.code();
        }
        WorkPlan done = plan;
        long limitNs = config.modelLimit().toNanos();
        for (int t = 0; t < tiers.size() && selection.count() > 0; t++) {
            Tier tier = tiers.get(t);
            boolean lastTier = t == tiers.size() - 1; // always answers, so it has no limit
            int completed =
                    tier.run(
                            request,
                            selection,
                            lastTier ? Integer.MAX_VALUE : plan.seriesLimit(tier.kind()),
                            lastTier ? null : clock,
                            limitNs,
                            config.pauseCalls(),
                            out,
                            outcomes);
            done = done.with(tier.kind(), completed);
            settle(tier, series, lastTier, out);
        }
        return done;
    }

    /// Notes who was answered and keeps the rest, with the first reason, for the next model.
    private void settle(Tier tier, int series, boolean lastTier, Forecasts out) {
        passedOn.reset(series);
        for (int position = 0; position < selection.count(); position++) {
            int index = selection.at(position);
            byte outcome = outcomes[index];
            if (outcome == FallbackReason.NONE.code()) {
                out.answered(index, tier.kind(), FallbackReason.of(firstReasons[index]));
                continue;
            }
            if (firstReasons[index] == FallbackReason.NONE.code()) {
                firstReasons[index] = outcome;
            }
            if (lastTier) { // what the simplest model says is the plainest truth
                out.unanswered(index, FallbackReason.of(outcome));
            }
            passedOn.add(index);
        }
        selection.reset(series);
        for (int position = 0; position < passedOn.count(); position++) {
            selection.add(passedOn.at(position));
        }
    }

    /// Forecasts from past origins with the models that finished this call, and scores them.
    private int judge(
            ForecastRequest request,
            WorkPlan done,
            @Nullable LongSupplier clock,
            int origins,
            Forecasts out) {
        WorkPlan past = WorkPlan.UNLIMITED;
        for (Tier tier : tiers) {
            boolean finished = done.seriesLimit(tier.kind()) == Integer.MAX_VALUE;
            past = past.with(tier.kind(), finished ? Integer.MAX_VALUE : 0);
        }
        backtest.start(request, out);
        long startNs = clock == null ? 0 : clock.getAsLong();
        int origin = 0;
        while (origin < origins) {
            int offset = (origin + 1) * config.backtestStrideSteps();
            int steps = request.window().steps() - offset;
            boolean late =
                    clock != null && clock.getAsLong() - startNs >= config.modelLimit().toNanos();
            if (steps < 1 || late) {
                break;
            }
            answer(request.over(request.window().until(steps)), past, null, pastForecasts);
            backtest.score(pastForecasts, offset);
            origin++;
        }
        backtest.finish(out);
        return origin;
    }

    @Override
    public void close() {
        close(slot);
    }

    private static void close(ModelSlot slot) {
        if (slot.forecaster() instanceof GbtForecaster forecaster) {
            forecaster.close();
        }
    }
}
