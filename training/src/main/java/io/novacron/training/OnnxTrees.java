package io.novacron.training;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import io.novacron.training.onnx.AttributeProto;
import io.novacron.training.onnx.AttributeProto.AttributeType;
import io.novacron.training.onnx.GraphProto;
import io.novacron.training.onnx.ModelProto;
import io.novacron.training.onnx.NodeProto;
import io.novacron.training.onnx.OperatorSetIdProto;
import io.novacron.training.onnx.TensorShapeProto;
import io.novacron.training.onnx.TypeProto;
import io.novacron.training.onnx.ValueInfoProto;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// Turns XGBoost's JSON model into ONNX: one `TreeEnsembleRegressor`, input `features`, output
/// `quantiles`.
///
/// What must be got right, each checked by the parity gate:
/// - XGBoost goes left on `x < threshold` (BRANCH_LT), and where `x` is missing on `default_left`;
/// - since 3.1 `base_score` is a list, one per quantile, in output space, and becomes base values;
/// - tree t belongs to the quantile `tree_info[t]`.
///
/// Crossed quantiles are sorted in Java after the run.
final class OnnxTrees {
    private static final int FLOAT = 1; // TensorProto.DataType.FLOAT
    private static final int IR_VERSION = 9;
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final ByteString BRANCH = ByteString.copyFromUtf8("BRANCH_LT");
    private static final ByteString LEAF = ByteString.copyFromUtf8("LEAF");

    private final List<Long> treeIds = new ArrayList<>();
    private final List<Long> nodeIds = new ArrayList<>();
    private final List<Long> featureIds = new ArrayList<>();
    private final List<Float> thresholds = new ArrayList<>();
    private final List<ByteString> modes = new ArrayList<>();
    private final List<Long> trueIds = new ArrayList<>();
    private final List<Long> falseIds = new ArrayList<>();
    private final List<Long> missingTrue = new ArrayList<>();
    private final List<Long> leafTreeIds = new ArrayList<>();
    private final List<Long> leafNodeIds = new ArrayList<>();
    private final List<Long> leafTargets = new ArrayList<>();
    private final List<Float> leafWeights = new ArrayList<>();

    private OnnxTrees() {}

    static byte[] convert(byte[] xgboostJson, int features, int quantiles)
            throws TrainingException {
        try {
            JsonNode learner = MAPPER.readTree(xgboostJson).required("learner");
            JsonNode model = learner.required("gradient_booster").required("model");
            List<Float> base =
                    baseScores(learner.required("learner_model_param").required("base_score"));
            if (base.size() != quantiles) {
                throw new TrainingException(
                        "the model has %d base scores, must be one for each of %d quantiles"
                                .formatted(base.size(), quantiles));
            }
            var converter = new OnnxTrees();
            JsonNode trees = model.required("trees");
            for (int tree = 0; tree < trees.size(); tree++) {
                int target = model.required("tree_info").required(tree).intValue();
                converter.add(trees.get(tree), tree, target);
            }
            return converter.graph(base, features, quantiles).toByteArray();
        } catch (IOException | IllegalArgumentException e) {
            throw new TrainingException(
                    "XGBoost's JSON is not as expected: %s. Maybe its version changed?"
                            .formatted(e.getMessage()),
                    e);
        }
    }

    /// `"[1.5E-1,2E-1]"` as a list; older versions wrote one bare number.
    private static List<Float> baseScores(JsonNode node) {
        List<Float> scores = new ArrayList<>();
        for (String score : node.asText().replaceAll("[\\[\\]\\s]", "").split(",", -1)) {
            scores.add(Float.parseFloat(score));
        }
        return scores;
    }

    private void add(JsonNode tree, long treeId, long target) {
        JsonNode left = tree.required("left_children");
        JsonNode right = tree.required("right_children");
        JsonNode conditions = tree.required("split_conditions"); // a leaf keeps its value here
        JsonNode indices = tree.required("split_indices");
        JsonNode defaultLeft = tree.required("default_left");
        for (int node = 0; node < left.size(); node++) {
            boolean leaf = left.get(node).intValue() < 0;
            float condition = conditions.get(node).floatValue();
            treeIds.add(treeId);
            nodeIds.add((long) node);
            modes.add(leaf ? LEAF : BRANCH);
            featureIds.add(leaf ? 0 : indices.get(node).longValue());
            thresholds.add(leaf ? 0 : condition);
            trueIds.add(leaf ? 0 : left.get(node).longValue());
            falseIds.add(leaf ? 0 : right.get(node).longValue());
            boolean missingGoesLeft = !leaf && defaultLeft.get(node).asInt() == 1;
            missingTrue.add(missingGoesLeft ? 1L : 0L);
            if (leaf) {
                leafTreeIds.add(treeId);
                leafNodeIds.add((long) node);
                leafTargets.add(target);
                leafWeights.add(condition);
            }
        }
    }

    private ModelProto graph(List<Float> base, int features, int quantiles) {
        NodeProto.Builder trees =
                NodeProto.newBuilder()
                        .setOpType("TreeEnsembleRegressor")
                        .setDomain("ai.onnx.ml")
                        .setName("trees")
                        .addInput("features")
                        .addOutput("quantiles")
                        .addAttribute(ints("nodes_treeids", treeIds))
                        .addAttribute(ints("nodes_nodeids", nodeIds))
                        .addAttribute(ints("nodes_featureids", featureIds))
                        .addAttribute(floats("nodes_values", thresholds))
                        .addAttribute(strings("nodes_modes", modes))
                        .addAttribute(ints("nodes_truenodeids", trueIds))
                        .addAttribute(ints("nodes_falsenodeids", falseIds))
                        .addAttribute(ints("nodes_missing_value_tracks_true", missingTrue))
                        .addAttribute(ints("target_treeids", leafTreeIds))
                        .addAttribute(ints("target_nodeids", leafNodeIds))
                        .addAttribute(ints("target_ids", leafTargets))
                        .addAttribute(floats("target_weights", leafWeights))
                        .addAttribute(floats("base_values", base))
                        .addAttribute(
                                AttributeProto.newBuilder()
                                        .setName("n_targets")
                                        .setType(AttributeType.INT)
                                        .setI(quantiles))
                        .addAttribute(
                                AttributeProto.newBuilder()
                                        .setName("aggregate_function")
                                        .setType(AttributeType.STRING)
                                        .setS(ByteString.copyFromUtf8("SUM")));
        return ModelProto.newBuilder()
                .setIrVersion(IR_VERSION)
                .setProducerName("novacron-training")
                .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(19))
                .addOpsetImport(
                        OperatorSetIdProto.newBuilder().setDomain("ai.onnx.ml").setVersion(3))
                .setGraph(
                        GraphProto.newBuilder()
                                .setName("quantile-trees")
                                .addNode(trees)
                                .addInput(matrix("features", features))
                                .addOutput(matrix("quantiles", quantiles)))
                .build();
    }

    private static ValueInfoProto matrix(String name, int columns) {
        var shape =
                TensorShapeProto.newBuilder()
                        .addDim(TensorShapeProto.Dimension.newBuilder().setDimParam("rows"))
                        .addDim(TensorShapeProto.Dimension.newBuilder().setDimValue(columns));
        return ValueInfoProto.newBuilder()
                .setName(name)
                .setType(
                        TypeProto.newBuilder()
                                .setTensorType(
                                        TypeProto.Tensor.newBuilder()
                                                .setElemType(FLOAT)
                                                .setShape(shape)))
                .build();
    }

    private static AttributeProto ints(String name, List<Long> values) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeType.INTS)
                .addAllInts(values)
                .build();
    }

    private static AttributeProto floats(String name, List<Float> values) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeType.FLOATS)
                .addAllFloats(values)
                .build();
    }

    private static AttributeProto strings(String name, List<ByteString> values) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeType.STRINGS)
                .addAllStrings(values)
                .build();
    }
}
