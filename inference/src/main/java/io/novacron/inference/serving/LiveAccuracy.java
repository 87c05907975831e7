package io.novacron.inference.serving;

/// How well each speaker and the ensemble did lately, over all series of a metric, by target: sums
/// that fade over about a day of rounds.
final class LiveAccuracy {
    private static final double ROUND_KEEP = 1 - 1 / 288.0;

    /// The ensemble and a model in the shadow come after the speakers.
    static final int ENSEMBLE = Layout.SPEAKERS;

    static final int SHADOW = ENSEMBLE + 1;
    static final int MODELS = SHADOW + 1;

    private final double[] errors;
    private final double[] actuals;
    private final double[] covered;
    private final double[] losses;
    private final double[] counts;

    LiveAccuracy(int targets) {
        int cells = targets * MODELS;
        errors = new double[cells];
        actuals = new double[cells];
        covered = new double[cells];
        losses = new double[cells];
        counts = new double[cells];
    }

    void add(
            int target, int model, float low, float middle, float high, float outcome, float loss) {
        int at = target * MODELS + model;
        errors[at] += Math.abs(outcome - middle);
        actuals[at] += Math.abs(outcome);
        covered[at] += outcome >= low && outcome <= high ? 1 : 0;
        losses[at] += loss;
        counts[at]++;
    }

    void endRound() {
        for (int i = 0; i < counts.length; i++) {
            errors[i] *= ROUND_KEEP;
            actuals[i] *= ROUND_KEEP;
            covered[i] *= ROUND_KEEP;
            losses[i] *= ROUND_KEEP;
            counts[i] *= ROUND_KEEP;
        }
    }

    /// NaN while there are no outcomes.
    AccuracyRow row(int target, int steps, int model) {
        int at = target * MODELS + model;
        int naive = target * MODELS + MemberBank.LAST_VALUE;
        double count = counts[at];
        double own = losses[at] / count;
        double naiveLoss = losses[naive] / counts[naive];
        return new AccuracyRow(
                name(model),
                steps,
                count,
                actuals[at] > 0 ? errors[at] / actuals[at] : Double.NaN,
                count > 0 ? covered[at] / count : Double.NaN,
                naiveLoss > 0 ? 1 - own / naiveLoss : Double.NaN);
    }

    private static String name(int model) {
        if (model == Layout.STACKED) {
            return AccuracyRow.STACKED;
        }
        if (model == ENSEMBLE) {
            return AccuracyRow.ENSEMBLE;
        }
        return model == SHADOW ? AccuracyRow.SHADOW : MemberBank.NAMES.get(model);
    }
}
