package io.novacron.training;

import io.novacron.inference.FallbackReason;
import io.novacron.inference.ForecastRequest;
import io.novacron.inference.Forecaster;
import io.novacron.inference.Forecasts;
import io.novacron.inference.HoltWintersForecaster;
import io.novacron.inference.LastValueForecaster;
import io.novacron.inference.Quantiles;
import io.novacron.inference.SeasonalNaiveForecaster;
import io.novacron.inference.Selection;
import io.novacron.inference.Window;
import io.novacron.inference.WorkLimit;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Accuracy on held-back time, every model on the same origins, series and outcomes.
///
/// Names are `<metric>.<model>.<horizon>.<figure>`, and `mean.…` over the metrics. Figures: `wape`
/// (Σ|error of the median| / Σ|actual|), `wql` (2 × Σ pinball over nine levels / 9 / Σ|actual|) and
/// `coverage80` (share of outcomes within the 80 % interval). Where a model cannot answer a series,
/// the last value answers for it.
final class AccuracyTable {
    private static final int ORIGINS = 24;
    private static final int MIN_HISTORY = 24;
    private static final int[] HORIZON_SECONDS = {300, 3600, 86_400};

    private final Map<String, Double> figures = new TreeMap<>();

    private AccuracyTable() {}

    static Map<String, Double> measure(List<Trace> traces, Forecaster model)
            throws TrainingException {
        var table = new AccuracyTable();
        for (Trace trace : traces) {
            table.measure(trace, model);
        }
        table.addMeans(traces);
        return table.figures;
    }

    private void measure(Trace trace, Forecaster model) throws TrainingException {
        TimeSplit split = TimeSplit.of(trace.steps());
        int[] horizons = horizons(trace, split);
        if (horizons.length == 0) {
            return;
        }
        List<Forecaster> forecasters =
                List.of(
                        new LastValueForecaster(),
                        new SeasonalNaiveForecaster(),
                        new HoltWintersForecaster(),
                        model);
        for (Forecaster forecaster : forecasters) {
            Score[] scores = new Score[horizons.length];
            for (int h = 0; h < horizons.length; h++) {
                scores[h] = new Score();
            }
            int first = Math.max(split.calibrateEnd(), MIN_HISTORY);
            for (int n = 0; n < ORIGINS; n++) {
                int origin = first + (int) ((long) (split.steps() - 1 - first) * n / ORIGINS);
                run(trace, forecaster, origin, horizons, scores);
            }
            for (int h = 0; h < horizons.length; h++) {
                String name =
                        "%s.%s.%s."
                                .formatted(
                                        trace.metric(),
                                        forecaster.kind().label(),
                                        label(horizons[h] * trace.stepSeconds()));
                scores[h].put(name, figures);
            }
        }
    }

    /// Five minutes, an hour, a day: those that fit the step and the held-back part.
    private static int[] horizons(Trace trace, TimeSplit split) {
        int room = split.steps() - split.calibrateEnd();
        return java.util.Arrays.stream(HORIZON_SECONDS)
                .filter(seconds -> seconds % trace.stepSeconds() == 0)
                .map(seconds -> seconds / trace.stepSeconds())
                .filter(steps -> steps < room)
                .toArray();
    }

    private static String label(int seconds) {
        return seconds % 86_400 == 0
                ? seconds / 3600 + "h"
                : seconds / 60 + "m"; // 24h, 60m, 5m, as everywhere else
    }

    private static void run(
            Trace trace, Forecaster forecaster, int origin, int[] horizons, Score[] scores) {
        Window window = trace.windowAt(origin);
        var request = new ForecastRequest(window, horizons, trace.bounds());
        Selection all = Selection.all(trace.series());
        byte[] outcomes = new byte[trace.series()];
        byte[] simplest = new byte[trace.series()];
        var answers = Forecasts.sized(trace.series(), horizons.length);
        var fallback = Forecasts.sized(trace.series(), horizons.length);
        new LastValueForecaster().forecast(request, all, WorkLimit.NONE, fallback, simplest);
        forecaster.forecast(request, all, WorkLimit.NONE, answers, outcomes);
        for (int i = 0; i < trace.series(); i++) {
            boolean answered = outcomes[i] == FallbackReason.NONE.code();
            if (simplest[i] != FallbackReason.NONE.code()) {
                continue; // nothing at all is known of this series yet
            }
            for (int h = 0; h < horizons.length; h++) {
                int target = origin + horizons[h];
                float actual = target < trace.steps() ? trace.at(target, i) : Float.NaN;
                if (!Float.isNaN(actual)) {
                    scores[h].add(answered ? answers : fallback, h, i, actual);
                }
            }
        }
    }

    private void addMeans(List<Trace> traces) {
        Map<String, Double> sums = new TreeMap<>();
        for (var figure : figures.entrySet()) {
            String rest = figure.getKey().substring(figure.getKey().indexOf('.') + 1);
            sums.merge("mean." + rest, figure.getValue() / traces.size(), Double::sum);
        }
        figures.putAll(sums);
    }

    private static final class Score {
        private double actuals;
        private double errors;
        private double pinball;
        private long inside;
        private long points;

        void add(Forecasts forecasts, int h, int i, float actual) {
            points++;
            actuals += Math.abs(actual);
            errors += Math.abs(actual - forecasts.median(h, i));
            for (int quantile = 0; quantile < Quantiles.COUNT; quantile++) {
                pinball +=
                        Quantiles.pinball(
                                Quantiles.level(quantile), forecasts.at(h, quantile, i), actual);
            }
            if (actual >= forecasts.at(h, Quantiles.LOW, i)
                    && actual <= forecasts.at(h, Quantiles.HIGH, i)) {
                inside++;
            }
        }

        void put(String name, Map<String, Double> figures) {
            if (points > 0 && actuals > 0) {
                figures.put(name + "wape", round(errors / actuals));
                figures.put(name + "wql", round(2 * pinball / Quantiles.COUNT / actuals));
                figures.put(name + "coverage80", round(inside / (double) points));
            }
        }

        private static double round(double figure) {
            return Math.round(figure * 10_000) / 10_000.0;
        }
    }
}
