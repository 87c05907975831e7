package io.novacron.perf.forecast;

import io.novacron.inference.ModelRejectedException;
import io.novacron.inference.Quantiles;
import io.novacron.inference.ensemble.EnsembleConfig;
import io.novacron.inference.ensemble.FleetEnsemble;
import io.novacron.inference.ensemble.FleetEnsemble.ExtraMembers;
import io.novacron.inference.ensemble.SeriesEnsemble;
import io.novacron.inference.ensemble.StackModel;
import io.novacron.inference.member.SuppliedPoints;
import io.novacron.inference.member.Target;
import io.novacron.inference.patch.PatchModel;
import io.novacron.training.PatchOptions;
import io.novacron.training.PatchTraining;
import io.novacron.training.StackTraining;
import io.novacron.training.TrainingException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Replays one trace: every step is appended, every `stride` steps all series are forecast, and
/// from `trainUntil` on the forecasts are judged when their time comes.
///
/// Before `trainUntil` the ensemble learns as it would in production. Groups of a hundred vms and
/// the fleet are series of their own, with one more member: the sum of what was said of their vms.
final class RollingRun implements AutoCloseable {
    private static final int MAX_LAGS = 8_064; // 28 days of five minutes
    private static final int MIN_STEPS = 12;
    private static final int PRESENT_STEPS = 12;
    private static final double STACK_SHARE = .75;
    private static final double PATCH_SHARE = .5; // before the trees, which are told of it
    private static final long SEED = 1;
    private static final String BOTTOM_UP = "bottom-up";

    private final Series series;
    private final Series groups;
    private final ForecastOptions options;
    private final FleetEnsemble vms;
    private final FleetEnsemble aggregates;
    private final int groupCount;
    private final double[][] sums;
    private final List<Judgement> judgements = new ArrayList<>();
    private final ForecastLog log;
    private int fedSteps;
    private int nextOrigin;
    private int stackRows;
    private @Nullable StackModel stack;
    private @Nullable PatchModel patch;
    private PatchTraining.@Nullable Trained patchTrained;

    RollingRun(Series series, ForecastOptions options, Cores cores) {
        this.series = series;
        this.options = options;
        this.groups = series.groups(Level.GROUP_SIZE);
        this.groupCount = series.groupCount(Level.GROUP_SIZE);
        EnsembleConfig config = config(series, options);
        this.vms = new FleetEnsemble(config, series.count(), extras(options), cores);
        this.aggregates =
                new FleetEnsemble(
                        config,
                        groupCount + 1,
                        (history, targets) ->
                                List.of(new SuppliedPoints(BOTTOM_UP, history, targets, 2)),
                        cores);
        this.sums = new double[groupCount + 1][2 * options.horizons().size()];
        this.nextOrigin = options.trainUntil() - 1;
        this.log = new ForecastLog(ForecastLog.target(options.horizons()));
        int train = Math.min(options.trainUntil(), series.steps());
        judgements.add(judgement(Level.VM, vms, scales(series, 0, series.count(), train)));
        judgements.add(judgement(Level.GROUP, aggregates, scales(groups, 0, groupCount, train)));
        judgements.add(
                judgement(
                        Level.FLEET,
                        aggregates,
                        scales(groups, groupCount, groupCount + 1, train)));
    }

    private static ExtraMembers extras(ForecastOptions options) {
        ExtraMembers patch = options.patch() == null ? ExtraMembers.NONE : ExtraMembers.PATCH;
        return options.stackRows() > 0 ? patch.and(ExtraMembers.STACK) : patch;
    }

    private Judgement judgement(Level level, FleetEnsemble fleet, double[] scales) {
        return new Judgement(level, options.horizons(), fleet.memberNames(), scales);
    }

    private static double[] scales(Series series, int from, int to, int until) {
        return IntStream.range(from, to)
                .mapToDouble(i -> series.meanDifference(i, 1, 0, until))
                .toArray();
    }

    static EnsembleConfig config(Series series, ForecastOptions options) {
        List<Target> targets = options.horizons().stream().map(Horizon::target).toList();
        int reach = targets.stream().mapToInt(Target::to).max().orElse(1);
        return new EnsembleConfig(
                targets,
                IntStream.range(0, targets.size()).boxed().toList(),
                series.bounds(),
                series.unit(Math.min(options.trainUntil(), series.steps())),
                options.stepsPerDay(),
                Math.clamp(series.steps(), 2 * MIN_STEPS, MAX_LAGS),
                reach / options.stride() + 2,
                EnsembleConfig.Learning.DEFAULT);
    }

    /// Learns from everything before `trainUntil`. The stacked model is trained at three quarters
    /// of that time, on nothing later, so that its losses over the last quarter are honest ones.
    ///
    /// The patch network is trained at half of that time in the same way.
    void train(Consumer<String> progress) throws TrainingException, ModelRejectedException {
        int last = options.trainUntil() - 1;
        int first = last % options.stride();
        while (first < MIN_STEPS - 1) {
            first += options.stride();
        }
        int trainAt = (int) (last * STACK_SHARE);
        var training =
                options.stackRows() == 0
                        ? null
                        : new StackTraining(
                                vms,
                                trainAt + 1,
                                Math.max(1, (trainAt - first) / options.stride()),
                                options.stackRows(),
                                SEED);
        PatchOptions network = options.patch();
        int networkAt = (int) (last * PATCH_SHARE);
        for (int origin = first; origin < last; origin += options.stride()) {
            if (training != null && stack == null && origin > trainAt && training.isEnough()) {
                StackTraining.Trained trained =
                        training.train((entity, at, target) ->
                                series.until(trainAt + 1)
                                        .outcome(
                                                options.horizons().get(target).target(),
                                                at,
                                                entity));
                stack = StackModel.open(trained.onnx(), training.width());
                stackRows = trained.rows();
            }
            if (network != null && patch == null && origin > networkAt) {
                trainPatch(network, networkAt + 1, progress);
            }
            forecastAt(origin);
            if (training != null && stack == null) {
                training.collect(origin);
            }
        }
    }

    private void trainPatch(PatchOptions patchOptions, int end, Consumer<String> progress)
            throws TrainingException, ModelRejectedException {
        PatchTraining.Trained trained =
                PatchTraining.train(
                        series.until(end).trace(86_400 / options.stepsPerDay()),
                        vms.config().unit(),
                        end,
                        vms.config().targets(),
                        patchOptions,
                        progress);
        patch =
                PatchModel.open(
                        options.int8() ? trained.int8() : trained.onnx(), trained.targets());
        patchTrained = trained;
    }

    /// How the patch network was trained, null where there is none.
    PatchTraining.@Nullable Trained patchTrained() {
        return patchTrained;
    }

    int stackRows() {
        return stackRows;
    }

    @Override
    public void close() {
        if (stack != null) {
            stack.close();
        }
        if (patch != null) {
            patch.close();
        }
    }

    /// Forecasts and judges the rest.
    void serve() {
        serveUntil(series.steps());
    }

    /// Goes on to the last origin before step `end` that has anything to be judged by.
    void serveUntil(int end) {
        int nearest = options.horizons().stream().mapToInt(h -> h.target().to()).min().orElse(1);
        while (nextOrigin + nearest < series.steps() && nextOrigin < end) {
            int origin = nextOrigin;
            nextOrigin += options.stride();
            forecastAt(origin);
            for (int i = 0; i < vms.size(); i++) {
                judgements.get(0).judge(vms, series, origin, i, i);
            }
            for (int group = 0; group < groupCount; group++) {
                judgements.get(1).judge(aggregates, groups, origin, group, group);
            }
            judgements.get(2).judge(aggregates, groups, origin, groupCount, 0);
            log.add(origin, vms);
        }
    }

    /// Replays origins `[first, last)` and collects training rows; nothing is judged.
    void replay(int first, int last, StackTraining training) {
        for (int origin = first; origin < last; origin += options.stride()) {
            forecastAt(origin);
            training.collect(origin);
        }
    }

    private void forecastAt(int origin) {
        int steps = origin + 1 - fedSteps;
        vms.update(series.values(), series.count(), fedSteps, steps);
        aggregates.update(groups.values(), groups.count(), fedSteps, steps);
        fedSteps = origin + 1;
        vms.ask();
        if (patch != null) {
            vms.consult(patch);
        }
        if (stack != null) {
            vms.stack(stack);
        }
        vms.mix(true);
        supplySums();
        aggregates.ask();
        aggregates.mix(true);
    }

    /// Tells each group the mean over its present vms of what was forecast: of their medians, and
    /// of their means, which do not lose the tails.
    private void supplySums() {
        int targets = options.horizons().size();
        int[] counts = new int[groupCount + 1];
        for (double[] sum : sums) {
            Arrays.fill(sum, 0);
        }
        for (int i = 0; i < vms.size(); i++) {
            SeriesEnsemble one = vms.series(i);
            if (one.history().gap() >= PRESENT_STEPS
                    || !Float.isFinite(vms.quantile(i, 0, Quantiles.MEDIAN))) {
                continue;
            }
            int group = series.groupOf(i, Level.GROUP_SIZE);
            counts[group]++;
            counts[groupCount]++;
            for (int target = 0; target < targets; target++) {
                double median = vms.quantile(i, target, Quantiles.MEDIAN);
                double mean = 0;
                for (int level = 0; level < Quantiles.COUNT; level++) {
                    mean += vms.quantile(i, target, level) / Quantiles.COUNT;
                }
                for (int at : new int[] {group, groupCount}) {
                    sums[at][2 * target] += median;
                    sums[at][2 * target + 1] += mean;
                }
            }
        }
        for (int group = 0; group <= groupCount; group++) {
            var members = aggregates.series(group).members();
            if (counts[group] > 0 && members.getLast() instanceof SuppliedPoints bottomUp) {
                for (int at = 0; at < 2 * targets; at++) {
                    bottomUp.supply(at / 2, at % 2, (float) (sums[group][at] / counts[group]));
                }
            }
        }
    }

    Series series() {
        return series;
    }

    ForecastLog log() {
        return log;
    }

    List<Judgement> judgements() {
        return judgements;
    }

    FleetEnsemble vms() {
        return vms;
    }
}
