package io.novacron.training;

import ai.onnxruntime.OrtException;
import io.novacron.inference.Quantiles;
import io.novacron.inference.ensemble.StackFeatures;
import io.novacron.inference.ensemble.StackModel;
import io.novacron.inference.member.Target;
import io.novacron.inference.patch.PatchFeatures;
import io.novacron.inference.patch.PatchModel;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/// How a patch network does on windows that it has not seen, in units of the metric, beside the
/// newest value.
///
/// @param figures `<target>.wape`, `.wql`, `.coverage80` and `.lastValue.wape` with targets named
///   by their steps, such as `12` and `1-12`
/// @param wql mean over targets
/// @param lastValueWql the same, when every quantile is the newest value
record PatchScore(Map<String, Double> figures, double wql, double lastValueWql) {
    private static final int BLOCK = 1_024;

    static PatchScore of(PatchModel model, PatchWindows windows) throws TrainingException {
        int targets = windows.targets().size();
        double[] errors = new double[targets];
        double[] naive = new double[targets];
        double[] losses = new double[targets];
        double[] actuals = new double[targets];
        double[] covered = new double[targets];
        long[] counts = new long[targets];
        float[] answers = new float[BLOCK * model.width()];
        float[] quantiles = new float[Quantiles.COUNT];
        for (int from = 0; from < windows.count(); from += BLOCK) {
            int rows = Math.min(BLOCK, windows.count() - from);
            run(model, windows, from, rows, answers);
            for (int i = 0; i < rows * targets; i++) {
                int row = from + i / targets;
                int target = i % targets;
                if (!windows.known(row, target)) {
                    continue;
                }
                float base = windows.base(row, target);
                float scale = windows.scale(row);
                float actual = StackFeatures.fromTarget(windows.label(row, target), base, scale);
                StackModel.spread(answers, i * PatchModel.LEVELS, base, scale, quantiles);
                for (int level = 0; level < Quantiles.COUNT; level++) {
                    losses[target] +=
                            2
                                    * Quantiles.pinball(
                                            Quantiles.level(level), quantiles[level], actual)
                                    / Quantiles.COUNT;
                }
                errors[target] += Math.abs(actual - quantiles[Quantiles.MEDIAN]);
                naive[target] += Math.abs(actual - windows.last(row));
                actuals[target] += Math.abs(actual);
                covered[target] +=
                        actual >= quantiles[Quantiles.LOW] && actual <= quantiles[Quantiles.HIGH]
                                ? 1
                                : 0;
                counts[target]++;
            }
        }
        Map<String, Double> figures = new LinkedHashMap<>();
        double wql = 0;
        double lastValueWql = 0;
        for (int target = 0; target < targets; target++) {
            if (actuals[target] > 0) {
                String name = name(windows.targets().get(target)) + ".";
                figures.put(name + "wape", rounded(errors[target] / actuals[target]));
                figures.put(name + "wql", rounded(losses[target] / actuals[target]));
                figures.put(name + "coverage80", rounded(covered[target] / counts[target]));
                figures.put(name + "lastValue.wape", rounded(naive[target] / actuals[target]));
                wql += losses[target] / actuals[target] / targets;
                lastValueWql += naive[target] / actuals[target] / targets;
            }
        }
        return figures.isEmpty()
                ? new PatchScore(figures, Double.NaN, Double.NaN)
                : new PatchScore(figures, wql, lastValueWql);
    }

    /// `12` for the value of that step, `1-12` for a mean.
    static String name(Target target) {
        return target.span() == 1
                ? Integer.toString(target.to())
                : target.from() + "-" + target.to();
    }

    private static void run(
            PatchModel model, PatchWindows windows, int from, int rows, float[] answers)
            throws TrainingException {
        try {
            int width = PatchFeatures.WIDTH;
            model.run(
                    Arrays.copyOfRange(windows.rows(), from * width, (from + rows) * width),
                    rows,
                    answers);
        } catch (OrtException e) {
            throw new TrainingException(
                    "ONNX Runtime cannot run the patch network: " + e.getMessage(), e);
        }
    }

    private static double rounded(double figure) {
        return Math.round(figure * 1e5) / 1e5;
    }
}
