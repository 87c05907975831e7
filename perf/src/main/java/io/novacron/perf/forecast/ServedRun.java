package io.novacron.perf.forecast;

import io.novacron.inference.Quantiles;
import io.novacron.inference.member.Target;
import io.novacron.inference.serving.MemoryBudget;
import io.novacron.inference.serving.RowModel;
import io.novacron.inference.serving.RowWriter;
import io.novacron.inference.serving.ServingAnswers;
import io.novacron.inference.serving.ServingConfig;
import io.novacron.inference.serving.ServingEnsemble;
import io.novacron.inference.serving.StackedModel;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Replays one trace through what the daemon serves, at each step as the daemon does, and judges it
/// at the same origins and by the same outcomes as [RollingRun] judges the evaluated ensemble.
///
/// It starts a week before `trainUntil` with nothing learned, as after a restart, and learns from
/// its columns and from what comes. A day ahead is asked every few steps only; in between the
/// newest answer is what the daemon shows, so that one is judged.
final class ServedRun {
    private static final int[] SECONDS = {300, 900, 1_800, 3_600, 86_400};
    private static final int WINDOW_DAYS = 7;
    private static final int MIN_STEPS = 12;
    private static final int CHUNK = 64;
    private static final String MEDIAN = ".median";

    private final Series series;
    private final ForecastOptions options;
    private final ServingConfig config;
    private final ServingEnsemble ensemble;
    private final ServingAnswers answers;
    private final @Nullable StackedModel model;
    private final List<String> members;
    private final ServedScores scores;
    private final float[] newest; // [series][target][level]
    private final float[] medians; // [series][target][member]
    private final float[] cells;
    private final float[] quantiles = new float[Quantiles.COUNT];
    private final int[] groups = new int[CHUNK];

    ServedRun(Series series, ForecastOptions options, @Nullable RowModel trees) {
        this.series = series;
        this.options = options;
        int stepSeconds = 86_400 / options.stepsPerDay();
        List<Integer> targets =
                Arrays.stream(SECONDS)
                        .filter(seconds -> seconds % stepSeconds == 0)
                        .map(seconds -> seconds / stepSeconds)
                        .boxed()
                        .toList();
        int until = Math.min(options.trainUntil(), series.steps());
        this.config =
                new ServingConfig(
                        series.bounds(),
                        series.unit(until),
                        targets,
                        options.stepsPerDay(),
                        WINDOW_DAYS * options.stepsPerDay());
        this.ensemble = new ServingEnsemble(config, new MemoryBudget(Long.MAX_VALUE));
        this.answers = new ServingAnswers(targets.size());
        this.model =
                trees == null ? null : new StackedModel("trees", trees, Long.MAX_VALUE, () -> 0);
        this.members =
                RowWriter.NAMES.stream()
                        .filter(name -> name.endsWith(MEDIAN))
                        .map(name -> name.substring(0, name.length() - MEDIAN.length()))
                        .toList();
        double[] scales =
                IntStream.range(0, series.count())
                        .mapToDouble(i -> series.meanDifference(i, 1, 0, until))
                        .toArray();
        this.scores = new ServedScores(targets, options.stepsPerDay(), members, scales);
        this.newest = new float[series.count() * targets.size() * Quantiles.COUNT];
        this.medians = new float[series.count() * targets.size() * members.size()];
        this.cells = new float[CHUNK * config.window()];
        Arrays.fill(newest, Float.NaN);
        Arrays.fill(medians, Float.NaN);
    }

    /// Serves every step and judges from `trainUntil` on.
    void run() {
        int first =
                Math.max(
                        MIN_STEPS - 1,
                        options.trainUntil() - 1 - WINDOW_DAYS * options.stepsPerDay());
        int firstJudged = options.trainUntil() - 1;
        for (int step = first; step < series.steps(); step++) {
            boolean judged = step >= firstJudged && (step - firstJudged) % options.stride() == 0;
            ensemble.listen(judged || step + 2 >= firstJudged ? this::hear : null);
            for (int from = 0; from < series.count(); from += CHUNK) {
                serve(step, from, Math.min(CHUNK, series.count() - from));
            }
            ensemble.endRound();
            for (int i = 0; judged && i < series.count(); i++) {
                judge(step, i);
            }
        }
    }

    private void serve(int step, int first, int count) {
        int window = config.window();
        for (int s = 0; s < window; s++) {
            int from = step - window + 1 + s;
            for (int i = 0; i < count; i++) {
                cells[s * count + i] = from < 0 ? Float.NaN : series.at(from, first + i);
            }
        }
        ensemble.serve(step, cells, first, count, groups, Integer.MAX_VALUE, model, answers);
        int targets = config.targets().size();
        for (int i = 0; i < count; i++) {
            for (int target = 0; target < targets; target++) {
                int at = ((first + i) * targets + target) * Quantiles.COUNT;
                boolean near = config.targets().get(target) <= ServingConfig.NEAR_REACH;
                if (!answers.isAnswered(i)) {
                    Arrays.fill(newest, at, at + Quantiles.COUNT, Float.NaN);
                } else if (near || answers.hasFar(i)) {
                    for (int level = 0; level < Quantiles.COUNT; level++) {
                        newest[at + level] = answers.quantile(i, target, level);
                    }
                }
            }
        }
    }

    private void hear(int slot, int step, int target, float[] row, float base, float scale) {
        int at = (slot * config.targets().size() + target) * members.size();
        int from = RowWriter.NAMES.indexOf(members.getFirst() + MEDIAN);
        for (int member = 0; member < members.size(); member++) {
            medians[at + member] = base + scale * row[from + member];
        }
    }

    private void judge(int step, int index) {
        for (int target = 0; target < config.targets().size(); target++) {
            float actual = series.outcome(Target.at(config.targets().get(target)), step, index);
            if (!Float.isFinite(actual)) {
                continue;
            }
            int row = index * config.targets().size() + target;
            System.arraycopy(newest, row * Quantiles.COUNT, quantiles, 0, Quantiles.COUNT);
            if (!Float.isFinite(quantiles[Quantiles.MEDIAN])) {
                scores.of(target).unanswered();
                continue;
            }
            scores.of(target).add(index, actual, quantiles);
            float lastValue = medians[row * members.size()];
            for (int member = 0; member < members.size(); member++) {
                float point = medians[row * members.size() + member];
                float answer = Float.isFinite(point) ? point : lastValue;
                scores.of(target)
                        .addMember(
                                member,
                                Math.abs((double) actual - (Float.isFinite(answer) ? answer : 0)));
            }
        }
    }

    ServedScores scores() {
        return scores;
    }
}
