package io.novacron.training;

import com.google.protobuf.ByteString;
import io.novacron.inference.patch.PatchFeatures;
import io.novacron.training.PatchNetwork.Weight;
import io.novacron.training.onnx.AttributeProto;
import io.novacron.training.onnx.AttributeProto.AttributeType;
import io.novacron.training.onnx.GraphProto;
import io.novacron.training.onnx.ModelProto;
import io.novacron.training.onnx.NodeProto;
import io.novacron.training.onnx.OperatorSetIdProto;
import io.novacron.training.onnx.TensorProto;
import io.novacron.training.onnx.TensorShapeProto;
import io.novacron.training.onnx.TypeProto;
import io.novacron.training.onnx.ValueInfoProto;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/// Writes a patch network as an ONNX graph: `features` [rows, columns] with NaN where something is
/// missing to `quantiles` [rows, targets × levels], unsorted.
///
/// What must be got right, each checked by the parity gate:
/// - PyTorch's gates come as input, forget, cell, output, ONNX wants input, output, forget, cell;
/// - ONNX Runtime's CPU LSTM wants `[step, row, column]`, so the patches are transposed;
/// - the quantised LSTM wants its weights transposed, `[column, gate]`.
final class OnnxPatch {
    /// How the recurrent layer's weights are kept.
    enum Precision {
        FLOAT,
        /// Bytes with a scale for each gate's unit; states and sums stay floats.
        INT8
    }

    private static final int FLOAT = 1; // TensorProto.DataType
    private static final int INT8 = 3;
    private static final int INT64 = 7;
    private static final int IR_VERSION = 9;
    private static final int[] GATES = {0, 3, 1, 2}; // ONNX's order, in PyTorch's numbers

    private final GraphProto.Builder graph = GraphProto.newBuilder().setName("patch-lstm");
    private final int hidden;
    private final int outputs;
    private final float[][] weights;

    private OnnxPatch(PatchNetwork network) {
        this.hidden = network.hidden();
        this.outputs = network.outputs();
        this.weights = network.weights();
    }

    static byte[] convert(PatchNetwork network, Precision precision) {
        return new OnnxPatch(network).model(precision).toByteArray();
    }

    private ModelProto model(Precision precision) {
        longs("from.0", 0);
        longs("from.statics", PatchFeatures.SEQUENCE);
        longs("to.statics", PatchFeatures.WIDTH);
        longs("axis.0", 0);
        longs("axis.1", 1);
        longs("patched", -1, PatchFeatures.PATCHES, PatchFeatures.PATCH_WIDTH);
        floats("zero", new float[] {0});
        node("IsNaN", "missing", "features");
        node("Where", "filled", "missing", "zero", "features");
        node("Cast", "mask", "missing").addAttribute(number("to", FLOAT));
        for (String part : List.of("filled", "mask")) {
            node("Slice", part + ".patches", part, "from.0", "from.statics", "axis.1");
            node("Reshape", part + ".patched", part + ".patches", "patched");
            node("Slice", part + ".statics", part, "from.statics", "to.statics", "axis.1");
        }
        node("Concat", "patches", "filled.patched", "mask.patched").addAttribute(number("axis", 2));
        node("Transpose", "steps", "patches").addAttribute(numbers("perm", 1, 0, 2));
        recurrent(precision);
        node("Squeeze", "state", "states", "axis.0");
        node("Concat", "joined", "state", "filled.statics", "mask.statics")
                .addAttribute(number("axis", 1));
        int joined = PatchNetwork.joined(hidden);
        floats("hidden.weight", of(Weight.HIDDEN), hidden, joined);
        floats("hidden.bias", of(Weight.HIDDEN_BIAS), hidden);
        floats("out.weight", of(Weight.OUT), outputs, hidden);
        floats("out.bias", of(Weight.OUT_BIAS), outputs);
        floats("linear.weight", of(Weight.LINEAR), outputs, joined);
        node("Gemm", "between", "joined", "hidden.weight", "hidden.bias")
                .addAttribute(number("transB", 1));
        node("Relu", "positive", "between");
        node("Gemm", "curved", "positive", "out.weight", "out.bias")
                .addAttribute(number("transB", 1));
        node("Gemm", "quantiles", "joined", "linear.weight", "curved")
                .addAttribute(number("transB", 1));
        graph.addInput(matrix("features", PatchFeatures.WIDTH))
                .addOutput(matrix("quantiles", outputs));
        return ModelProto.newBuilder()
                .setIrVersion(IR_VERSION)
                .setProducerName("novacron-training")
                .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(19))
                .addOpsetImport(
                        OperatorSetIdProto.newBuilder().setDomain("com.microsoft").setVersion(1))
                .setGraph(graph)
                .build();
    }

    private void recurrent(Precision precision) {
        int columns = 2 * PatchFeatures.PATCH_WIDTH;
        float[] input = gates(of(Weight.INPUT), columns);
        float[] state = gates(of(Weight.STATE), hidden);
        float[] bias = new float[8 * hidden];
        System.arraycopy(gates(of(Weight.INPUT_BIAS), 1), 0, bias, 0, 4 * hidden);
        System.arraycopy(gates(of(Weight.STATE_BIAS), 1), 0, bias, 4 * hidden, 4 * hidden);
        floats("bias", bias, 1, 8 * hidden);
        if (precision == Precision.FLOAT) {
            floats("input", input, 1, 4 * hidden, columns);
            floats("state.weight", state, 1, 4 * hidden, hidden);
            add(
                    NodeProto.newBuilder()
                            .setOpType("LSTM")
                            .addAllInput(List.of("steps", "input", "state.weight", "bias")));
        } else {
            bytes("input", input, columns);
            bytes("state.weight", state, hidden);
            add(
                    NodeProto.newBuilder()
                            .setOpType("DynamicQuantizeLSTM")
                            .setDomain("com.microsoft")
                            .addAllInput(
                                    List.of(
                                            "steps",
                                            "input",
                                            "state.weight",
                                            "bias",
                                            "",
                                            "",
                                            "",
                                            "",
                                            "input.scale",
                                            "input.zero",
                                            "state.weight.scale",
                                            "state.weight.zero")));
        }
    }

    private void add(NodeProto.Builder lstm) {
        graph.addNode(
                lstm.addAllOutput(List.of("", "states"))
                        .addAttribute(number("hidden_size", hidden)));
    }

    private float[] of(Weight weight) {
        return weights[weight.ordinal()];
    }

    /// Blocks of `hidden` rows of `columns`, in ONNX's order of gates.
    private float[] gates(float[] from, int columns) {
        float[] to = new float[from.length];
        int block = hidden * columns;
        for (int gate = 0; gate < GATES.length; gate++) {
            System.arraycopy(from, GATES[gate] * block, to, gate * block, block);
        }
        return to;
    }

    /// Bytes of `[gate, column]` weights as `[1, column, gate]`, with a scale for each gate's row.
    private void bytes(String name, float[] values, int columns) {
        int rows = values.length / columns;
        float[] scales = new float[rows];
        byte[] transposed = new byte[values.length];
        for (int row = 0; row < rows; row++) {
            float most = 1e-9f;
            for (int column = 0; column < columns; column++) {
                most = Math.max(most, Math.abs(values[row * columns + column]));
            }
            scales[row] = most / Byte.MAX_VALUE;
            for (int column = 0; column < columns; column++) {
                transposed[column * rows + row] =
                        (byte) Math.round(values[row * columns + column] / scales[row]);
            }
        }
        tensor(name, INT8, ByteString.copyFrom(transposed), 1, columns, rows);
        floats(name + ".scale", scales, 1, rows);
        tensor(name + ".zero", INT8, ByteString.copyFrom(new byte[rows]), 1, rows);
    }

    private NodeProto.Builder node(String type, String output, String... inputs) {
        return graph.addNodeBuilder()
                .setOpType(type)
                .addAllInput(List.of(inputs))
                .addOutput(output);
    }

    private void floats(String name, float[] values, long... shape) {
        ByteBuffer raw =
                ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        raw.asFloatBuffer().put(values);
        tensor(
                name,
                FLOAT,
                ByteString.copyFrom(raw),
                shape.length == 0 ? new long[] {values.length} : shape);
    }

    private void longs(String name, long... values) {
        ByteBuffer raw =
                ByteBuffer.allocate(values.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        raw.asLongBuffer().put(values);
        tensor(name, INT64, ByteString.copyFrom(raw), values.length);
    }

    private void tensor(String name, int type, ByteString raw, long... shape) {
        var tensor = TensorProto.newBuilder().setName(name).setDataType(type).setRawData(raw);
        for (long dimension : shape) {
            tensor.addDims(dimension);
        }
        graph.addInitializer(tensor);
    }

    private static AttributeProto number(String name, long value) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeType.INT)
                .setI(value)
                .build();
    }

    private static AttributeProto numbers(String name, long... values) {
        var attribute = AttributeProto.newBuilder().setName(name).setType(AttributeType.INTS);
        for (long value : values) {
            attribute.addInts(value);
        }
        return attribute.build();
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
}
