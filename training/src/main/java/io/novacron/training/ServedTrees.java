package io.novacron.training;

import io.novacron.inference.ensemble.StackModel;
import io.novacron.inference.serving.RowModel;
import io.novacron.inference.serving.RowWriter;
import org.jspecify.annotations.Nullable;

/// Trees stacked on the ensemble that the daemon serves, made as `novacron train` makes them, but
/// of one metric, in memory and without its gates on accuracy: for measuring.
public final class ServedTrees implements AutoCloseable {
    private final RowModel model;
    private final int rows;

    private ServedTrees(RowModel model, int rows) {
        this.model = model;
        this.rows = rows;
    }

    /// Trains on all of `trace`, of which no row's target lies outside; null when it gives too few
    /// rows to be worth anything.
    ///
    /// @param wanted rows
    public static @Nullable ServedTrees train(Trace trace, int wanted, long seed)
            throws TrainingException {
        var defaults = TrainingOptions.DEFAULT;
        var options =
                new TrainingOptions(
                        seed, wanted, defaults.rounds(), defaults.depth(), defaults.learningRate());
        var rows = new StackRun.RowStore(seed);
        StackRun.collect(trace, trace.steps(), StackRun.stride(trace.size()), wanted, rows);
        if (rows.count() < StackRun.MIN_ROWS) {
            return null;
        }
        rows.drop();
        try (QuantileTrees trees =
                QuantileTrees.train(
                        rows.features(),
                        RowWriter.WIDTH,
                        rows.labels(),
                        rows.weights(),
                        StackRun.stacked(options))) {
            byte[] onnx =
                    OnnxTrees.convert(trees.toJson(), RowWriter.WIDTH, StackModel.LEVELS.length);
            return new ServedTrees(StackRun.open(onnx), rows.count());
        }
    }

    /// Rows it was trained on.
    public int rows() {
        return rows;
    }

    public RowModel model() {
        return model;
    }

    @Override
    public void close() {
        model.close();
    }
}
