package io.novacron.training;

import io.novacron.inference.serving.RowModel;
import io.novacron.inference.serving.StackCard;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Whether the model in service should be trained anew: because of its age, or because it drifted,
/// which is to say that over the newest days its error, by the last value's, is larger than its
/// card promised. The data's own time counts, no clock: the same data give the same answer.
///
/// @param isDue whether it should
/// @param reason why or why not, one line
/// @param drift error by the last value's over the newest days, divided by the same on the card;
///   geometric mean over metrics and horizons; NaN where nothing can be compared
/// @param ageDays newest data less the newest that the model was trained on; NaN where unknown
record TrainingNeed(boolean isDue, String reason, double drift, double ageDays) {
    /// Key of the card's `trainer` under which the end of the data is found.
    static final String DATA_END = "dataEnd";

    private static final int JUDGED_DAYS = 2;
    private static final double DAY_SECONDS = 86_400;

    /// @param card of the model in service, null when there is none
    /// @param model the same, opened
    /// @param maxAgeDays from which on age alone is enough
    /// @param maxDrift from which on drift alone is enough
    static TrainingNeed of(
            TraceFolder folder,
            @Nullable StackCard card,
            @Nullable RowModel model,
            double maxAgeDays,
            double maxDrift)
            throws TrainingException {
        if (card == null || model == null) {
            return new TrainingNeed(true, "no model is in service", Double.NaN, Double.NaN);
        }
        double ageDays = ageDays(folder, card);
        if (!(ageDays < maxAgeDays)) {
            String reason =
                    Double.isNaN(ageDays)
                            ? "version %d does not say what it was trained on"
                                    .formatted(card.version())
                            : "version %d is %.1f days old".formatted(card.version(), ageDays);
            return new TrainingNeed(true, reason, Double.NaN, ageDays);
        }
        double drift = drift(card.metrics(), newest(folder, model));
        if (!(drift < maxDrift)) {
            String reason =
                    Double.isNaN(drift)
                            ? "the card of version %d knows none of these metrics"
                                    .formatted(card.version())
                            : "version %d has drifted: its errors are %.2f times what its card promised"
                                    .formatted(card.version(), drift);
            return new TrainingNeed(true, reason, drift, ageDays);
        }
        return new TrainingNeed(
                false,
                "version %d is %.1f days old and its errors are %.2f times what its card promised"
                        .formatted(card.version(), ageDays, drift),
                drift,
                ageDays);
    }

    /// End of the newest step of all.
    static Instant dataEnd(TraceFolder folder) {
        long endMs = Long.MIN_VALUE;
        for (Trace trace : folder.traces()) {
            endMs =
                    Math.max(
                            endMs,
                            trace.startTimeMs()
                                    + (trace.steps() - 1) * 1000L * trace.stepSeconds());
        }
        return Instant.ofEpochMilli(endMs);
    }

    private static double ageDays(TraceFolder folder, StackCard card) {
        try {
            Instant trained = Instant.parse(card.trainer().getOrDefault(DATA_END, ""));
            return Duration.between(trained, dataEnd(folder)).toSeconds() / DAY_SECONDS;
        } catch (DateTimeException e) {
            return Double.NaN; // an older card
        }
    }

    /// The model's accuracy over the newest days.
    private static Map<String, Double> newest(TraceFolder folder, RowModel model)
            throws TrainingException {
        Map<String, Double> metrics = new LinkedHashMap<>();
        long most = 0;
        for (Trace trace : folder.traces()) {
            most += (long) trace.series() * trace.steps();
        }
        StackRun.judge(
                folder,
                StackRun.stride(most),
                model,
                StackRun.STACKED,
                metrics,
                trace -> Math.max(0, trace.steps() - JUDGED_DAYS * dayOf(trace)));
        return metrics;
    }

    private static int dayOf(Trace trace) {
        return (int) (DAY_SECONDS / trace.stepSeconds());
    }

    /// Geometric mean of the errors' quotients, each taken by the error of the last value.
    static double drift(Map<String, Double> promised, Map<String, Double> found) {
        double sum = 0;
        int known = 0;
        for (Map.Entry<String, Double> entry : found.entrySet()) {
            String name = entry.getKey();
            if (!name.startsWith(StackRun.STACKED + ".") || !name.endsWith(".wape")) {
                continue;
            }
            String of = name.substring(StackRun.STACKED.length() + 1, name.length() - 5);
            int dot = of.lastIndexOf('.');
            String held =
                    "%s.last-value.%s.wape".formatted(of.substring(0, dot), of.substring(dot + 1));
            double now = entry.getValue() / found.getOrDefault(held, Double.NaN);
            double then =
                    promised.getOrDefault(name, Double.NaN)
                            / promised.getOrDefault(held, Double.NaN);
            if (now > 0 && then > 0 && now / then < Double.POSITIVE_INFINITY) {
                sum += Math.log(now / then);
                known++;
            }
        }
        return known == 0 ? Double.NaN : Math.exp(sum / known);
    }
}
