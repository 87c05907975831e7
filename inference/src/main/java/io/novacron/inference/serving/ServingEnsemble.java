package io.novacron.inference.serving;

import io.novacron.inference.FallbackReason;
import io.novacron.inference.Quantiles;
import io.novacron.inference.member.kernel.AnalogKernels;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The ensemble of all series of one metric, by slot.
///
/// The caller hands over the newest week of a chunk of slots; what is kept of a series is what was
/// learned ([SeriesRecord]) and a few forecasts that wait for their targets ([SlotBlock]). The
/// arithmetic of weights, the stacked model's part and widths is
/// [io.novacron.inference.ensemble.Mixing], as in the ensemble that is evaluated.
///
/// ```text
///  columns ─► MemberBank ─► Mixture ─► ChunkRows (stacked model) ─► answers
///                              ▲                    │ what was said
///            GroupPool, WidthPool ◄── Feedback ◄── SlotBlock
/// ```
///
/// ## Coming back
///
/// A slot that is new here, or all of them after a restart, learns from its own column: forecasts
/// are made as of some steps of the last two days and judged at once ([Feedback#warm]), as many
/// slots in a round as the caller allows. The result depends on the columns and the order of calls
/// alone.
///
/// One thread owns it.
public final class ServingEnsemble {
    /// Groups of similar entities.
    public static final int GROUPS = 32;

    private static final int LEVELS = Quantiles.COUNT;
    private static final int MIN_VALID = 12;
    private static final int MAX_GAP = 24;
    private static final int MIN_WARM = 48;
    private static final int FAR_EVERY = 3;

    private final ServingConfig config;
    private final Layout layout;
    private final int targets;
    private final SlotTable slots;
    private final MemberBank bank;
    private final Column column;
    private final GroupPool pool;
    private final WidthPool widths;
    private final LiveAccuracy accuracy;
    private final SeriesRecord series;
    private final Mixture mixture;
    private final Feedback feedback;
    private final ChunkRows chunk;
    private final RowWriter writer = new RowWriter();
    private final float[] row = new float[RowWriter.WIDTH];
    private final float[] relative = new float[MemberBank.COUNT];
    private float[] columns = new float[0];
    private int nearStride = Layout.NEAR_STRIDE; // steps between forecasts that are kept
    private int farStride = Layout.FAR_STRIDE;
    private int farEvery = FAR_EVERY;
    private long forecasts;
    private long forgotten;
    private long warmed;
    private @Nullable RowListener listener;

    /// Told of each row of features when a model is to be trained.
    @FunctionalInterface
    public interface RowListener {
        /// One row is ready.
        ///
        /// @param row valid during the call only
        void onRow(int slot, int step, int target, float[] row, float base, float scale);
    }

    public ServingEnsemble(ServingConfig config, MemoryBudget budget) {
        this.config = config;
        this.targets = config.targets().size();
        this.layout = new Layout(targets, config.nearTargets());
        this.slots = new SlotTable(layout, budget);
        this.bank = new MemberBank(config, AnalogKernels.best());
        this.column = new Column(config.bounds(), config.window());
        this.pool = new GroupPool(GROUPS);
        this.widths = new WidthPool(targets, config.targets().getLast());
        this.accuracy = new LiveAccuracy(targets);
        this.series = new SeriesRecord(config, layout);
        this.mixture = new Mixture(config, bank, pool, widths);
        this.feedback = new Feedback(config, layout, bank, mixture, widths, accuracy);
        this.chunk = new ChunkRows(config);
    }

    /// Hears of every row from now on, or no more when null; for training and measuring.
    public void listen(@Nullable RowListener newListener) {
        listener = newListener;
    }

    /// Only every `stride`-th step will be served from now on: every forecast is kept until its
    /// outcome, and the far targets are asked each time. Otherwise only what is due both ways would
    /// be learned from, next to nothing.
    public void leaveOutSteps(int stride) {
        if (stride > 1) {
            nearStride = stride;
            farStride = stride;
            farEvery = 1;
            feedback.strides(stride, stride);
        }
    }

    /// Forecasts slots `[firstSlot, firstSlot + count)` as of `step`.
    ///
    /// @param step number of the newest step, growing by one for each step of time
    /// @param cells `cells[s × count + i]`, [ServingConfig#window] steps, oldest first
    /// @param groups for each slot a number below [#GROUPS] of entities like it, -1 for no entity
    /// @param warmLimit how many new slots may learn from their columns in this call
    /// @param model stacked on the members, or null
    /// @return how many did
    public int serve(
            int step,
            float[] cells,
            int firstSlot,
            int count,
            int[] groups,
            int warmLimit,
            @Nullable StackedModel model,
            ServingAnswers out) {
        return serve(step, cells, firstSlot, count, groups, warmLimit, model, null, out);
    }

    /// The same with a second model in the shadow: its answers are judged ([AccuracyRow#SHADOW])
    /// and not used.
    public int serve(
            int step,
            float[] cells,
            int firstSlot,
            int count,
            int[] groups,
            int warmLimit,
            @Nullable StackedModel model,
            @Nullable StackedModel shadow,
            ServingAnswers out) {
        out.reset(count);
        chunk.begin(count, model != null || shadow != null);
        widths.begin(step);
        gather(cells, count);
        int warmedNow = 0;
        for (int i = 0; i < count; i++) {
            int slot = firstSlot + i;
            if (groups[i] < 0) {
                forget(slot);
                continue;
            }
            column.load(columns, i * config.window());
            out.sizes[i] = column.size;
            FallbackReason refusal = refusal();
            SlotBlock block = refusal == FallbackReason.NONE ? slots.open(slot) : null;
            if (block == null) {
                out.reasons[i] =
                        (refusal == FallbackReason.NONE ? FallbackReason.OVER_MEMORY : refusal)
                                .code();
                continue;
            }
            int group = Math.floorMod(groups[i], GROUPS);
            boolean isNew = slots.use(block, slot);
            series.wrap(block, slot);
            feedback.learnWaiting(block, slot, column, series, group, step);
            if (isWarmedNow(block, slot, warmLimit - warmedNow)) {
                feedback.warm(column, series, group);
                warmedNow++;
            }
            boolean far = layout.far() > 0 && (isNew || isDue(step + slot, farEvery, 1));
            answer(step, slot, i, group, far, model != null || shadow != null, out);
        }
        chunk.run(model, shadow);
        for (int i = 0; i < count; i++) {
            if (out.isAnswered(i)) {
                finish(step, firstSlot + i, i, model, shadow, out);
            }
        }
        warmed += warmedNow;
        return warmedNow;
    }

    /// All slots have been served once more: what they told now counts for all of them.
    public void endRound() {
        pool.endRound();
        widths.endRound();
        accuracy.endRound();
    }

    private FallbackReason refusal() {
        if (column.valid == 0) {
            return FallbackReason.ALL_MISSING;
        }
        if (column.valid < MIN_VALID) {
            return FallbackReason.TOO_LITTLE_HISTORY;
        }
        return column.gap(0) > MAX_GAP ? FallbackReason.STALE : FallbackReason.NONE;
    }

    /// Turns time-major cells into one piece for each series, sixteen neighbours at a time: they
    /// share a cache line.
    private void gather(float[] cells, int count) {
        int window = config.window();
        if (columns.length < count * window) {
            columns = new float[count * window];
        }
        for (int from = 0; from < count; from += 16) {
            int to = Math.min(count, from + 16);
            for (int step = 0; step < window; step++) {
                int at = step * count;
                for (int i = from; i < to; i++) {
                    columns[i * window + step] = cells[at + i];
                }
            }
        }
    }

    /// Whether a series that is new here learns from its past now; one that has none never does.
    private boolean isWarmedNow(SlotBlock block, int slot, int limit) {
        int lane = slot & SlotBlock.SLOTS - 1;
        boolean hasPast = column.size >= MIN_WARM;
        if (block.warm[lane] || (hasPast && limit <= 0)) {
            return false;
        }
        block.warm[lane] = true;
        return hasPast;
    }

    private void answer(
            int step,
            int slot,
            int i,
            int group,
            boolean far,
            boolean withRows,
            ServingAnswers out) {
        bank.ask(column, 0, true, far);
        mixture.weigh(series, group);
        int to = far ? targets : layout.near();
        mixture.mix(0, to);
        if (withRows || listener != null) {
            writer.look(column, 0);
        }
        chunk.slot(i);
        for (int target = 0; target < to; target++) {
            bank.tell(target, chunk.said, chunk.saidAt(i, target));
            int at = (i * targets + target) * LEVELS;
            System.arraycopy(mixture.mixed, target * LEVELS, out.quantiles, at, LEVELS);
            if (withRows || listener != null) {
                write(target);
            }
            if (withRows) {
                chunk.trust(i, target, mixture.trust(target));
                chunk.add(row, writer);
            }
            if (listener != null) {
                listener.onRow(slot, step, target, row, writer.base(), writer.scale());
            }
        }
        out.far[i] = far;
        out.reasons[i] = FallbackReason.NONE.code();
        out.confidences[i] = confidence();
    }

    private void write(int target) {
        mixture.relative(target, relative, MemberBank.COUNT);
        writer.write(
                config,
                bank,
                column,
                0,
                target,
                mixture.mixed,
                target * LEVELS,
                relative,
                mixture.leastLoss(target),
                row,
                0);
    }

    private float confidence() {
        int lately = Math.min(config.stepsPerDay(), column.size);
        int valid = 0;
        for (int lag = 0; lag < lately; lag++) {
            valid += Float.isNaN(column.values[lag]) ? 0 : 1;
        }
        return series.hitShare() * valid / lately;
    }

    /// The stacked model's part, the width, and what is kept until the targets have come.
    private void finish(
            int step,
            int slot,
            int i,
            @Nullable StackedModel model,
            @Nullable StackedModel shadow,
            ServingAnswers out) {
        SlotBlock block = slots.find(slot);
        if (block == null) {
            return;
        }
        series.wrap(block, slot);
        int to = out.far[i] ? targets : layout.near();
        for (int target = 0; target < to; target++) {
            int at = (i * targets + target) * LEVELS;
            // first, so that a flat interval stays
            mixture.stretch(series, target, out.quantiles, at);
            if (model != null) {
                out.stackReasons[i] = chunk.addStacked(model, i, target, out.quantiles, at).code();
            }
            if (shadow != null) {
                chunk.noteShadow(shadow, i, target);
            }
            MemberBank.tell(out.quantiles, at, chunk.said, chunk.saidAt(i, target) + Layout.OWN);
        }
        forecasts++;
        float base = out.quantiles[i * targets * LEVELS + Quantiles.MEDIAN];
        if (layout.near() > 0 && isDue(step + slot, nearStride, 1)) {
            keep(block, slot, 0, layout.nearEntries(), step, base, chunk.saidAt(i, 0));
        }
        if (out.far[i] && isDue(step + slot, farStride, farEvery)) {
            int firstFar = chunk.saidAt(i, layout.near());
            keep(block, slot, layout.nearEntries(), layout.entries(), step, base, firstFar);
        }
    }

    /// Whether it is one of the first `within` of every `stride` steps; always when steps are left
    /// out.
    private boolean isDue(int step, int stride, int within) {
        return farEvery == 1 || Math.floorMod(step, stride) < within;
    }

    private void keep(SlotBlock block, int slot, int from, int to, int step, float base, int said) {
        int lane = slot & SlotBlock.SLOTS - 1;
        int entry = block.free(lane, from, to);
        if (entry < 0) {
            forgotten++;
        } else {
            block.keep(lane, entry, step, base, chunk.said, said);
        }
    }

    /// The slot has another entity, or none any more.
    public void forget(int slot) {
        slots.forget(slot);
    }

    // ---- what is known about it -------------------------------------------------------------

    /// Live accuracy of one series at one target, by the ensemble; null before there is any.
    public @Nullable AccuracyRow accuracyOf(int slot, int target) {
        SlotBlock block = slots.find(slot);
        return block == null ? null : series.wrap(block, slot).accuracy(target);
    }

    /// Packs the live accuracy of one series at all targets, see [SeriesAccuracy]; does nothing for
    /// a slot that is not served.
    public void packAccuracy(int slot, short[] out, int at) {
        SlotBlock block = slots.find(slot);
        if (block != null) {
            series.wrap(block, slot).pack(out, at);
        }
    }

    /// Live accuracy over all series, by target and model; those without outcomes are left out.
    public List<AccuracyRow> accuracy() {
        List<AccuracyRow> all = new ArrayList<>();
        for (int target = 0; target < targets; target++) {
            for (int model = 0; model < LiveAccuracy.MODELS; model++) {
                AccuracyRow one = accuracy.row(target, config.targets().get(target), model);
                if (one.outcomes() > 0) {
                    all.add(one);
                }
            }
        }
        return all;
    }

    public ServingCounters counters() {
        return new ServingCounters(
                slots.series(),
                slots.bytes(),
                slots.waitingBytes(),
                slots.waiting(),
                forecasts,
                feedback.outcomes(),
                feedback.expired(),
                forgotten,
                feedback.drifts(),
                warmed);
    }
}
