package io.novacron.inference;

import java.util.Arrays;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The global quantile model: features, a batched run, and back from scaled changes to values.
///
/// Works in blocks of neighbouring series, so that features come vertically out of the window. The
/// model's crossed quantiles are sorted, spread to the grid, and widened by what the model card's
/// calibration found necessary.
public final class GbtForecaster implements Forecaster, AutoCloseable {
    private static final Logger LOGGER = LoggerFactory.getLogger(GbtForecaster.class);

    private final QuantileModel model;
    private final ForecastFeatures features = new ForecastFeatures();
    private final float[] levels;
    private final float[] modelValues;
    private final float[] grid = new float[Quantiles.COUNT];
    private float[] rows = new float[0];
    private float[] quantiles = new float[0];

    GbtForecaster(QuantileModel model) {
        this.model = model;
        this.levels = new float[model.card().quantiles().size()];
        for (int level = 0; level < levels.length; level++) {
            levels[level] = model.card().quantiles().get(level);
        }
        this.modelValues = new float[levels.length];
    }

    /// Opens a verified package, or says why ONNX Runtime will not have it.
    public static GbtForecaster open(ModelPackage model) throws ModelRejectedException {
        return new GbtForecaster(OnnxQuantileModel.open(model));
    }

    public ModelCard card() {
        return model.card();
    }

    @Override
    public ModelKind kind() {
        return ModelKind.GBT;
    }

    @Override
    public void forecast(
            ForecastRequest request,
            Selection selection,
            WorkLimit limit,
            Forecasts out,
            byte[] outcomes) {
        FallbackReason unfit = unfit(request);
        if (unfit != FallbackReason.NONE) {
            fillFrom(0, selection, unfit, outcomes);
            return;
        }
        Window window = request.window().last(ForecastFeatures.LOOKBACK);
        int blockSeries = Math.max(1, OnnxQuantileModel.BLOCK_ROWS / request.horizonCount());
        ensureRows(blockSeries * request.horizonCount());
        int position = 0;
        while (position < selection.count()) {
            if (!limit.mayContinue(position)) {
                fillFrom(position, selection, FallbackReason.MODEL_TOO_SLOW, outcomes);
                return;
            }
            int from = selection.at(position);
            int end = position;
            while (end < selection.count() && selection.at(end) < from + blockSeries) {
                end++;
            }
            int to = selection.at(end - 1) + 1;
            features.compute(window, from, to, request.horizons(), request.bounds(), rows);
            try {
                model.run(rows, (to - from) * request.horizonCount(), quantiles);
            } catch (QuantileModel.QuantileModelException e) {
                LOGGER.warn("{} version {} failed", card().name(), card().version(), e);
                fillFrom(position, selection, FallbackReason.MODEL_FAILED, outcomes);
                return;
            }
            for (; position < end; position++) {
                int index = selection.at(position);
                outcomes[index] = answer(request, index, index - from, out).code();
            }
        }
    }

    private FallbackReason unfit(ForecastRequest request) {
        if (request.window().stepSeconds() != card().stepSeconds()) {
            return FallbackReason.WRONG_STEP;
        }
        return request.longestHorizon() > card().longestHorizon()
                ? FallbackReason.HORIZON_TOO_LONG
                : FallbackReason.NONE;
    }

    private static void fillFrom(
            int position, Selection selection, FallbackReason reason, byte[] outcomes) {
        for (int rest = position; rest < selection.count(); rest++) {
            outcomes[selection.at(rest)] = reason.code();
        }
    }

    private void ensureRows(int count) {
        if (rows.length < count * ForecastFeatures.COUNT) {
            rows = new float[count * ForecastFeatures.COUNT];
            quantiles = new float[count * levels.length];
        }
    }

    private FallbackReason answer(ForecastRequest request, int index, int i, Forecasts out) {
        float base = features.base(i);
        float scale = features.scale(i);
        if (Float.isNaN(base)) {
            return FallbackReason.STALE; // the service tells this from a window without any value
        }
        if (Float.isNaN(scale)) {
            return FallbackReason.MODEL_NAN;
        }
        for (int h = 0; h < request.horizonCount(); h++) {
            int row = (i * request.horizonCount() + h) * levels.length;
            System.arraycopy(quantiles, row, modelValues, 0, levels.length);
            for (float value : modelValues) {
                if (!Float.isFinite(value)) {
                    return FallbackReason.MODEL_NAN;
                }
            }
            Quantiles.toGrid(levels, modelValues, grid);
            calibrate(request.horizon(h));
            for (int quantile = 0; quantile < Quantiles.COUNT; quantile++) {
                float value = ForecastFeatures.fromTarget(grid[quantile], base, scale);
                out.put(h, quantile, index, request.bounds().clip(value));
            }
        }
        return out.isAnswerFinite(index) ? FallbackReason.NONE : FallbackReason.MODEL_NAN;
    }

    private void calibrate(int horizon) {
        for (var calibration : card().calibration()) {
            if (horizon <= calibration.upToHorizon()) {
                for (int quantile = 0; quantile < Quantiles.COUNT; quantile++) {
                    float outward = (quantile - Quantiles.MEDIAN) / (float) Quantiles.MEDIAN;
                    grid[quantile] +=
                            outward * (outward < 0 ? calibration.low() : calibration.high());
                }
                Arrays.sort(grid); // narrowing may have crossed them
                return;
            }
        }
    }

    @Override
    public void close() {
        model.close();
    }
}
