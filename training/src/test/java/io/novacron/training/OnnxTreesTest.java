package io.novacron.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.novacron.inference.ForecastFeatures;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OnnxTreesTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final int LEVELS = QuantileTrees.LEVELS.size();
    private Rows rows = new Rows();
    private QuantileTrees trees = train();

    private QuantileTrees train() {
        rows = new RowSampler(1).sample(TestTraces.tiny().traces(), 0, 800, 3000);
        try {
            return QuantileTrees.train(rows, TestTraces.TINY);
        } catch (TrainingException e) {
            throw new AssertionError(e);
        }
    }

    @BeforeAll
    void hasMissingValuesToTest() {
        boolean missing = false;
        for (float feature : rows.features()) {
            missing |= Float.isNaN(feature);
        }
        assertThat(missing).isTrue();
    }

    @AfterAll
    void close() {
        trees.close();
    }

    private byte[] convert(byte[] json) throws TrainingException {
        return OnnxTrees.convert(json, ForecastFeatures.COUNT, LEVELS);
    }

    private byte[] changed(Consumer<ObjectNode> change) throws TrainingException, IOException {
        ObjectNode model = (ObjectNode) MAPPER.readTree(trees.toJson());
        change.accept(model);
        return convert(MAPPER.writeValueAsBytes(model));
    }

    private static ArrayNode treesOf(ObjectNode model) {
        return (ArrayNode) model.at("/learner/gradient_booster/model/trees");
    }

    @Test
    void trainerAndRuntimeAgreeOnTenThousandRowsWithMissingValues() throws Exception {
        ParityGate parity = ParityGate.check(trees, convert(trees.toJson()), rows, 1);
        assertThat(parity.rows()).isGreaterThanOrEqualTo(10_000);
        assertThat(parity.maxDifference()).isLessThan(1e-4);
    }

    @Test
    void theGateSeesAForgottenBaseScore() throws Exception {
        byte[] onnx =
                changed(model ->
                        ((ObjectNode) model.at("/learner/learner_model_param"))
                                .put("base_score", "[0,0,0,0,0]"));
        assertThatThrownBy(() -> ParityGate.check(trees, onnx, rows, 1))
                .isInstanceOf(TrainingException.class)
                .hasMessageContaining("not written");
    }

    @Test
    void theGateSeesMissingValuesGoingTheWrongWay() throws Exception {
        byte[] onnx =
                changed(model ->
                        treesOf(model)
                                .forEach(tree -> {
                                    var turns = (ArrayNode) tree.get("default_left");
                                    for (int n = 0; n < turns.size(); n++) {
                                        turns.set(n, 1 - turns.get(n).asInt());
                                    }
                                }));
        assertThatThrownBy(() -> ParityGate.check(trees, onnx, rows, 1))
                .hasMessageContaining("differ");
    }

    @Test
    void theGateSeesOneWrongLeaf() throws Exception {
        byte[] onnx =
                changed(model -> {
                    var values = (ArrayNode) treesOf(model).get(0).get("split_conditions");
                    values.set(values.size() - 1, values.get(values.size() - 1).asDouble() + .01);
                });
        assertThatThrownBy(() -> ParityGate.check(trees, onnx, rows, 1))
                .hasMessageContaining("differ");
    }

    @Test
    void otherJsonIsRefusedWithItsPlace() {
        assertThatThrownBy(() -> convert("{}".getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(TrainingException.class)
                .hasMessageContaining("learner");
        assertThatThrownBy(() ->
                        changed(model ->
                                ((ObjectNode) model.at("/learner/learner_model_param"))
                                        .put("base_score", "5E-1")))
                .hasMessageContaining("1 base scores");
    }
}
