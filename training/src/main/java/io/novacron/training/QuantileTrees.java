package io.novacron.training;

import io.novacron.inference.ForecastFeatures;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import ml.dmlc.xgboost4j.java.Booster;
import ml.dmlc.xgboost4j.java.DMatrix;
import ml.dmlc.xgboost4j.java.XGBoost;
import ml.dmlc.xgboost4j.java.XGBoostError;

/// The trained trees: XGBoost with pinball loss, one tree per quantile and round.
///
/// One thread on purpose: sums then have one order, and the same rows give the same trees.
final class QuantileTrees implements AutoCloseable {
    /// Levels trained; serving interpolates the grid in between.
    static final List<Float> LEVELS = List.of(.1f, .3f, .5f, .7f, .9f);

    private final Booster booster;
    private final int width;

    private QuantileTrees(Booster booster, int width) {
        this.booster = booster;
        this.width = width;
    }

    static QuantileTrees train(Rows rows, TrainingOptions options) throws TrainingException {
        return train(
                rows.features(), ForecastFeatures.COUNT, rows.targets(), rows.weights(), options);
    }

    /// Trains on row-major `features` of `width` columns, one target and weight for each row.
    static QuantileTrees train(
            float[] features, int width, float[] targets, float[] weights, TrainingOptions options)
            throws TrainingException {
        int count = targets.length;
        Map<String, Object> parameters = new HashMap<>();
        parameters.put("objective", "reg:quantileerror");
        parameters.put("quantile_alpha", LEVELS.toString().replace(" ", ""));
        parameters.put("tree_method", "hist");
        parameters.put("max_depth", options.depth());
        parameters.put("eta", options.learningRate());
        parameters.put("min_child_weight", Math.clamp(count / 1000, 5, 100));
        parameters.put("subsample", .8f);
        parameters.put("colsample_bytree", .7f);
        parameters.put("nthread", 1);
        parameters.put("seed", options.seed());
        parameters.put("verbosity", 0);
        try {
            DMatrix matrix = matrix(features, count, width);
            try {
                matrix.setLabel(targets);
                matrix.setWeight(weights);
                return new QuantileTrees(
                        XGBoost.train(matrix, parameters, options.rounds(), Map.of(), null, null),
                        width);
            } finally {
                matrix.dispose();
            }
        } catch (XGBoostError e) {
            throw new TrainingException("XGBoost failed: " + e.getMessage(), e);
        }
    }

    /// Predicted quantiles, `[row][level]`, ascending: XGBoost sorts crossed ones.
    float[][] predict(float[] features, int count) throws TrainingException {
        try {
            DMatrix matrix = matrix(features, count, width);
            try {
                return booster.predict(matrix);
            } finally {
                matrix.dispose();
            }
        } catch (XGBoostError e) {
            throw new TrainingException("XGBoost failed: " + e.getMessage(), e);
        }
    }

    /// The model in XGBoost's JSON form.
    byte[] toJson() throws TrainingException {
        try {
            return booster.toByteArray("json");
        } catch (XGBoostError e) {
            throw new TrainingException("XGBoost failed: " + e.getMessage(), e);
        }
    }

    int width() {
        return width;
    }

    private static DMatrix matrix(float[] features, int count, int width) throws XGBoostError {
        return new DMatrix(features, count, width, Float.NaN);
    }

    @Override
    public void close() {
        booster.dispose();
    }
}
