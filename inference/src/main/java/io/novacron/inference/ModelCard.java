package io.novacron.inference;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What a model is, where it comes from and how good it was on held-back time: `card.json`, next to
/// `model.onnx`.
///
/// @param name the model's directory
/// @param version the model's version directory
/// @param modelSha256 hash of `model.onnx`, in hex
/// @param stepSeconds the step length it was trained on
/// @param longestHorizon the longest horizon it was trained for, in steps
/// @param features names in input order; must equal [ForecastFeatures#NAMES]
/// @param quantiles ascending levels of the output columns
/// @param calibration widening of the intervals found on time held back from training
/// @param dataSha256 hash of the training data
/// @param commands the commands that make this model again
/// @param trainer versions of what trained and exported it
/// @param parity largest difference between trainer and ONNX Runtime, and over how many rows
/// @param metrics accuracy on held-back time, flat names to figures
@JsonPropertyOrder({
    "name",
    "version",
    "modelSha256",
    "stepSeconds",
    "longestHorizon",
    "features",
    "quantiles",
    "calibration",
    "dataSha256",
    "commands",
    "trainer",
    "parity",
    "metrics"
})
public record ModelCard(
        String name,
        int version,
        String modelSha256,
        int stepSeconds,
        int longestHorizon,
        List<String> features,
        List<Float> quantiles,
        List<Calibration> calibration,
        String dataSha256,
        List<String> commands,
        Map<String, String> trainer,
        Map<String, Double> parity,
        Map<String, Double> metrics) {

    /// How much to widen the intervals of horizons up to `upToHorizon`, below and above the median,
    /// in the units of [ForecastFeatures#toTarget]. Negative narrows.
    public record Calibration(
            @JsonProperty("upToHorizon") int upToHorizon,
            @JsonProperty("low") float low,
            @JsonProperty("high") float high) {}

    public ModelCard {
        features = List.copyOf(features);
        quantiles = List.copyOf(quantiles);
        calibration = List.copyOf(calibration);
        commands = List.copyOf(commands);
        trainer = new TreeMap<>(trainer); // sorted, so that equal cards are equal bytes
        parity = new TreeMap<>(parity);
        metrics = new TreeMap<>(metrics);
    }

    /// Reads a card, or says what is wrong with it.
    static ModelCard parse(byte[] json, String where) throws ModelRejectedException {
        return ModelFiles.card(ModelCard.class, json, where);
    }

    /// The card as the bytes of `card.json`.
    public byte[] toJson() {
        var printer = new DefaultPrettyPrinter();
        printer.indentArraysWith(DefaultPrettyPrinter.FixedSpaceIndenter.instance);
        printer.indentObjectsWith(new DefaultIndenter("  ", "\n"));
        try {
            return (ModelFiles.CARDS.writer(printer).writeValueAsString(this) + "\n")
                    .getBytes(StandardCharsets.UTF_8);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a card is plain data, so this cannot fail", e);
        }
    }

    /// Checks what can be checked without the model file.
    void check(String where) throws ModelRejectedException {
        if (!features.equals(ForecastFeatures.NAMES)) {
            throw new ModelRejectedException(
                    ("%s: features %s are not those of this version %s."
                                    + " Maybe the model is older: train it again")
                            .formatted(
                                    where,
                                    difference(features),
                                    "(" + ForecastFeatures.COUNT + ")"));
        }
        boolean ascending = !quantiles.isEmpty();
        for (int level = 0; level < quantiles.size(); level++) {
            float before = level == 0 ? 0 : quantiles.get(level - 1);
            ascending &= quantiles.get(level) > before && quantiles.get(level) < 1;
        }
        if (!ascending) {
            throw new ModelRejectedException(
                    "%s: quantiles=%s must be ascending between 0 and 1"
                            .formatted(where, quantiles));
        }
        if (stepSeconds < 1 || longestHorizon < 1) {
            throw new ModelRejectedException(
                    "%s: stepSeconds=%d and longestHorizon=%d must be positive"
                            .formatted(where, stepSeconds, longestHorizon));
        }
    }

    private static String difference(List<String> features) {
        for (int index = 0; index < features.size(); index++) {
            if (index >= ForecastFeatures.COUNT
                    || !features.get(index).equals(ForecastFeatures.NAMES.get(index))) {
                return "(%d, from number %d '%s' on)"
                        .formatted(features.size(), index, features.get(index));
            }
        }
        return "(%d)".formatted(features.size());
    }
}
