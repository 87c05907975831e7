package io.novacron.inference.serving;

import io.novacron.inference.Bounds;
import io.novacron.inference.FallbackReason;
import io.novacron.inference.Quantiles;
import io.novacron.inference.ensemble.Mixing;
import io.novacron.inference.ensemble.StackModel;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// What was said of one chunk of slots until the stacked model has answered all of its rows at
/// once: the rows, how far the model may be trusted, and what the members said.
///
/// One thread owns it.
final class ChunkRows {
    private static final int LEVELS = Quantiles.COUNT;

    private final ServingConfig config;
    private final int targets;
    private final float[] stacked = new float[LEVELS];
    private float[] rows = new float[0];
    private float[] bases = new float[0];
    private float[] scales = new float[0];
    private float[] answers = new float[0];
    private float[] shadowAnswers = new float[0];
    private float[] trust = new float[0];
    private int[] firstRow = new int[0];
    private int count;

    /// `said[(i × targets + target) × Layout.SAID + …]`, as it waits for the outcome.
    float[] said = new float[0];

    ChunkRows(ServingConfig config) {
        this.config = config;
        this.targets = config.targets().size();
    }

    /// A chunk of so many slots begins.
    void begin(int slots, boolean withRows) {
        count = 0;
        if (firstRow.length < slots) {
            said = new float[slots * targets * Layout.SAID];
            trust = new float[slots * targets];
            firstRow = new int[slots];
        }
        if (withRows && bases.length < slots * targets) {
            rows = new float[slots * targets * RowWriter.WIDTH];
            bases = new float[slots * targets];
            scales = new float[slots * targets];
            answers = new float[slots * targets * StackModel.LEVELS.length];
            shadowAnswers = new float[answers.length];
        }
    }

    /// Slot `i` of the chunk comes.
    void slot(int i) {
        firstRow[i] = count;
    }

    void trust(int i, int target, float newTrust) {
        trust[i * targets + target] = newTrust;
    }

    /// Where what was said of a target lies in [#said].
    int saidAt(int i, int target) {
        return (i * targets + target) * Layout.SAID;
    }

    /// Adds the row that `writer` wrote to `row`.
    void add(float[] row, RowWriter writer) {
        System.arraycopy(row, 0, rows, count * RowWriter.WIDTH, RowWriter.WIDTH);
        bases[count] = writer.base();
        scales[count++] = writer.scale();
    }

    /// Runs the model in service and the one in the shadow over all rows.
    void run(@Nullable StackedModel model, @Nullable StackedModel shadow) {
        if (model != null) {
            model.run(rows, count, answers);
        }
        if (shadow != null) {
            shadow.run(rows, count, shadowAnswers);
        }
    }

    /// Adds the model's part to the answer about slot `i` at `out[at]`.
    ///
    /// @return why it has none, or [FallbackReason#NONE]
    FallbackReason addStacked(StackedModel model, int i, int target, float[] out, int at) {
        FallbackReason why = model.reason();
        if (why == FallbackReason.NONE) {
            spread(answers, firstRow[i] + target);
            MemberBank.tell(stacked, 0, said, saidAt(i, target) + Layout.STACKED * 3);
            Mixing.addStacked(stacked, 0, trust[i * targets + target], out, at);
        }
        return why;
    }

    /// Notes what the model in the shadow says about slot `i`, to be judged.
    void noteShadow(StackedModel shadow, int i, int target) {
        if (shadow.reason() == FallbackReason.NONE) {
            spread(shadowAnswers, firstRow[i] + target);
            MemberBank.tell(stacked, 0, said, saidAt(i, target) + Layout.SHADOW);
        }
    }

    /// Nine quantiles of one answer, to `stacked`.
    private void spread(float[] from, int row) {
        StackModel.spread(from, row * StackModel.LEVELS.length, bases[row], scales[row], stacked);
        Bounds bounds = config.bounds();
        for (int level = 0; level < LEVELS; level++) {
            stacked[level] = bounds.clip(stacked[level]);
        }
    }

    /// Nothing was said by a stacked model, nor by one in the shadow.
    static void clearStacked(float[] said, int at) {
        Arrays.fill(said, at + Layout.STACKED * 3, at + Layout.OWN, Float.NaN);
        Arrays.fill(said, at + Layout.SHADOW, at + Layout.SAID, Float.NaN);
    }
}
