package io.novacron.training;

import ai.onnxruntime.OrtException;
import io.novacron.inference.ModelRejectedException;
import io.novacron.inference.member.Target;
import io.novacron.inference.patch.PatchFeatures;
import io.novacron.inference.patch.PatchModel;
import io.novacron.training.PatchWindows.Part;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Trains the patch network on one metric of many entities.
///
/// Time is cut at four fifths: windows before teach, windows after it tell when to stop and which
/// epoch's weights are kept. No target of the former reaches into the latter, none of the latter
/// beyond the end. The same seed on the same machine gives the same bytes.
public final class PatchTraining {
    /// A trained network that ONNX Runtime answers like the trainer.
    ///
    /// @param onnx the network with floats
    /// @param int8 the same with bytes in its recurrent layer
    /// @param targets it was trained for, in order
    /// @param windows that taught it
    /// @param epochs done
    /// @param loss of held-back windows, mean weighted pinball in scaled units
    /// @param maxDifference of `onnx` from the trainer, over at least 10,000 rows
    /// @param int8Difference mean difference of `int8` from `onnx`, in scaled units
    /// @param microsecondsPerRow of `onnx`, CPU time on this machine
    /// @param int8MicrosecondsPerRow of `int8`
    /// @param cpuSeconds of this thread for all of it
    /// @param trainer version of what trained it
    public record Trained(
            byte[] onnx,
            byte[] int8,
            List<Target> targets,
            int windows,
            int epochs,
            double loss,
            double maxDifference,
            double int8Difference,
            double microsecondsPerRow,
            double int8MicrosecondsPerRow,
            double cpuSeconds,
            String trainer) {}

    private static final int MIN_WINDOWS = 500;
    private static final int PATIENCE = 3;
    private static final int COMPARED_ROWS = 4_096;

    private PatchTraining() {}

    /// Why the trainer cannot be used on this machine, or null where it can.
    public static @Nullable String unavailable() {
        try {
            return PatchNetwork.unavailable();
        } catch (NoClassDefFoundError e) {
            return "PyTorch is not on the class path: %s is missing. Maybe lib/trainer was left out?"
                    .formatted(e.getMessage());
        }
    }

    /// Trains on the steps of `trace` before `end`.
    ///
    /// @param unit a small but noticeable amount of the metric
    public static Trained train(
            Trace trace,
            float unit,
            int end,
            List<Target> targets,
            PatchOptions options,
            Consumer<String> progress)
            throws TrainingException {
        return train(List.of(Part.until(trace, unit, end)), targets, options, progress);
    }

    /// Trains on several traces at once.
    static Trained train(
            List<Part> parts, List<Target> targets, PatchOptions options, Consumer<String> progress)
            throws TrainingException {
        long startNs = cpuNs();
        String why = unavailable();
        if (why != null) {
            throw new TrainingException(why);
        }
        for (Part part : parts) {
            if (part.trace().stepSeconds() != PatchFeatures.STEP_SECONDS) {
                throw new TrainingException(
                        "%s: stepSeconds=%d must be %d, the network knows hours of 12 steps only"
                                .formatted(
                                        part.trace().metric(),
                                        part.trace().stepSeconds(),
                                        PatchFeatures.STEP_SECONDS));
            }
        }
        PatchWindows windows = PatchWindows.draw(parts, targets, options.rows(), options.seed());
        windows.check(parts);
        int held = windows.count() - windows.taught();
        if (windows.taught() < MIN_WINDOWS || held < MIN_WINDOWS / 10) {
            throw new TrainingException(
                    "the traces give %d windows to learn from and %d to check, must be %d and %d. Maybe they are too short?"
                            .formatted(windows.taught(), held, MIN_WINDOWS, MIN_WINDOWS / 10));
        }
        try (var network = new PatchNetwork(options.hidden(), targets.size(), options.seed() + 1)) {
            var run = new Run(network, windows, options);
            run.teach(progress);
            return finish(network, windows, options, run, startNs);
        }
    }

    private static Trained finish(
            PatchNetwork network, PatchWindows windows, PatchOptions options, Run run, long startNs)
            throws TrainingException {
        byte[] onnx = OnnxPatch.convert(network, OnnxPatch.Precision.FLOAT);
        byte[] int8 = OnnxPatch.convert(network, OnnxPatch.Precision.INT8);
        int width = PatchFeatures.WIDTH;
        ParityGate parity =
                ParityGate.check(
                        network::predict,
                        width,
                        PatchNetwork.LEVELS,
                        onnx,
                        windows.rows(),
                        Math.min(windows.count(), ParityGate.MIN_ROWS),
                        options.seed());
        int compared = Math.min(windows.count(), COMPARED_ROWS);
        // the newest windows are the last ones
        float[] rows =
                Arrays.copyOfRange(
                        windows.rows(),
                        (windows.count() - compared) * width,
                        windows.count() * width);
        try (var model = PatchModel.open(onnx, windows.targets());
                var quantised = PatchModel.open(int8, windows.targets())) {
            float[] exact = new float[compared * model.width()];
            float[] rough = new float[exact.length];
            double exactCost = cost(model, rows, compared, exact);
            double roughCost = cost(quantised, rows, compared, rough);
            double difference = 0;
            for (int i = 0; i < exact.length; i++) {
                difference += Math.abs(exact[i] - rough[i]) / (double) exact.length;
            }
            return new Trained(
                    onnx,
                    int8,
                    windows.targets(),
                    windows.taught(),
                    run.epochs,
                    run.best,
                    parity.maxDifference(),
                    difference,
                    exactCost,
                    roughCost,
                    (cpuNs() - startNs) / 1e9,
                    "PyTorch " + network.version());
        } catch (ModelRejectedException e) {
            throw new TrainingException("the trained network is refused: " + e.getMessage(), e);
        }
    }

    private static long cpuNs() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    /// CPU microseconds a row: the least of three runs.
    private static double cost(PatchModel model, float[] rows, int count, float[] answers)
            throws TrainingException {
        double least = Double.POSITIVE_INFINITY;
        try {
            for (int i = 0; i < 3; i++) {
                long before = cpuNs();
                model.run(rows, count, answers);
                least = Math.min(least, (cpuNs() - before) / 1e3 / count);
            }
        } catch (OrtException e) {
            throw new TrainingException("ONNX Runtime cannot run it: " + e.getMessage(), e);
        }
        return least;
    }

    /// The epochs of one training.
    private static final class Run {
        private final PatchNetwork network;
        private final PatchWindows windows;
        private final PatchOptions options;
        private final float[] features;
        private final float[] labels;
        private final float[] weights;
        private double best = Double.POSITIVE_INFINITY;
        private int epochs;

        Run(PatchNetwork network, PatchWindows windows, PatchOptions options) {
            this.network = network;
            this.windows = windows;
            this.options = options;
            this.features = new float[options.batch() * PatchFeatures.WIDTH];
            this.labels = new float[options.batch() * windows.targets().size()];
            this.weights = new float[labels.length];
        }

        void teach(Consumer<String> progress) throws TrainingException {
            int[] order = numbers(0, windows.taught());
            int[] held = numbers(windows.taught(), windows.count());
            var random = new Random(options.seed() + 2);
            int steps = order.length / options.batch();
            var teacher =
                    network
                    .new Teacher(options.learningRate(), Math.max(1, steps * options.epochs()));
            float[][] kept = network.weights();
            int worse = 0;
            while (epochs < options.epochs() && worse < PATIENCE) {
                epochs++;
                shuffle(order, random);
                double taught = 0;
                int done = 0;
                for (int from = 0; from < order.length; from += options.batch()) {
                    int rows = Math.min(options.batch(), order.length - from);
                    fill(order, from, rows);
                    taught +=
                            teacher.step(
                                    part(features, rows),
                                    part(labels, rows),
                                    part(weights, rows),
                                    rows);
                    done++;
                }
                double loss = loss(held);
                if (!Double.isFinite(loss)) {
                    throw new TrainingException(
                            "epoch %d: the held-back loss is %s. Maybe a smaller learning rate?"
                                    .formatted(epochs, loss));
                }
                progress.accept(
                        "patch network: epoch %d, loss %.5f, held back %.5f"
                                .formatted(epochs, taught / done, loss));
                if (loss < best) {
                    best = loss;
                    kept = network.weights();
                    worse = 0;
                } else {
                    worse++;
                }
            }
            network.weights(kept);
        }

        private double loss(int[] held) {
            double sum = 0;
            double total = 0;
            for (int from = 0; from < held.length; from += options.batch()) {
                int rows = Math.min(options.batch(), held.length - from);
                fill(held, from, rows);
                double weight = 0;
                for (int i = 0; i < rows * windows.targets().size(); i++) {
                    weight += weights[i];
                }
                sum +=
                        weight
                                * network.loss(
                                        part(features, rows),
                                        part(labels, rows),
                                        part(weights, rows),
                                        rows);
                total += weight;
            }
            return sum / total;
        }

        private void fill(int[] order, int from, int rows) {
            windows.copy(order, from, from + rows, features, labels, weights);
        }

        /// The values of the first `rows` rows: PyTorch takes whole arrays.
        private float[] part(float[] all, int rows) {
            return rows == options.batch()
                    ? all
                    : Arrays.copyOf(all, all.length / options.batch() * rows);
        }

        private static int[] numbers(int from, int to) {
            int[] numbers = new int[to - from];
            for (int i = 0; i < numbers.length; i++) {
                numbers[i] = from + i;
            }
            return numbers;
        }

        private static void shuffle(int[] numbers, Random random) {
            for (int i = numbers.length - 1; i > 0; i--) {
                int other = random.nextInt(i + 1);
                int kept = numbers[i];
                numbers[i] = numbers[other];
                numbers[other] = kept;
            }
        }
    }
}
