package io.novacron.inference.patch;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.core.JsonProcessingException;
import io.novacron.inference.ModelFiles;
import io.novacron.inference.ModelRejectedException;
import io.novacron.inference.member.Target;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What a patch network is, where it comes from and how good it was on held-back time.
///
/// @param name [PatchPackage#NAME]
/// @param kind [PatchPackage#KIND]
/// @param version its directory
/// @param modelSha256 hash of `model.onnx`, in hex
/// @param precision of the recurrent layer: `float` or `int8`
/// @param stepSeconds the step length it was trained on
/// @param columns of a row; must equal [PatchFeatures#WIDTH]
/// @param layout of a row; must equal [PatchFeatures#LAYOUT]
/// @param targets what it answers, in order
/// @param windows it was trained on
/// @param epochs of its training
/// @param dataSha256 hash of the training data
/// @param commands the commands that make this model again
/// @param trainer versions of what trained and exported it
/// @param parity largest difference between trainer and ONNX Runtime, and over how many rows
/// @param metrics accuracy on held-back time, flat names to figures
/// @param microsecondsPerRow of a run on the training machine
@JsonPropertyOrder({
    "name",
    "kind",
    "version",
    "modelSha256",
    "precision",
    "stepSeconds",
    "columns",
    "layout",
    "targets",
    "windows",
    "epochs",
    "dataSha256",
    "commands",
    "trainer",
    "parity",
    "metrics",
    "microsecondsPerRow"
})
public record PatchCard(
        String name,
        String kind,
        int version,
        String modelSha256,
        String precision,
        int stepSeconds,
        int columns,
        String layout,
        List<Target> targets,
        int windows,
        int epochs,
        String dataSha256,
        List<String> commands,
        Map<String, String> trainer,
        Map<String, Double> parity,
        Map<String, Double> metrics,
        double microsecondsPerRow) {
    public PatchCard {
        targets = List.copyOf(targets);
        commands = List.copyOf(commands);
        trainer = new TreeMap<>(trainer); // sorted, so that equal cards are equal bytes
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
        if (!kind.equals(PatchPackage.KIND)) {
            throw new ModelRejectedException(
                    "%s: kind=%s must be %s. Maybe it is another model's directory?"
                            .formatted(where, kind, PatchPackage.KIND));
        }
        if (columns != PatchFeatures.WIDTH || !layout.equals(PatchFeatures.LAYOUT)) {
            throw new ModelRejectedException(
                    "%s: columns=%d layout=%s must be %d and %s. Maybe the model is older: train it again"
                            .formatted(
                                    where,
                                    columns,
                                    layout,
                                    PatchFeatures.WIDTH,
                                    PatchFeatures.LAYOUT));
        }
        if (stepSeconds != PatchFeatures.STEP_SECONDS || targets.isEmpty()) {
            throw new ModelRejectedException(
                    "%s: stepSeconds=%d must be %d, targets=%s not empty"
                            .formatted(where, stepSeconds, PatchFeatures.STEP_SECONDS, targets));
        }
    }
}
