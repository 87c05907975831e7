package io.novacron.training;

import ai.onnxruntime.OrtException;
import io.novacron.inference.ModelPackage;
import io.novacron.inference.ModelRejectedException;
import io.novacron.inference.ensemble.StackFeatures;
import io.novacron.inference.ensemble.StackModel;
import io.novacron.inference.features.FeatureSelector;
import io.novacron.inference.serving.RowModel;
import io.novacron.inference.serving.RowWriter;
import io.novacron.inference.serving.StackCard;
import io.novacron.inference.serving.StackPackage;
import io.novacron.inference.serving.StackedModel;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/// One training of the trees stacked on the ensemble that the daemon serves: from traces to a
/// verified package, in memory.
///
/// Time is cut at 70 %: the ensemble is replayed over the part before, from a day on, and rows are
/// taken of what its members said; a row's target lies in that part as well. The rest judges the
/// ensemble with and without the new model, and with the one in service.
///
/// @param card with everything but the version's directory
/// @param onnx the bytes of `model.onnx`
/// @param isAccepted whether it passed the accuracy gate
/// @param verdict of the accuracy gate, one line
record StackRun(
        StackCard card,
        byte[] onnx,
        boolean isAccepted,
        String verdict,
        Map<String, Double> figures) {
    /// Begins the names of the accuracy that a card promises.
    static final String STACKED = "stacked";

    static final int MIN_ROWS = 1_000;
    private static final int MIN_DAYS = 3;
    private static final int DAY_SECONDS = 86_400;
    private static final int MAX_ROUNDS = 30; // a row costs as much as there are trees
    private static final int MAX_DEPTH = 5;
    private static final float MIN_RATE = .2f; // for so few rounds
    private static final int MINUTE_SECONDS = 60;
    private static final float MAX_WEIGHT = 30;
    private static final int SELECTION_ROWS = 20_000;
    private static final double GATE = 1.01;
    private static final long SERIES_ROUNDS = 400_000; // of training; as many again for judging
    private static final int[] STRIDES = {1, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53};

    /// Whether the traces are long enough for such trees to be worth anything.
    static boolean isEnough(TraceFolder folder) {
        return folder.traces().stream()
                .allMatch(trace ->
                        (long) trace.steps() * trace.stepSeconds() >= MIN_DAYS * DAY_SECONDS);
    }

    /// Trains and judges.
    ///
    /// @param present the model in service, or null
    static StackRun run(
            TraceFolder folder,
            TrainingOptions options,
            int version,
            List<String> commands,
            @Nullable RowModel present,
            Consumer<String> progress)
            throws TrainingException {
        List<Trace> traces = folder.traces();
        var rows = new RowStore(options.seed());
        long most = (long) (.7 * traces.stream().mapToLong(Trace::size).sum());
        int stride = stride(most);
        for (Trace trace : traces) {
            int end = trainEnd(trace);
            double share = (double) trace.series() * end / most;
            collect(trace, end, stride, (int) (options.rows() * share), rows);
        }
        if (rows.count() < MIN_ROWS) {
            throw new TrainingException(
                    "the traces give only %d rows for stacked trees, must be %d. Maybe most samples are missing?"
                            .formatted(rows.count(), MIN_ROWS));
        }
        Map<String, String> dropped = rows.drop();
        progress.accept(
                "stacked trees: %d rows, every %d steps, %d features of %d dropped"
                        .formatted(rows.count(), stride, dropped.size(), RowWriter.WIDTH));
        try (QuantileTrees trees =
                QuantileTrees.train(
                        rows.features(),
                        RowWriter.WIDTH,
                        rows.labels(),
                        rows.weights(),
                        stacked(options))) {
            byte[] onnx =
                    OnnxTrees.convert(trees.toJson(), RowWriter.WIDTH, StackModel.LEVELS.length);
            int checked = Math.min(rows.count(), 2 * ParityGate.MIN_ROWS);
            ParityGate parity =
                    ParityGate.check(
                            trees,
                            onnx,
                            Arrays.copyOf(rows.features(), checked * RowWriter.WIDTH),
                            checked,
                            options.seed());
            progress.accept(
                    "stacked trees: trainer and ONNX Runtime agree on %d rows within %.2g"
                            .formatted(parity.rows(), parity.maxDifference()));
            double cost = microsecondsPerRow(onnx, rows);
            return judged(
                    folder, options, version, commands, present, progress, rows, dropped, onnx,
                    parity, cost, stride);
        }
    }

    /// Replays the ensemble over `trace` before `end` and takes about `wanted` of its rows.
    static void collect(Trace trace, int end, int stride, int wanted, RowStore rows)
            throws TrainingException {
        // four near targets, a third of the far one
        double expected = 4.3 * trace.series() * end / stride;
        rows.start(trace, end, wanted / Math.max(1, expected));
        var replay = new ServingReplay(trace);
        rows.targets(replay.config().targets());
        replay.listen(rows::take);
        replay.run(DAY_SECONDS / trace.stepSeconds(), end, stride, null, null);
    }

    /// A row costs as much as there are trees: fewer and steeper ones than for the tiers.
    static TrainingOptions stacked(TrainingOptions options) {
        return new TrainingOptions(
                options.seed(),
                options.rows(),
                Math.min(MAX_ROUNDS, options.rounds()),
                Math.min(MAX_DEPTH, options.depth()),
                Math.max(MIN_RATE, options.learningRate()));
    }

    private static StackRun judged(
            TraceFolder folder,
            TrainingOptions options,
            int version,
            List<String> commands,
            @Nullable RowModel present,
            Consumer<String> progress,
            RowStore rows,
            Map<String, String> dropped,
            byte[] onnx,
            ParityGate parity,
            double cost,
            int stride)
            throws TrainingException {
        Map<String, Double> metrics = new LinkedHashMap<>();
        rows.relevance().forEach((name, nats) -> metrics.put("relevance." + name, nats));
        double without = judge(folder, stride, null, "members", metrics, StackRun::trainEnd);
        double with;
        double before = Double.NaN;
        try (RowModel model = open(onnx)) {
            with = judge(folder, stride, model, STACKED, metrics, StackRun::trainEnd);
        }
        if (present != null) {
            before = judge(folder, stride, present, "present", metrics, StackRun::trainEnd);
        }
        double reference = present == null ? without : before;
        boolean accepted = with <= reference * GATE; // false for NaN
        String verdict =
                "mean quantile loss %.5f, %s %.5f: %s"
                        .formatted(
                                with,
                                present == null
                                        ? "of the members alone"
                                        : "of the model in service",
                                reference,
                                accepted ? "accepted" : "refused");
        progress.accept("stacked trees: " + verdict);
        var card =
                new StackCard(
                        StackPackage.NAME,
                        version,
                        ModelPackage.sha256(onnx),
                        folder.traces().getFirst().stepSeconds(),
                        RowWriter.NAMES,
                        dropped,
                        rows.count(),
                        folder.sha256(),
                        commands,
                        Map.of(
                                TrainingNeed.DATA_END,
                                TrainingNeed.dataEnd(folder).toString(),
                                "xgboost",
                                TrainingRun.XGBOOST,
                                "objective",
                                "reg:quantileerror",
                                "seed",
                                Long.toString(options.seed()),
                                "gate",
                                verdict),
                        Map.of(
                                "rows",
                                (double) parity.rows(),
                                "maxDifference",
                                parity.maxDifference()),
                        metrics,
                        Math.round(cost * 100) / 100.0);
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put("stackRows", (double) rows.count());
        figures.put("stackParityRows", (double) parity.rows());
        figures.put("stackParityMaxDifference", parity.maxDifference());
        figures.put("stackBytes", (double) onnx.length);
        figures.put("stackUsPerRow", card.microsecondsPerRow());
        figures.put("stackFeaturesDropped", (double) dropped.size());
        figures.put("stackAccepted", accepted ? 1.0 : 0);
        metrics.forEach((name, value) -> {
            if (!name.startsWith("relevance.")) {
                figures.put("stack." + name, value);
            }
        });
        return new StackRun(card, onnx, accepted, verdict, figures);
    }

    private static int trainEnd(Trace trace) {
        return (int) (trace.steps() * .7);
    }

    /// One that shares no factor with how often forecasts are asked and kept.
    static int stride(long seriesSteps) {
        for (int stride : STRIDES) {
            if (seriesSteps / stride <= SERIES_ROUNDS) {
                return stride;
            }
        }
        return STRIDES[STRIDES.length - 1];
    }

    static RowModel open(byte[] onnx) throws TrainingException {
        try {
            StackModel model = StackModel.open(onnx, RowWriter.WIDTH);
            return new RowModel() {
                @Override
                public void run(float[] features, int rows, float[] answers)
                        throws RowModelException {
                    try {
                        model.run(features, rows, answers);
                    } catch (OrtException e) {
                        throw new RowModelException(String.valueOf(e.getMessage()), e);
                    }
                }

                @Override
                public void close() {
                    model.close();
                }
            };
        } catch (ModelRejectedException e) {
            throw new TrainingException("serving refuses the model: " + e.getMessage(), e);
        }
    }

    /// Judges a model, or without one the members alone, from a step of each trace to its end,
    /// after a day for the weights to settle.
    ///
    /// @param metrics takes the figures, each begun with `name`
    /// @return mean quantile loss
    static double judge(
            TraceFolder folder,
            int stride,
            @Nullable RowModel model,
            String name,
            Map<String, Double> metrics,
            ToIntFunction<Trace> start)
            throws TrainingException {
        double sum = 0;
        for (Trace trace : folder.traces()) {
            var replay = new ServingReplay(trace);
            int[] minutes =
                    replay.config().targets().stream()
                            .mapToInt(steps -> steps * trace.stepSeconds() / MINUTE_SECONDS)
                            .toArray();
            var score = new StackScore(minutes);
            StackedModel stacked =
                    model == null ? null : new StackedModel(name, model, Long.MAX_VALUE, () -> 0);
            int from = start.applyAsInt(trace);
            int lead = DAY_SECONDS / trace.stepSeconds();
            replay.run(Math.max(lead, from - lead), from, stride, stacked, null);
            replay.run(from, trace.steps(), stride, stacked, score);
            score.write(name + "." + trace.metric(), metrics);
            sum += score.wql() / folder.traces().size();
        }
        return sum;
    }

    private static double microsecondsPerRow(byte[] onnx, RowStore rows) throws TrainingException {
        var threads = ManagementFactory.getThreadMXBean();
        int count = Math.min(rows.count(), 2_000);
        float[] answers = new float[count * StackModel.LEVELS.length];
        double least = Double.POSITIVE_INFINITY;
        try (RowModel model = open(onnx)) {
            for (int round = 0; round < 5; round++) {
                long startNs = threads.getCurrentThreadCpuTime();
                model.run(rows.features(), count, answers);
                least =
                        Math.min(
                                least, (threads.getCurrentThreadCpuTime() - startNs) / 1e3 / count);
            }
            return least;
        } catch (RowModel.RowModelException e) {
            throw new TrainingException("ONNX Runtime failed: " + e.getMessage(), e);
        }
    }

    /// Rows and what became of them.
    static final class RowStore {
        private final Random random;
        private final long seed;
        private Map<String, Double> relevance = Map.of();
        private float[] features = new float[1_024 * RowWriter.WIDTH];
        private float[] labels = new float[1_024];
        private float[] weights = new float[1_024];
        private int count;
        private int metricFrom;
        private @Nullable Trace trace;
        private List<Integer> targets = List.of();
        private int end;
        private double share;

        RowStore(long seed) {
            this.seed = seed;
            this.random = new Random(seed);
        }

        /// Rows are of this trace from now on; none may look at step `newEnd` or later.
        void start(Trace newTrace, int newEnd, double newShare) {
            level();
            trace = newTrace;
            end = newEnd;
            share = newShare;
            metricFrom = count;
        }

        /// Targets of the rows that come.
        void targets(List<Integer> steps) {
            targets = steps;
        }

        void take(int entity, int step, int target, float[] row, float base, float scale) {
            Trace from = trace;
            int at = step + targets.get(target);
            if (from == null || random.nextDouble() >= share || at >= end) {
                return;
            }
            float outcome = from.at(at, entity);
            if (!Float.isFinite(outcome) || !Float.isFinite(base)) {
                return;
            }
            if (count == labels.length) {
                features = Arrays.copyOf(features, 2 * features.length);
                labels = Arrays.copyOf(labels, 2 * count);
                weights = Arrays.copyOf(weights, 2 * count);
            }
            System.arraycopy(row, 0, features, count * RowWriter.WIDTH, RowWriter.WIDTH);
            labels[count] = StackFeatures.toTarget(from.bounds().clip(outcome), base, scale);
            weights[count++] = scale;
        }

        /// Weighs large series more, as sums of errors do, alike in every metric.
        private void level() {
            double mean = 0;
            for (int row = metricFrom; row < count; row++) {
                mean += weights[row] / (count - metricFrom);
            }
            for (int row = metricFrom; row < count; row++) {
                weights[row] = (float) Math.clamp(weights[row] / mean, .05, MAX_WEIGHT);
            }
        }

        /// Blanks features that are constant, missing, a copy of another or no help, so that trees
        /// cannot split on them; says which and why.
        Map<String, String> drop() {
            level();
            metricFrom = count;
            // neighbours are alike: rows from all over
            int sampled = Math.min(count, SELECTION_ROWS);
            float[] some = new float[sampled * RowWriter.WIDTH];
            float[] outcomes = new float[sampled];
            for (int i = 0; i < sampled; i++) {
                int row = (int) ((long) i * count / sampled);
                System.arraycopy(
                        features,
                        row * RowWriter.WIDTH,
                        some,
                        i * RowWriter.WIDTH,
                        RowWriter.WIDTH);
                outcomes[i] = labels[row];
            }
            var selected = new FeatureSelector(seed).select(RowWriter.NAMES, some, outcomes);
            relevance = selected.relevance();
            for (int row = 0; row < count; row++) {
                for (int feature = 0; feature < RowWriter.WIDTH; feature++) {
                    if (selected.dropped().containsKey(RowWriter.NAMES.get(feature))) {
                        features[row * RowWriter.WIDTH + feature] = Float.NaN;
                    }
                }
            }
            return selected.dropped();
        }

        /// Information about the outcome of each feature that was kept, in nats; after [#drop].
        Map<String, Double> relevance() {
            return relevance;
        }

        int count() {
            return count;
        }

        float[] features() {
            if (features.length != count * RowWriter.WIDTH) {
                features = Arrays.copyOf(features, count * RowWriter.WIDTH);
            }
            return features;
        }

        float[] labels() {
            return Arrays.copyOf(labels, count);
        }

        float[] weights() {
            return Arrays.copyOf(weights, count);
        }
    }
}
