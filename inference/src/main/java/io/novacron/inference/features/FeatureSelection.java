package io.novacron.inference.features;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.novacron.inference.ModelRejectedException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Which features of the catalogue a model uses, and why the others were dropped. It lies beside
/// the model as `features.json`. Immutable.
///
/// @param catalogueSha256 [FeatureSet#sha256] of the catalogue that was selected from
/// @param dataSha256 hash of the rows and targets that it was selected on
/// @param rows how many rows that were
/// @param kept names in the order of the model's inputs, which is that of the catalogue
/// @param dropped names of the others, each with its reason
/// @param relevance information about the target of each kept feature, in nats
@JsonPropertyOrder({"catalogueSha256", "dataSha256", "rows", "kept", "dropped", "relevance"})
public record FeatureSelection(
        @JsonProperty("catalogueSha256") String catalogueSha256,
        @JsonProperty("dataSha256") String dataSha256,
        @JsonProperty("rows") int rows,
        @JsonProperty("kept") List<String> kept,
        @JsonProperty("dropped") Map<String, String> dropped,
        @JsonProperty("relevance") Map<String, Double> relevance) {
    /// Name of the file beside the model.
    public static final String FILE = "features.json";

    private static final JsonMapper MAPPER =
            JsonMapper.builder()
                    .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
                    .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
                    .build();

    public FeatureSelection {
        kept = List.copyOf(kept);
        dropped = new TreeMap<>(dropped); // sorted, so that equal selections are equal bytes
        relevance = new TreeMap<>(relevance);
    }

    /// Places of the kept features in a row of the catalogue.
    ///
    /// @throws ModelRejectedException when it was made from another catalogue
    public int[] columns() throws ModelRejectedException {
        if (!catalogueSha256.equals(FeatureSet.sha256())) {
            throw new ModelRejectedException(
                    ("catalogueSha256=%s is not that of this version, %s."
                                    + " Maybe the model is older: train it again")
                            .formatted(catalogueSha256, FeatureSet.sha256()));
        }
        int[] columns = new int[kept.size()];
        for (int k = 0; k < columns.length; k++) {
            columns[k] = FeatureSet.names().indexOf(kept.get(k));
            if (columns[k] < 0 || (k > 0 && columns[k] <= columns[k - 1])) {
                throw new ModelRejectedException(
                        "kept feature %d '%s' is unknown or out of order. Maybe %s was edited?"
                                .formatted(k, kept.get(k), FILE));
            }
        }
        return columns;
    }

    /// The bytes of `features.json`.
    public byte[] toJson() {
        var printer = new DefaultPrettyPrinter();
        printer.indentObjectsWith(new DefaultIndenter("  ", "\n"));
        try {
            return (MAPPER.writer(printer).writeValueAsString(this) + "\n")
                    .getBytes(StandardCharsets.UTF_8);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a selection is plain data, so this cannot fail", e);
        }
    }

    /// Writes `features.json` into the directory of a model.
    public void write(Path directory) throws IOException {
        Files.write(directory.resolve(FILE), toJson());
    }

    /// Reads `features.json` from the directory of a model.
    ///
    /// @throws ModelRejectedException when it is not there or cannot be read
    public static FeatureSelection read(Path directory) throws ModelRejectedException {
        Path file = directory.resolve(FILE);
        try {
            FeatureSelection selection =
                    MAPPER.readValue(Files.readAllBytes(file), FeatureSelection.class);
            if (selection == null) {
                throw new ModelRejectedException(file + ": is empty");
            }
            return selection;
        } catch (NoSuchFileException e) {
            throw new ModelRejectedException(
                    file + " is not there. Maybe the model was trained without a selection?", e);
        } catch (IOException e) {
            throw new ModelRejectedException(
                    "%s cannot be read: %s. Maybe it was cut off?".formatted(file, e.getMessage()),
                    e);
        }
    }
}
