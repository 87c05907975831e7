package io.novacron.training;

import io.novacron.inference.Quantiles;
import io.novacron.inference.serving.ServingAnswers;
import java.util.Map;

/// Sums over judged answers, by target.
final class StackScore {
    private final int[] minutes;
    private final double[] errors;
    private final double[] naive;
    private final double[] actuals;
    private final double[] losses;
    private final double[] covered;
    private final long[] counts;

    /// @param minutes how far ahead each target is
    StackScore(int... minutes) {
        this.minutes = minutes.clone();
        int targets = minutes.length;
        errors = new double[targets];
        naive = new double[targets];
        actuals = new double[targets];
        losses = new double[targets];
        covered = new double[targets];
        counts = new long[targets];
    }

    void add(int target, ServingAnswers answers, int i, float outcome, float held) {
        counts[target]++;
        errors[target] += Math.abs(outcome - answers.quantile(i, target, Quantiles.MEDIAN));
        naive[target] += Math.abs(outcome - held);
        actuals[target] += Math.abs(outcome);
        for (int level = 0; level < Quantiles.COUNT; level++) {
            losses[target] +=
                    2
                            * Quantiles.pinball(
                                    Quantiles.level(level),
                                    answers.quantile(i, target, level),
                                    outcome)
                            / Quantiles.COUNT;
        }
        covered[target] +=
                outcome >= answers.quantile(i, target, Quantiles.LOW)
                                && outcome <= answers.quantile(i, target, Quantiles.HIGH)
                        ? 1
                        : 0;
    }

    /// Mean over targets of the quantile loss by the sum of actual values.
    double wql() {
        double sum = 0;
        int known = 0;
        for (int target = 0; target < minutes.length; target++) {
            if (actuals[target] > 0) {
                sum += losses[target] / actuals[target];
                known++;
            }
        }
        return known == 0 ? Double.NaN : sum / known;
    }

    /// Adds `<prefix>.<horizon>.wape`, `.wql`, `.coverage80` and the last value's WAPE.
    void write(String prefix, Map<String, Double> figures) {
        for (int target = 0; target < minutes.length; target++) {
            if (counts[target] > 0 && actuals[target] > 0) {
                String horizon =
                        minutes[target] % 1_440 == 0
                                ? minutes[target] / 60 + "h"
                                : minutes[target] + "m";
                String name = "%s.%s.".formatted(prefix, horizon);
                figures.put(name + "wape", rounded(errors[target] / actuals[target]));
                figures.put(name + "wql", rounded(losses[target] / actuals[target]));
                figures.put(name + "coverage80", rounded(covered[target] / counts[target]));
                figures.put(
                        "%s.last-value.%s.wape"
                                .formatted(prefix.substring(prefix.indexOf('.') + 1), horizon),
                        rounded(naive[target] / actuals[target]));
            }
        }
    }

    private static double rounded(double figure) {
        return Math.round(figure * 1e5) / 1e5;
    }
}
