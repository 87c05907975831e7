package io.novacron.inference;

import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// One model's place in the order, with its pause and counters.
final class Tier {
    private final ModelKind kind;
    private @Nullable Forecaster forecaster;
    private FallbackReason reason;
    private String detail;
    private int pausedCalls;
    private long calls;
    private long seriesAnswered;
    private long seriesPassedOn;
    private long overruns;
    private long nonFinite;
    private long failures;

    /// Series that the last run finished before it was stopped, or `Integer.MAX_VALUE`.
    private int completed;

    Tier(Forecaster forecaster) {
        this(forecaster.kind(), forecaster, FallbackReason.NONE, "built in");
    }

    Tier(ModelKind kind, @Nullable Forecaster forecaster, FallbackReason reason, String detail) {
        this.kind = kind;
        this.forecaster = forecaster;
        this.reason = reason;
        this.detail = detail;
    }

    ModelKind kind() {
        return kind;
    }

    void install(@Nullable Forecaster newForecaster, FallbackReason newReason, String newDetail) {
        forecaster = newForecaster;
        reason = newReason;
        detail = newDetail;
        pausedCalls = 0;
    }

    /// Whether this call may use the model; counts down a pause.
    int takeTurn(int plannedLimit) {
        if (pausedCalls > 0) {
            pausedCalls--;
            return 0;
        }
        return plannedLimit;
    }

    /// Runs the model over the selection with at most `seriesLimit` series, and at most `limitNs`
    /// by the clock where there is one. Writes an outcome for every selected series. Returns the
    /// series limit that would have had the same effect.
    int run(
            ForecastRequest request,
            Selection selection,
            int seriesLimit,
            @Nullable LongSupplier nanoClock,
            long limitNs,
            int pauseAfterOverrun,
            Forecasts out,
            byte[] outcomes) {
        Forecaster current = forecaster;
        FallbackReason refusal =
                current == null
                        ? reason
                        : seriesLimit == 0 ? FallbackReason.MODEL_PAUSED : FallbackReason.NONE;
        if (current == null || refusal != FallbackReason.NONE) {
            for (int position = 0; position < selection.count(); position++) {
                outcomes[selection.at(position)] = refusal.code();
            }
            seriesPassedOn += selection.count();
            return seriesLimit;
        }
        calls++;
        completed = seriesLimit;
        long startNs = nanoClock == null ? 0 : nanoClock.getAsLong();
        WorkLimit limit =
                done -> {
                    boolean more =
                            done < seriesLimit
                                    && (done == 0
                                            || nanoClock == null
                                            || nanoClock.getAsLong() - startNs < limitNs);
                    if (!more) {
                        completed = done;
                    }
                    return more;
                };
        current.forecast(request, selection, limit, out, outcomes);
        if (nanoClock != null && nanoClock.getAsLong() - startNs >= limitNs) {
            overruns++;
            pausedCalls = pauseAfterOverrun;
        }
        count(selection, outcomes);
        return completed;
    }

    private void count(Selection selection, byte[] outcomes) {
        boolean failed = false;
        for (int position = 0; position < selection.count(); position++) {
            byte outcome = outcomes[selection.at(position)];
            if (outcome == FallbackReason.NONE.code()) {
                seriesAnswered++;
            } else {
                seriesPassedOn++;
                nonFinite += outcome == FallbackReason.MODEL_NAN.code() ? 1 : 0;
                failed |= outcome == FallbackReason.MODEL_FAILED.code();
            }
        }
        failures += failed ? 1 : 0;
    }

    TierStatus status() {
        var state =
                forecaster == null
                        ? TierStatus.State.UNAVAILABLE
                        : pausedCalls > 0 ? TierStatus.State.PAUSED : TierStatus.State.SERVING;
        FallbackReason why =
                state == TierStatus.State.PAUSED ? FallbackReason.MODEL_PAUSED : reason;
        return new TierStatus(
                kind,
                state,
                why,
                detail,
                pausedCalls,
                calls,
                seriesAnswered,
                seriesPassedOn,
                overruns,
                nonFinite,
                failures);
    }
}
