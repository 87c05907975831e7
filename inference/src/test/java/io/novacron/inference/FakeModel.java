package io.novacron.inference;

import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/// A quantile model whose behaviour a test chooses; by default it forecasts no change, ± 1 scale.
final class FakeModel implements QuantileModel {
    static final List<Float> LEVELS = List.of(.1f, .5f, .9f);

    UnaryOperator<float[]> behaviour = UnaryOperator.identity();
    int runs;
    boolean closed;

    static ModelCard card(byte[] model, List<String> features) {
        return new ModelCard(
                ModelPackage.FORECAST_MODEL,
                3,
                ModelPackage.sha256(model),
                TestSeries.STEP_SECONDS,
                288,
                features,
                LEVELS,
                List.of(new ModelCard.Calibration(12, .5f, .25f)),
                "data",
                List.of("./novacron train"),
                Map.of(),
                Map.of("rows", 10_000.0),
                Map.of("mean.gbt.60m.wape", .1));
    }

    @Override
    public ModelCard card() {
        return card(new byte[0], ForecastFeatures.NAMES);
    }

    @Override
    public void run(float[] features, int rows, float[] quantiles) throws QuantileModelException {
        runs++;
        for (int row = 0; row < rows; row++) {
            float[] values = behaviour.apply(new float[] {-1, 0, 1});
            if (values.length == 0) {
                throw new QuantileModelException("on purpose", new IllegalStateException());
            }
            System.arraycopy(values, 0, quantiles, row * values.length, values.length);
        }
    }

    @Override
    public void close() {
        closed = true;
    }
}
