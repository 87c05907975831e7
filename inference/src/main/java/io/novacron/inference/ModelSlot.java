package io.novacron.inference;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// The place of the global model in a [ForecastService]: a model that serves, or why there is none.
///
/// @param forecaster the model, or null
/// @param reason [FallbackReason#NONE] when there is a model
/// @param detail one line for `/health`
public record ModelSlot(@Nullable GbtForecaster forecaster, FallbackReason reason, String detail) {

    /// The newest unsigned model under `root`; a refused one leaves an empty slot that says why.
    public static ModelSlot load(Path root) {
        return load(root, ModelTrust.UNSIGNED);
    }

    /// The newest model under `root` if its signature is trusted.
    public static ModelSlot load(Path root, ModelTrust trust) {
        try {
            return of(ModelPackage.latest(root, ModelPackage.FORECAST_MODEL, trust));
        } catch (ModelRejectedException e) {
            return rejected(e);
        }
    }

    /// The model in the jar.
    public static ModelSlot bundled() {
        try {
            return of(ModelPackage.bundled());
        } catch (ModelRejectedException e) {
            return rejected(e);
        }
    }

    /// No model, on purpose.
    public static ModelSlot none() {
        return new ModelSlot(null, FallbackReason.MODEL_MISSING, "no model is configured");
    }

    static ModelSlot of(ModelPackage model) throws ModelRejectedException {
        return serving(GbtForecaster.open(model), model.where());
    }

    static ModelSlot serving(GbtForecaster forecaster, String where) {
        ModelCard card = forecaster.card();
        return new ModelSlot(
                forecaster,
                FallbackReason.NONE,
                "%s version %d from %s, sha256 %s"
                        .formatted(card.name(), card.version(), where, card.modelSha256()));
    }

    private static ModelSlot rejected(ModelRejectedException e) {
        return new ModelSlot(null, FallbackReason.MODEL_REJECTED, String.valueOf(e.getMessage()));
    }
}
