package io.novacron.perf.forecast;

import io.novacron.inference.ModelRejectedException;
import io.novacron.inference.Quantiles;
import io.novacron.inference.ensemble.EnsembleConfig;
import io.novacron.inference.ensemble.FleetEnsemble;
import io.novacron.inference.ensemble.StackModel;
import io.novacron.inference.member.Target;
import io.novacron.training.StackTraining;
import io.novacron.training.TrainingException;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Scores one metric as the GIFT-Eval benchmark does its `5T/short` sets (Aksu et al. 2024): the
/// last 18 windows of 48 steps, each forecast from all that came before it.
///
/// Windows before those are forecast too, so that the ensemble has its feedback, but not scored.
final class GiftRun implements AutoCloseable {
    static final int WINDOWS = 18;
    static final int WINDOW = 48;
    static final int SEASON = 288;
    private static final int NEAR = 12; // targets up to here share one band, the rest another
    private static final int MAX_LAGS = 8_064;
    private static final double STACK_TIME = .75;
    private static final long SEED = 1;

    private final Series series;
    private final FleetEnsemble fleet;
    private final GiftScore ensemble;
    private final Map<String, GiftScore> members;
    private final float[] quantiles = new float[Quantiles.COUNT];
    private final double[] seasonalErrors;
    private final long[] seasonalCounts;
    private final int stackRowLimit;
    private int fedSteps;
    private @Nullable StackModel stack;

    GiftRun(
            Series series,
            GiftScore ensemble,
            Map<String, GiftScore> members,
            int stackRowLimit,
            Cores cores) {
        this.series = series;
        this.ensemble = ensemble;
        this.members = members;
        this.stackRowLimit = stackRowLimit;
        this.seasonalErrors = new double[series.count()];
        this.seasonalCounts = new long[series.count()];
        List<Target> targets = IntStream.rangeClosed(1, WINDOW).mapToObj(Target::at).toList();
        var config =
                new EnsembleConfig(
                        targets,
                        IntStream.rangeClosed(1, WINDOW)
                                .map(h -> h <= NEAR ? 0 : 1)
                                .boxed()
                                .toList(),
                        series.bounds(),
                        series.unit(firstScored(series.steps()) + 1),
                        SEASON,
                        Math.min(series.steps(), MAX_LAGS),
                        3,
                        EnsembleConfig.Learning.DEFAULT);
        this.fleet =
                new FleetEnsemble(
                        config,
                        series.count(),
                        stackRowLimit > 0
                                ? FleetEnsemble.ExtraMembers.STACK
                                : FleetEnsemble.ExtraMembers.NONE,
                        cores);
    }

    /// The last step known to the first scored window.
    static int firstScored(int steps) {
        return steps - WINDOWS * WINDOW - 1;
    }

    /// Forecasts every window and scores the last ones. A stacked model is trained on the first
    /// three quarters of what comes before them.
    void run() throws TrainingException, ModelRejectedException {
        int firstScored = firstScored(series.steps());
        int trainAt = (int) (firstScored * STACK_TIME);
        var training =
                stackRowLimit == 0
                        ? null
                        : new StackTraining(
                                fleet,
                                trainAt + 1,
                                Math.max(1, trainAt / WINDOW),
                                stackRowLimit,
                                SEED);
        for (int origin = firstScored % WINDOW;
                origin + WINDOW < series.steps();
                origin += WINDOW) {
            fleet.update(series.values(), series.count(), fedSteps, origin + 1 - fedSteps);
            addSeasonalErrors(fedSteps, origin + 1);
            fedSteps = origin + 1;
            fleet.ask();
            if (training != null && stack == null && origin > trainAt && training.isEnough()) {
                Series past = series.until(trainAt + 1);
                stack =
                        StackModel.open(
                                training.train((entity, at, target) ->
                                                past.outcome(Target.at(target + 1), at, entity))
                                        .onnx(),
                                training.width());
            }
            if (stack != null) {
                fleet.stack(stack);
            } else if (training != null) {
                training.collect(origin);
            }
            fleet.mix(true);
            if (origin >= firstScored) {
                score(origin);
            }
        }
    }

    @Override
    public void close() {
        if (stack != null) {
            stack.close();
        }
    }

    private void addSeasonalErrors(int from, int to) {
        for (int step = Math.max(from, SEASON); step < to; step++) {
            for (int i = 0; i < series.count(); i++) {
                float difference = Math.abs(series.at(step, i) - series.at(step - SEASON, i));
                if (!Float.isNaN(difference)) {
                    seasonalErrors[i] += difference;
                    seasonalCounts[i]++;
                }
            }
        }
    }

    private void score(int origin) {
        List<String> names = fleet.memberNames();
        for (int i = 0; i < series.count(); i++) {
            double scale = seasonalErrors[i] / seasonalCounts[i]; // NaN without a past
            for (int target = 0; target < WINDOW; target++) {
                float actual = series.at(origin + 1 + target, i);
                if (!Float.isFinite(actual)) {
                    continue;
                }
                for (int level = 0; level < Quantiles.COUNT; level++) {
                    quantiles[level] = fleet.quantile(i, target, level);
                }
                ensemble.add(actual, quantiles, scale);
                for (int member = 0; member < names.size(); member++) {
                    for (int level = 0; level < Quantiles.COUNT; level++) {
                        quantiles[level] = fleet.series(i).memberQuantile(member, target, level);
                    }
                    members.computeIfAbsent(names.get(member), name -> new GiftScore())
                            .add(actual, quantiles, scale);
                }
            }
        }
    }

    FleetEnsemble fleet() {
        return fleet;
    }
}
