package io.novacron.inference.serving;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.core.JsonProcessingException;
import io.novacron.inference.ModelFiles;
import io.novacron.inference.ModelRejectedException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What a stacked model is, where it comes from and how good it was on held-back time.
///
/// @param name [StackPackage#NAME]
/// @param version its directory
/// @param modelSha256 hash of `model.onnx`, in hex
/// @param stepSeconds the step length it was trained on
/// @param features names in input order; must equal [RowWriter#NAMES]
/// @param dropped features that told nothing about the target in the training data, with the
///   reason; the model is given them and does not use them
/// @param rows it was trained on
/// @param dataSha256 hash of the training data
/// @param commands the commands that make this model again
/// @param trainer versions of what trained and exported it
/// @param parity largest difference between trainer and ONNX Runtime, and over how many rows
/// @param metrics accuracy on held-back time, with and without the model, flat names to figures;
///   `relevance.<feature>` is the information about the outcome of a feature that is used, in nats
/// @param microsecondsPerRow of a run on the training machine
@JsonPropertyOrder({
    "name",
    "version",
    "modelSha256",
    "stepSeconds",
    "features",
    "dropped",
    "rows",
    "dataSha256",
    "commands",
    "trainer",
    "parity",
    "metrics",
    "microsecondsPerRow"
})
public record StackCard(
        String name,
        int version,
        String modelSha256,
        int stepSeconds,
        List<String> features,
        Map<String, String> dropped,
        int rows,
        String dataSha256,
        List<String> commands,
        Map<String, String> trainer,
        Map<String, Double> parity,
        Map<String, Double> metrics,
        double microsecondsPerRow) {
    public StackCard {
        features = List.copyOf(features);
        dropped = new TreeMap<>(dropped); // sorted, so that equal cards are equal bytes
        commands = List.copyOf(commands);
        trainer = new TreeMap<>(trainer);
        parity = new TreeMap<>(parity);
        metrics = new TreeMap<>(metrics);
    }

    /// The card as the bytes of `card.json`.
    public byte[] toJson() {
        try {
            return (ModelFiles.CARDS.writerWithDefaultPrettyPrinter().writeValueAsString(this)
                            + "\n")
                    .getBytes(StandardCharsets.UTF_8);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a card is plain data, so this cannot fail", e);
        }
    }

    void check(String where) throws ModelRejectedException {
        if (!features.equals(RowWriter.NAMES)) {
            int at = 0;
            while (at < Math.min(features.size(), RowWriter.WIDTH)
                    && features.get(at).equals(RowWriter.NAMES.get(at))) {
                at++;
            }
            throw new ModelRejectedException(
                    ("%s: its %d features are not the %d of this version, from number %d '%s' on."
                                    + " Maybe the model is older: train it again")
                            .formatted(
                                    where,
                                    features.size(),
                                    RowWriter.WIDTH,
                                    at,
                                    at < features.size() ? features.get(at) : ""));
        }
        if (stepSeconds < 1) {
            throw new ModelRejectedException(
                    "%s: stepSeconds=%d must be positive".formatted(where, stepSeconds));
        }
    }
}
