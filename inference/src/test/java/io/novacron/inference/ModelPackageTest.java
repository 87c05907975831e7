package io.novacron.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelPackageTest {
    @TempDir private Path root;

    private Path version(int number, ModelCard card, byte[] model) throws IOException {
        Path directory = root.resolve("forecast-gbt").resolve(Integer.toString(number));
        Files.createDirectories(directory);
        Files.write(directory.resolve("card.json"), card.toJson());
        Files.write(directory.resolve("model.onnx"), model);
        return directory;
    }

    private ModelSlot load() {
        return ModelSlot.load(root);
    }

    @Test
    void theBundledModelServes() throws Exception {
        ModelPackage bundled = ModelPackage.bundled();
        try (GbtForecaster forecaster = GbtForecaster.open(bundled)) {
            assertThat(forecaster.card().features()).isEqualTo(ForecastFeatures.NAMES);
            assertThat(forecaster.card().commands()).hasSize(2);
            assertThat(forecaster.card().parity().get("rows")).isGreaterThanOrEqualTo(10_000);
            assertThat(forecaster.card().parity().get("maxDifference")).isLessThan(1e-4);
            assertThat(bundled.model()).hasSizeLessThan(1 << 20);
        }
    }

    @Test
    void theBundledModelBeatsTheLastValueByItsCard() throws Exception {
        var metrics = ModelPackage.bundled().card().metrics();
        assertThat(metrics.get("mean.gbt.60m.wape"))
                .isLessThan(metrics.getOrDefault("mean.last-value.60m.wape", Double.NaN));
        assertThat(metrics.get("mean.gbt.60m.coverage80")).isBetween(.7, .9);
    }

    @Test
    void theHighestVersionServes() throws Exception {
        byte[] model = ModelPackage.bundled().model();
        version(9, FakeModel.card(model, ForecastFeatures.NAMES), new byte[1]);
        version(10, ModelPackage.bundled().card(), model);
        ModelSlot slot = load();
        assertThat(slot.reason()).isEqualTo(FallbackReason.NONE);
        assertThat(slot.detail()).contains("forecast-gbt").contains("10");
    }

    @Test
    void aFileOfZerosIsRefusedByItsHash() throws Exception {
        version(1, ModelPackage.bundled().card(), new byte[4096]);
        ModelSlot slot = load();
        assertThat(slot.forecaster()).isNull();
        assertThat(slot.reason()).isEqualTo(FallbackReason.MODEL_REJECTED);
        assertThat(slot.detail()).contains("hash").contains("Maybe");
    }

    @Test
    void aFileOfZerosWithAFittingHashIsRefusedByTheRuntime() throws Exception {
        byte[] zeros = new byte[4096];
        version(1, FakeModel.card(zeros, ForecastFeatures.NAMES), zeros);
        ModelSlot slot = load();
        assertThat(slot.reason()).isEqualTo(FallbackReason.MODEL_REJECTED);
        assertThat(slot.detail()).contains("ONNX Runtime refuses");
    }

    @Test
    void aTruncatedModelIsRefused() throws Exception {
        byte[] model = ModelPackage.bundled().model();
        byte[] half = Arrays.copyOf(model, model.length / 2);
        version(1, ModelPackage.bundled().card(), half);
        assertThat(load().detail()).contains("cut off");
        version(2, FakeModel.card(half, ForecastFeatures.NAMES), half);
        assertThat(load().detail()).contains("ONNX Runtime refuses");
    }

    @Test
    void aModelOfAnotherShapeIsRefused() throws Exception {
        byte[] model = ModelPackage.bundled().model(); // five quantiles, the card says three
        version(1, FakeModel.card(model, ForecastFeatures.NAMES), model);
        assertThat(load().detail()).contains("'quantiles'").contains("[rows, 3]");
    }

    @Test
    void otherFeaturesAreRefusedByName() throws Exception {
        byte[] model = ModelPackage.bundled().model();
        version(1, FakeModel.card(model, List.of("lag2", "moon")), model);
        assertThat(load().detail()).contains("number 1 'moon'").contains("train it again");
    }

    @Test
    void aBrokenCardIsRefused() {
        byte[] model = new byte[0];
        for (String json :
                List.of("", "null", "{", "[]", "{\"name\":\"x\"}", "{\"version\":\"x\"}")) {
            assertThatThrownBy(() ->
                            ModelPackage.of(json.getBytes(StandardCharsets.UTF_8), model, "here"))
                    .as(json)
                    .isInstanceOf(ModelRejectedException.class)
                    .hasMessageStartingWith("here: ");
        }
    }

    @Test
    void aMissingDirectorySaysWhatToRun() {
        assertThat(load().detail()).contains("novacron train");
    }

    @Test
    void cardsSurviveARoundTrip() throws Exception {
        ModelCard card = FakeModel.card(new byte[] {1}, ForecastFeatures.NAMES);
        assertThat(ModelCard.parse(card.toJson(), "here")).isEqualTo(card);
    }
}
