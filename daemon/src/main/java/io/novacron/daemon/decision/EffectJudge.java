package io.novacron.daemon.decision;

import io.novacron.daemon.decision.Effects.Signal;
import java.util.Locale;

/// Whether an action made things worse. Pure.
///
/// Guardrails come first: has a signal of the vm, its host or its neighbours risen by more than
/// chance, and by more than anybody would accept? Then the measured use of what was taken away from
/// is held against the counterfactual: the forecast without the action, scaled to the new size.
///
/// "Risen" means for four of five minutes, and above every stretch of that length before, by an
/// amount that is large beside how the signal varies anyway.
///
/// "More than chance" is a one-sided t-test of two means whose samples are worth less than their
/// number, because minutes resemble the minutes before: `n (1 - r) / (1 + r)` with the
/// autocorrelation r at one minute. The limit is strict (see [#limit]) since several signals are
/// looked at twice; `EffectJudgeTest` shows the rate of false alarms on simulated nulls.
final class EffectJudge {
    static final int LEAST_BEFORE = 60;
    static final int LEAST_AFTER = 4;
    private static final int NINTH_DECILE = 8;
    private static final double SATURATED = 90;

    /// A rise is harm only when it is large beside how the signal varies anyway.
    private static final double USUAL_SPREADS = 3;

    private EffectJudge() {}

    /// The answer.
    ///
    /// @param worse whether the action is to be undone
    /// @param text what was measured and held against what
    record Judgement(boolean worse, String text) {}

    static Judgement judge(Proposal proposal, Effects before, Effects after) {
        int measured = 0;
        for (Signal signal : Signal.values()) {
            double[] left = before.minutes(signal);
            double[] right = after.minutes(signal);
            if (left.length < LEAST_BEFORE || right.length < LEAST_AFTER) {
                continue;
            }
            measured++;
            if (signal != Signal.USAGE && isWorse(left, right, signal.leastRise)) {
                return judgement(
                        true, "%s rose from %.1f to %.1f", signal.words, mean(left), mean(right));
            }
        }
        if (measured == 0) {
            return judgement(false, "not measured: too few samples before or after");
        }
        return againstForecast(proposal, before, after);
    }

    private static Judgement againstForecast(Proposal proposal, Effects before, Effects after) {
        double[] left = before.minutes(Signal.USAGE).clone();
        double[] right = after.minutes(Signal.USAGE);
        double ratio = ratio(proposal);
        if (left.length < LEAST_BEFORE || right.length < LEAST_AFTER) {
            return judgement(false, "guardrails hold; use was not measured");
        }
        double promised = Math.min(100, before.forecastPeak(NINTH_DECILE) * ratio);
        double measured = mean(right);
        for (int i = 0; i < left.length; i++) {
            left[i] = Math.min(100, left[i] * ratio);
        }
        boolean worse =
                ratio > 1 // something was taken away
                        && measured >= SATURATED
                        && !(measured <= promised + Signal.USAGE.leastRise)
                        && isWorse(left, right, Signal.USAGE.leastRise);
        return judgement(
                worse,
                "use is %.1f %%, was promised to be %s",
                measured,
                Double.isNaN(promised)
                        ? "%.1f %%".formatted(mean(left))
                        : "at most %.1f %%".formatted(promised));
    }

    /// By how much the use in percent grows because the size shrinks.
    private static double ratio(Proposal proposal) {
        return switch (proposal.type()) {
            case SET_VCPUS -> proposal.fromVcpus() / (double) Math.max(1, proposal.toVcpus());
            case SET_MEMORY ->
                    proposal.fromMemoryBytes() / (double) Math.max(1, proposal.toMemoryBytes());
            default -> 1; // no size is changed
        };
    }

    /// Whether the mean has risen by at least `leastRise`, and by more than chance.
    static boolean isWorse(double[] before, double[] after, double leastRise) {
        double rise = mean(after) - mean(before);
        double usual = Math.sqrt(squares(before) / Math.max(1, before.length - 1));
        if (!(rise >= Math.max(leastRise, USUAL_SPREADS * usual))
                || !lasts(before, after, leastRise)
                || mean(after) < highestBlock(before, after.length) + leastRise) {
            return false;
        }
        double alike = autocorrelation(before, after);
        double share = (1 - alike) / (1 + alike);
        double worthBefore = Math.max(1, before.length * share);
        double worthAfter = Math.max(1, after.length * share);
        double freedom = Math.max(1, worthBefore + worthAfter - 2);
        double variance =
                (squares(before) + squares(after))
                        / Math.max(1, before.length + after.length - 2)
                        / Math.max(0.1, 1 - alike * alike / 2);
        double error = Math.sqrt(variance * (1 / worthBefore + 1 / worthAfter));
        return rise > limit(freedom) * error;
    }

    /// Whether four of five minutes are above what was usual: a burst or two are no harm.
    private static boolean lasts(double[] before, double[] after, double leastRise) {
        double usual = mean(before) + leastRise;
        int above = 0;
        for (double value : after) {
            above += value >= usual ? 1 : 0;
        }
        return above >= 0.8 * after.length;
    }

    /// The highest mean of as many minutes in a row: what chance brought about once already.
    private static double highestBlock(double[] values, int length) {
        int block = Math.min(length, values.length);
        double highest = Double.NEGATIVE_INFINITY;
        for (int from = 0; from + block <= values.length; from++) {
            double sum = 0;
            for (int i = from; i < from + block; i++) {
                sum += values[i];
            }
            highest = Math.max(highest, sum / block);
        }
        return highest;
    }

    /// About the 99.99 % quantile of Student's t, which is wide when few samples count.
    private static double limit(double freedom) {
        return 4.2 + 16 / freedom + 10 / (freedom * freedom);
    }

    /// Of both parts about their own means, with the bias of short series given back.
    private static double autocorrelation(double[] before, double[] after) {
        double products = products(before) + products(after);
        double squares = squares(before) + squares(after);
        int length = before.length + after.length;
        double raw = squares <= 0 ? 0 : products / squares;
        return Math.clamp(raw + (1 + 4 * Math.max(0, raw)) / length, 0, 0.95);
    }

    private static double products(double[] values) {
        double mean = mean(values);
        double sum = 0;
        for (int i = 1; i < values.length; i++) {
            sum += (values[i] - mean) * (values[i - 1] - mean);
        }
        return sum;
    }

    private static double squares(double[] values) {
        double mean = mean(values);
        double sum = 0;
        for (double value : values) {
            sum += (value - mean) * (value - mean);
        }
        return sum;
    }

    private static double mean(double[] values) {
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        return sum / Math.max(1, values.length);
    }

    private static Judgement judgement(boolean worse, String format, Object... arguments) {
        return new Judgement(worse, String.format(Locale.ROOT, format, arguments));
    }
}
