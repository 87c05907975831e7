package io.novacron.training;

import io.novacron.inference.Bounds;
import io.novacron.inference.Quantiles;
import io.novacron.inference.serving.MemoryBudget;
import io.novacron.inference.serving.ServingAnswers;
import io.novacron.inference.serving.ServingConfig;
import io.novacron.inference.serving.ServingEnsemble;
import io.novacron.inference.serving.StackedModel;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Serves a trace step by step as the daemon would, from what had happened by then alone, and
/// either hands out the rows that a stacked model is trained on or judges the answers.
final class ServingReplay {
    /// What the daemon forecasts: 5, 15, 30 and 60 minutes and a day ahead.
    private static final int[] TARGET_SECONDS = {300, 900, 1_800, 3_600, 86_400};

    private static final int DAY_SECONDS = 86_400;
    private static final int DAYS = 7;
    private static final int CHUNK = 64;
    private static final int WARM_PER_ROUND = Integer.MAX_VALUE;

    private final Trace trace;
    private final ServingConfig config;
    private final ServingEnsemble ensemble;
    private final ServingAnswers answers;
    private final float[] cells;
    private final int[] groups = new int[CHUNK];

    ServingReplay(Trace trace) throws TrainingException {
        this.trace = trace;
        this.config = config(trace);
        this.ensemble = new ServingEnsemble(config, new MemoryBudget(Long.MAX_VALUE));
        this.answers = new ServingAnswers(config.targets().size());
        this.cells = new float[CHUNK * config.window()];
    }

    private static ServingConfig config(Trace trace) throws TrainingException {
        int seconds = trace.stepSeconds();
        if (TARGET_SECONDS[0] % seconds != 0) {
            throw new TrainingException(
                    "%s: a step of %d s does not divide %d s. Maybe the traces have another step?"
                            .formatted(trace.metric(), seconds, TARGET_SECONDS[0]));
        }
        List<Integer> targets =
                Arrays.stream(TARGET_SECONDS).map(target -> target / seconds).boxed().toList();
        int day = DAY_SECONDS / seconds;
        return new ServingConfig(trace.bounds(), unit(trace), targets, day, DAYS * day);
    }

    /// One point of a percentage; of anything else a fiftieth of the mean.
    private static float unit(Trace trace) {
        if (trace.bounds().equals(Bounds.PERCENT)) {
            return 1;
        }
        double sum = 0;
        long count = 0;
        for (float value : trace.values()) {
            if (Float.isFinite(value)) {
                sum += Math.abs(value);
                count++;
            }
        }
        return count == 0 || sum == 0 ? 1 : (float) (sum / count / 50);
    }

    ServingConfig config() {
        return config;
    }

    void listen(ServingEnsemble.RowListener listener) {
        ensemble.listen(listener);
    }

    /// Serves every `stride`-th step of `[from, to)`; `score`, where there is one, judges each
    /// answer whose target lies before `to`.
    void run(
            int from,
            int to,
            int stride,
            @Nullable StackedModel model,
            @Nullable StackScore score) {
        int count = trace.series();
        ensemble.leaveOutSteps(stride);
        for (int step = from; step < to; step += stride) {
            for (int first = 0; first < count; first += CHUNK) {
                int chunk = Math.min(CHUNK, count - first);
                copy(step, first, chunk);
                ensemble.serve(step, cells, first, chunk, groups, WARM_PER_ROUND, model, answers);
                for (int i = 0; score != null && i < chunk; i++) {
                    judge(step, to, first + i, i, score);
                }
            }
            ensemble.endRound();
        }
    }

    private void copy(int step, int first, int chunk) {
        int window = config.window();
        for (int s = 0; s < window; s++) {
            int from = step - window + 1 + s;
            for (int i = 0; i < chunk; i++) {
                cells[s * chunk + i] = from < 0 ? Float.NaN : trace.at(from, first + i);
            }
        }
    }

    private void judge(int step, int to, int entity, int i, StackScore score) {
        if (!answers.isAnswered(i)) {
            return;
        }
        for (int target = 0; target < config.targets().size(); target++) {
            int at = step + config.targets().get(target);
            float outcome = at < to ? trace.at(at, entity) : Float.NaN;
            if (Float.isFinite(outcome)
                    && Float.isFinite(answers.quantile(i, target, Quantiles.MEDIAN))) {
                score.add(target, answers, i, trace.bounds().clip(outcome), held(step, entity));
            }
        }
    }

    /// The newest value by then.
    private float held(int step, int entity) {
        int at = step;
        while (at > 0 && !Float.isFinite(trace.at(at, entity))) {
            at--;
        }
        return trace.at(at, entity);
    }
}
