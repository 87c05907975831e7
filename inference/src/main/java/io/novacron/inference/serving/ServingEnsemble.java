package io.novacron.inference.serving;

import io.novacron.inference.Bounds;
import io.novacron.inference.FallbackReason;
import io.novacron.inference.Quantiles;
import io.novacron.inference.ensemble.StackModel;
import io.novacron.inference.member.kernel.AnalogKernels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The ensemble of all series of one metric, by slot.
///
/// The caller hands over the newest week of a chunk of slots; what is kept of a series is what was
/// learned and a few forecasts that wait for their targets. Weights, the stacked model's part and
/// widths are those of [io.novacron.inference.ensemble.SeriesEnsemble].
///
/// ## Coming back
///
/// A slot that is new here, or all of them after a restart, learns from its own column: forecasts
/// are made as of some steps of the last day and judged at once ([#WARM_NEAR], [#WARM_FAR]), as
/// many slots in a round as the caller allows. The result depends on the columns and the order of
/// calls alone.
///
/// One thread owns it.
public final class ServingEnsemble {
    /// Groups of similar entities.
    public static final int GROUPS = 32;

    /// Origins that a new slot is judged from.
    static final int WARM_NEAR = 16;

    static final int WARM_FAR = 4;

    private static final int LEVELS = Quantiles.COUNT;
    private static final int MIN_VALID = 12;
    private static final int MAX_GAP = 24;
    private static final int MIN_WARM = 48;
    private static final int FAR_EVERY = 3;
    private static final int WARM_SPACING = 35;
    private static final float SHARPNESS = 8;
    private static final float PRIOR_STEPS = 100;
    private static final float MEMORY_STEPS = 4_000;
    private static final float OWN_RATE = .02f;
    private static final float MAX_LOG_WIDTH = 1.1f;
    private static final float LOSS_FLOOR = .001f;
    private static final float MAX_RELATIVE = 20;
    private static final float STACK_EXCESS = .5f;
    private static final float[] STACK_SHARE = {0, .25f, .5f, .75f, 1, .75f, .5f, .25f, 0};
    private static final float DRIFT_RATIO = 5;
    private static final float DRIFT_KEEPS = .1f;
    private static final int DRIFT_MIN_OUTCOMES = 24;
    private static final float ACCURACY_KEEP = 1 - 1 / 200f;

    private final ServingConfig config;
    private final MemoryBudget budget;
    private final Layout layout;
    private final long blockBytes;
    private final int[] targets;
    private final int[] bands;
    private final int[] bandTargets = new int[ServingConfig.BANDS];
    private final MemberBank bank;
    private final Column column;
    private final GroupPool pool;
    private final LiveAccuracy accuracy;
    private final RowWriter writer = new RowWriter();
    private final ArrayList<@Nullable SlotBlock> blocks = new ArrayList<>();

    private final float[] weights = new float[ServingConfig.BANDS * Layout.SPEAKERS];
    private final float[] relative = new float[ServingConfig.BANDS * Layout.SPEAKERS];
    private final float[] excess = new float[ServingConfig.BANDS];
    private final float[] leastLoss = new float[ServingConfig.BANDS];
    private final float[] mixed;
    private final float[] stacked = new float[LEVELS];
    private final float[] said = new float[Layout.SAID];
    private final float[] sortedValues = new float[MemberBank.COUNT];
    private final float[] sortedWeights = new float[MemberBank.COUNT];
    private final float[] row = new float[RowWriter.WIDTH];
    private float[] columns = new float[0];
    private float[] rows = new float[0];
    private float[] rowBases = new float[0];
    private float[] rowScales = new float[0];
    private float[] rowAnswers = new float[0];
    private float[] chunkSaid = new float[0];
    private float[] chunkTrust = new float[0];
    private int[] rowOf = new int[0];

    private long series;
    private long forecasts;
    private long outcomes;
    private long expired;
    private long forgotten;
    private long drifts;
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
        this.budget = budget;
        this.targets = config.targets().stream().mapToInt(Integer::intValue).toArray();
        this.layout = new Layout(targets.length, config.nearTargets());
        this.blockBytes = SlotBlock.bytes(layout);
        this.bands = Arrays.stream(targets).map(ServingConfig::band).toArray();
        for (int band : bands) {
            bandTargets[band]++;
        }
        this.bank = new MemberBank(config, AnalogKernels.best());
        this.column = new Column(config.bounds(), config.window());
        this.pool = new GroupPool(GROUPS, targets);
        this.accuracy = new LiveAccuracy(targets.length);
        this.mixed = new float[targets.length * LEVELS];
    }

    /// Hears of every row from now on; for training.
    public void listen(RowListener newListener) {
        listener = newListener;
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
        out.reset(count);
        ensure(count, model != null);
        gather(cells, count);
        int rowCount = 0;
        int warmedNow = 0;
        for (int i = 0; i < count; i++) {
            int slot = firstSlot + i;
            rowOf[i] = -1;
            if (groups[i] < 0) {
                forget(slot);
                continue;
            }
            column.load(columns, i * config.window());
            out.sizes[i] = column.size;
            FallbackReason refusal = refusal();
            SlotBlock block = refusal == FallbackReason.NONE ? block(slot) : null;
            if (block == null) {
                out.reasons[i] =
                        (refusal == FallbackReason.NONE ? FallbackReason.OVER_MEMORY : refusal)
                                .code();
                continue;
            }
            int lane = slot & SlotBlock.SLOTS - 1;
            int group = Math.floorMod(groups[i], GROUPS);
            boolean first = !block.used[lane];
            if (first) {
                block.used[lane] = true;
                series++;
            }
            learnWaiting(block, lane, group, step);
            if (!block.warm[lane] && (column.size < MIN_WARM || warmedNow < warmLimit)) {
                if (column.size >= MIN_WARM) {
                    warm(block, lane, group);
                    warmedNow++;
                    warmed++;
                }
                block.warm[lane] = true;
            }
            boolean far = layout.far() > 0 && (first || (step + slot) % FAR_EVERY == 0);
            bank.ask(column, 0, true, far);
            weigh(block, lane, group);
            int to = far ? targets.length : layout.near();
            mix(0, to);
            if (model != null || listener != null) {
                writer.look(column, 0);
            }
            rowOf[i] = rowCount;
            for (int target = 0; target < to; target++) {
                note(i, target);
                System.arraycopy(
                        mixed,
                        target * LEVELS,
                        out.quantiles,
                        (i * targets.length + target) * LEVELS,
                        LEVELS);
                if (model != null) {
                    rowCount = addRow(target, rowCount);
                }
                if (listener != null) {
                    tellListener(slot, step, target);
                }
            }
            chunkTrust(i);
            out.far[i] = far;
            out.reasons[i] = FallbackReason.NONE.code();
            out.confidences[i] = confidence(block, lane);
        }
        if (model != null) {
            model.run(rows, rowCount, rowAnswers);
        }
        for (int i = 0; i < count; i++) {
            if (out.isAnswered(i)) {
                finish(step, firstSlot + i, i, model, out);
            }
        }
        return warmedNow;
    }

    /// All slots have been served once more: what they told now counts for all of them.
    public void endRound() {
        pool.endRound();
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

    private void ensure(int count, boolean withRows) {
        if (rowOf.length < count) {
            columns = new float[count * config.window()];
            chunkSaid = new float[count * targets.length * Layout.SAID];
            chunkTrust = new float[count * ServingConfig.BANDS];
            rowOf = new int[count];
        }
        if (withRows && rowBases.length < count * targets.length) {
            int most = count * targets.length;
            rows = new float[most * RowWriter.WIDTH];
            rowBases = new float[most];
            rowScales = new float[most];
            rowAnswers = new float[most * StackModel.LEVELS.length];
        }
    }

    /// Turns time-major cells into one piece for each series, sixteen neighbours at a time: they
    /// share a cache line.
    private void gather(float[] cells, int count) {
        int window = config.window();
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

    private @Nullable SlotBlock block(int slot) {
        int index = slot >> SlotBlock.SHIFT;
        while (blocks.size() <= index) {
            blocks.add(null);
        }
        SlotBlock block = blocks.get(index);
        if (block == null && budget.take(blockBytes)) {
            block = new SlotBlock(layout, budget.memory(SlotBlock.waitingBytes(layout)));
            blocks.set(index, block);
        }
        return block;
    }

    /// The slot has another entity, or none any more.
    public void forget(int slot) {
        int index = slot >> SlotBlock.SHIFT;
        SlotBlock block = index < blocks.size() ? blocks.get(index) : null;
        int lane = slot & SlotBlock.SLOTS - 1;
        if (block != null && block.used[lane]) {
            block.clear(lane);
            series--;
            for (boolean used : block.used) {
                if (used) {
                    return;
                }
            }
            blocks.set(index, null);
            budget.giveBack(blockBytes, block.waiting);
        }
    }

    // ---- learning ---------------------------------------------------------------------------

    private void learnWaiting(SlotBlock block, int lane, int group, int step) {
        boolean told = false;
        for (int entry = 0; entry < layout.entries(); entry++) {
            int at = lane * layout.entries() + entry;
            int origin = block.origins[at];
            if (origin == SlotBlock.NO_ORIGIN) {
                continue;
            }
            int firstTarget = layout.firstTarget(entry);
            int count = layout.isNear(entry) ? layout.near() : layout.far();
            int all = (1 << count) - 1;
            for (int t = 0; t < count; t++) {
                int target = firstTarget + t;
                int lag = step - origin - targets[target];
                if ((block.judged[at] >> t & 1) == 1 || (lag < 0 && step >= origin)) {
                    continue;
                }
                block.judged[at] |= (short) (1 << t);
                float outcome = lag >= 0 && lag < column.size ? column.values[lag] : Float.NaN;
                if (Float.isNaN(outcome)) {
                    expired++; // a gap, or time jumped
                    continue;
                }
                block.read(lane, entry, t, said);
                int stride = layout.isNear(entry) ? Layout.NEAR_STRIDE : Layout.FAR_STRIDE;
                learn(block, lane, target, stride, outcome, true);
                told = true;
            }
            if (block.judged[at] == all) {
                block.origins[at] = SlotBlock.NO_ORIGIN;
            }
        }
        if (told) {
            tellPool(block, lane, group);
        }
    }

    /// Takes in one outcome; `said` holds what was forecast.
    private void learn(
            SlotBlock block, int lane, int target, int stride, float outcome, boolean live) {
        float[] learned = block.learned;
        int base = lane * layout.learned();
        int band = bands[target];
        float share = stride / (float) bandTargets[band];
        float known = learned[base + Layout.BAND_OUTCOMES + band] + share;
        learned[base + Layout.BAND_OUTCOMES + band] = Math.min(known, MEMORY_STEPS);
        float rate = Math.max(share / known, share / MEMORY_STEPS);
        float naive = Float.NaN;
        for (int speaker = 0; speaker < Layout.SPEAKERS; speaker++) {
            float loss = loss(speaker * 3, outcome);
            if (Float.isNaN(loss)) {
                continue;
            }
            naive = speaker == MemberBank.LAST_VALUE ? loss : naive;
            int at = base + Layout.LOSSES + band * Layout.SPEAKERS + speaker;
            // shifted by one so that 0 means unknown; a loss is never negative
            learned[at] =
                    learned[at] == 0 ? loss + 1e-30f : learned[at] + rate * (loss - learned[at]);
            if (live) {
                accuracy.add(
                        target,
                        speaker,
                        said[speaker * 3],
                        said[speaker * 3 + 1],
                        said[speaker * 3 + 2],
                        outcome,
                        loss);
            }
        }
        judge(block, lane, target, outcome, naive, live);
    }

    private void judge(
            SlotBlock block, int lane, int target, float outcome, float naive, boolean live) {
        float low = said[Layout.OWN];
        float middle = said[Layout.OWN + 1];
        float high = said[Layout.OWN + 2];
        float loss = loss(Layout.OWN, outcome);
        if (Float.isNaN(loss)) {
            return;
        }
        outcomes++;
        float[] learned = block.learned;
        int base = lane * layout.learned();
        // what waited was rounded: a hair outside is inside
        float hair = 1e-3f * (high - low) + 1e-6f * Math.abs(outcome);
        boolean below = outcome < low - hair;
        boolean above = outcome > high + hair;
        int widths = base + Layout.WIDTHS + 2 * target;
        learned[widths] = widened(learned[widths], below);
        learned[widths + 1] = widened(learned[widths + 1], above);
        int at = base + layout.accuracy(target);
        for (int i = 0; i < Layout.ACCURACY; i++) {
            learned[at + i] *= ACCURACY_KEEP;
        }
        learned[at + Layout.ERROR] += Math.abs(outcome - middle);
        learned[at + Layout.ACTUAL] += Math.abs(outcome);
        learned[at + Layout.COVERED] += below || above ? 0 : 1;
        learned[at + Layout.LOSS] += loss;
        learned[at + Layout.NAIVE_LOSS] += Float.isNaN(naive) ? 0 : naive;
        learned[at + Layout.HITS] += Math.abs(outcome - middle) <= tolerance(outcome) ? 1 : 0;
        learned[at + Layout.OUTCOMES]++;
        if (live) {
            pool.tellOutcome(target, below, above);
            accuracy.add(target, Layout.SPEAKERS, low - hair, middle, high + hair, outcome, loss);
        }
        if (target == 0) {
            watch(learned, base, loss);
        }
    }

    private static float widened(float width, boolean missed) {
        return Math.clamp(
                width + OWN_RATE * ((missed ? 1 : 0) - .1f), -MAX_LOG_WIDTH, MAX_LOG_WIDTH);
    }

    /// The tolerance of a hit, as for backtests: a tenth of the range, or a quarter of the value.
    private float tolerance(float actual) {
        Bounds bounds = config.bounds();
        float range = bounds.max() - bounds.min();
        return Float.isFinite(range)
                ? range / 10
                : Math.max(Math.abs(actual) / 4, config.unit() / 10);
    }

    /// When losses of late are several times what they used to be, most of the record is dropped.
    private void watch(float[] learned, int base, float loss) {
        float watched = ++learned[base + Layout.WATCHED];
        float fast = learned[base + Layout.FAST_LOSS];
        float slow = learned[base + Layout.SLOW_LOSS];
        fast += (loss - fast) * Math.max(.2f, 1 / watched);
        slow += (loss - slow) * Math.max(.01f, 1 / watched);
        if (watched >= DRIFT_MIN_OUTCOMES && fast > DRIFT_RATIO * slow + .1f * config.unit()) {
            drifts++;
            learned[base + Layout.WATCHED] = 1;
            slow = fast;
            for (int band = 0; band < ServingConfig.BANDS; band++) {
                learned[base + Layout.BAND_OUTCOMES + band] *= DRIFT_KEEPS;
            }
        }
        learned[base + Layout.FAST_LOSS] = fast;
        learned[base + Layout.SLOW_LOSS] = slow;
    }

    /// Mean pinball loss of the .1, .5 and .9 quantile at `said[at]`.
    private float loss(int at, float outcome) {
        return (Quantiles.pinball(.1f, said[at], outcome)
                        + Quantiles.pinball(.5f, said[at + 1], outcome)
                        + Quantiles.pinball(.9f, said[at + 2], outcome))
                / 3;
    }

    private void tellPool(SlotBlock block, int lane, int group) {
        for (int band = 0; band < ServingConfig.BANDS; band++) {
            float yardstick = yardstick(block, lane, band);
            for (int speaker = 0; yardstick > 0 && speaker < Layout.SPEAKERS; speaker++) {
                float loss = lossOf(block, lane, band, speaker);
                if (loss > 0) {
                    pool.tellLoss(group, band, speaker, Math.min(MAX_RELATIVE, loss / yardstick));
                }
            }
        }
    }

    private float lossOf(SlotBlock block, int lane, int band, int speaker) {
        return block.learned[
                lane * layout.learned() + Layout.LOSSES + band * Layout.SPEAKERS + speaker];
    }

    /// The yardstick that makes losses relative. Near: the least of the speakers that are known,
    /// for their mean would follow the worst and make all good ones look alike beside the pool's.
    /// Far: their mean, for the least of a few outcomes is luck.
    private float yardstick(SlotBlock block, int lane, int band) {
        float least = Float.POSITIVE_INFINITY;
        float sum = 0;
        int count = 0;
        for (int speaker = 0; speaker < Layout.SPEAKERS; speaker++) {
            float loss = lossOf(block, lane, band, speaker);
            if (loss > 0) {
                least = Math.min(least, loss);
                sum += loss;
                count++;
            }
        }
        if (count == 0) {
            return 0;
        }
        float chosen = band == ServingConfig.BANDS - 1 ? sum / count : least;
        return Math.max(chosen, LOSS_FLOOR * config.unit());
    }

    /// Forecasts as of steps of the last day, oldest first, and judges them at once.
    private void warm(SlotBlock block, int lane, int group) {
        for (int k = WARM_FAR - 1; layout.far() > 0 && k >= 0; k--) {
            replay(block, lane, group, targets[targets.length - 1] + k * Layout.FAR_STRIDE, false);
        }
        for (int k = WARM_NEAR - 1; k >= 0; k--) {
            replay(block, lane, group, ServingConfig.NEAR_REACH + k * WARM_SPACING, true);
        }
        tellPool(block, lane, group);
    }

    private void replay(SlotBlock block, int lane, int group, int back, boolean near) {
        if (column.size - back < MIN_VALID || column.gap(back) > MAX_GAP) {
            return;
        }
        bank.ask(column, back, near, !near);
        weigh(block, lane, group);
        int from = near ? 0 : layout.near();
        int to = near ? layout.near() : targets.length;
        mix(from, to);
        int stride = near ? WARM_SPACING : Layout.FAR_STRIDE;
        for (int target = from; target < to; target++) {
            float outcome = column.values[back - targets[target]];
            if (!Float.isNaN(outcome)) {
                for (int speaker = 0; speaker < MemberBank.COUNT; speaker++) {
                    tell(said, speaker * 3, bank.quantiles, offset(speaker, target));
                }
                Arrays.fill(said, Layout.STACKED * 3, Layout.OWN, Float.NaN);
                stretch(block, lane, target, mixed, target * LEVELS);
                tell(said, Layout.OWN, mixed, target * LEVELS);
                learn(block, lane, target, stride, outcome, false);
            }
        }
    }

    private static void tell(float[] to, int at, float[] from, int offset) {
        to[at] = from[offset + Quantiles.LOW];
        to[at + 1] = from[offset + Quantiles.MEDIAN];
        to[at + 2] = from[offset + Quantiles.HIGH];
    }

    private int offset(int member, int target) {
        return (member * targets.length + target) * LEVELS;
    }

    // ---- mixing -----------------------------------------------------------------------------

    private void weigh(SlotBlock block, int lane, int group) {
        for (int band = 0; band < ServingConfig.BANDS; band++) {
            if (bandTargets[band] == 0) {
                continue;
            }
            float yardstick = yardstick(block, lane, band);
            float floor = yardstick > 0 ? LOSS_FLOOR * config.unit() / yardstick : 0;
            float steps = block.learned[lane * layout.learned() + Layout.BAND_OUTCOMES + band];
            float least = Float.POSITIVE_INFINITY;
            float smallest = Float.NaN;
            int from = band * Layout.SPEAKERS;
            for (int speaker = 0; speaker < Layout.SPEAKERS; speaker++) {
                float loss = lossOf(block, lane, band, speaker);
                float known = yardstick > 0 && loss > 0 ? steps : 0;
                float own = known > 0 ? known * Math.min(MAX_RELATIVE, loss / yardstick) : 0;
                float one =
                        (own + PRIOR_STEPS * pool.relativeLoss(group, band, speaker))
                                / (known + PRIOR_STEPS);
                relative[from + speaker] = one;
                if (speaker != Layout.STACKED) {
                    least = Math.min(least, one);
                    smallest = loss > 0 && !(smallest <= loss) ? loss : smallest;
                }
            }
            for (int speaker = 0; speaker < Layout.SPEAKERS; speaker++) {
                float over = (relative[from + speaker] - least) / (least + floor + 1e-6f);
                weights[from + speaker] = (float) Math.exp(-SHARPNESS * over) + 1e-12f;
            }
            excess[band] =
                    Math.max(0, relative[from + Layout.STACKED] - least) / (least + floor + 1e-6f);
            leastLoss[band] = smallest;
        }
    }

    /// The weighted median of the members at each level by itself keeps levels ascending.
    private void mix(int from, int to) {
        for (int target = from; target < to; target++) {
            int by = bands[target] * Layout.SPEAKERS;
            for (int level = 0; level < LEVELS; level++) {
                int count = 0;
                float total = 0;
                for (int member = 0; member < MemberBank.COUNT; member++) {
                    float value = bank.quantiles[offset(member, target) + level];
                    if (Float.isNaN(value)) {
                        continue;
                    }
                    float weight = weights[by + member];
                    int at = count++;
                    while (at > 0 && sortedValues[at - 1] > value) {
                        sortedValues[at] = sortedValues[at - 1];
                        sortedWeights[at] = sortedWeights[at - 1];
                        at--;
                    }
                    sortedValues[at] = value;
                    sortedWeights[at] = weight;
                    total += weight;
                }
                float sum = 0;
                int at = 0;
                while (at < count - 1 && sum + sortedWeights[at] < total / 2) {
                    sum += sortedWeights[at++];
                }
                mixed[target * LEVELS + level] = count == 0 ? Float.NaN : sortedValues[at];
            }
        }
    }

    /// Notes what the members said, for when the target has come.
    private void note(int i, int target) {
        int at = (i * targets.length + target) * Layout.SAID;
        for (int member = 0; member < MemberBank.COUNT; member++) {
            tell(chunkSaid, at + member * 3, bank.quantiles, offset(member, target));
        }
        Arrays.fill(chunkSaid, at + Layout.STACKED * 3, at + Layout.OWN, Float.NaN);
    }

    private void chunkTrust(int i) {
        for (int band = 0; band < ServingConfig.BANDS; band++) {
            float ratio = excess[band] / STACK_EXCESS;
            chunkTrust[i * ServingConfig.BANDS + band] = 1 / (1 + ratio * ratio);
        }
    }

    private int addRow(int target, int rowCount) {
        int band = bands[target];
        System.arraycopy(relative, band * Layout.SPEAKERS, row, 0, MemberBank.COUNT);
        writer.write(
                config,
                bank,
                column,
                0,
                target,
                mixed,
                target * LEVELS,
                row,
                leastLoss[band],
                rows,
                rowCount * RowWriter.WIDTH);
        rowBases[rowCount] = writer.base();
        rowScales[rowCount] = writer.scale();
        return rowCount + 1;
    }

    private void tellListener(int slot, int step, int target) {
        int band = bands[target];
        float[] losses =
                Arrays.copyOfRange(relative, band * Layout.SPEAKERS, (band + 1) * Layout.SPEAKERS);
        writer.write(
                config,
                bank,
                column,
                0,
                target,
                mixed,
                target * LEVELS,
                losses,
                leastLoss[band],
                row,
                0);
        if (listener != null) {
            listener.onRow(slot, step, target, row, writer.base(), writer.scale());
        }
    }

    /// The stacked model's part, the width, and what is kept until the targets have come.
    private void finish(
            int step, int slot, int i, @Nullable StackedModel model, ServingAnswers out) {
        SlotBlock block = blocks.get(slot >> SlotBlock.SHIFT);
        if (block == null) {
            return;
        }
        int lane = slot & SlotBlock.SLOTS - 1;
        int to = out.far[i] ? targets.length : layout.near();
        for (int target = 0; target < to; target++) {
            int at = (i * targets.length + target) * LEVELS;
            int saidAt = (i * targets.length + target) * Layout.SAID;
            stretch(block, lane, target, out.quantiles, at); // first, so that a flat interval stays
            if (model != null) {
                FallbackReason why = model.reason();
                if (why == FallbackReason.NONE) {
                    addStacked(rowOf[i] + target, i, bands[target], saidAt, out.quantiles, at);
                }
                out.stackReasons[i] = why.code();
            }
            tell(chunkSaid, saidAt + Layout.OWN, out.quantiles, at);
        }
        forecasts++;
        float base = out.quantiles[i * targets.length * LEVELS + Quantiles.MEDIAN];
        if (layout.near() > 0 && Math.floorMod(step + slot, Layout.NEAR_STRIDE) == 0) {
            keep(block, lane, 0, layout.nearEntries(), step, base, i * targets.length);
        }
        if (out.far[i] && Math.floorMod(step + slot, Layout.FAR_STRIDE) < FAR_EVERY) {
            keep(
                    block,
                    lane,
                    layout.nearEntries(),
                    layout.entries(),
                    step,
                    base,
                    i * targets.length + layout.near());
        }
    }

    private void keep(SlotBlock block, int lane, int from, int to, int step, float base, int cell) {
        int entry = block.free(lane, from, to);
        if (entry < 0) {
            forgotten++;
        } else {
            block.keep(lane, entry, step, base, chunkSaid, cell * Layout.SAID);
        }
    }

    private void addStacked(int answer, int i, int band, int saidAt, float[] out, int at) {
        StackModel.spread(
                rowAnswers,
                answer * StackModel.LEVELS.length,
                rowBases[answer],
                rowScales[answer],
                stacked);
        for (int level = 0; level < LEVELS; level++) {
            stacked[level] = config.bounds().clip(stacked[level]);
        }
        tell(chunkSaid, saidAt + Layout.STACKED * 3, stacked, 0);
        float trust = chunkTrust[i * ServingConfig.BANDS + band];
        for (int level = 0; level < LEVELS; level++) {
            float share = trust * STACK_SHARE[level];
            out[at + level] += share * (stacked[level] - out[at + level]);
        }
        for (int level = Quantiles.MEDIAN - 1; level >= 0; level--) { // the median stays
            out[at + level] = Math.min(out[at + level], out[at + level + 1]);
        }
        for (int level = Quantiles.MEDIAN + 1; level < LEVELS; level++) {
            out[at + level] = Math.max(out[at + level], out[at + level - 1]);
        }
    }

    private void stretch(SlotBlock block, int lane, int target, float[] out, int at) {
        float middle = out[at + Quantiles.MEDIAN];
        int widths = lane * layout.learned() + Layout.WIDTHS + 2 * target;
        for (int side = 0; side < 2; side++) {
            float width =
                    (float) Math.exp(block.learned[widths + side] + pool.logWidth(target, side));
            int from = side == 0 ? 0 : Quantiles.MEDIAN + 1;
            int to = side == 0 ? Quantiles.MEDIAN : LEVELS;
            for (int level = from; level < to; level++) {
                out[at + level] = config.bounds().clip(middle + width * (out[at + level] - middle));
            }
        }
    }

    private float confidence(SlotBlock block, int lane) {
        float hits = 0;
        float points = 0;
        for (int target = 0; target < layout.near(); target++) {
            int at = lane * layout.learned() + layout.accuracy(target);
            hits += block.learned[at + Layout.HITS];
            points += block.learned[at + Layout.OUTCOMES];
        }
        if (points == 0) {
            return Float.NaN;
        }
        int day = config.stepsPerDay();
        int valid = 0;
        for (int lag = 0; lag < Math.min(day, column.size); lag++) {
            valid += Float.isNaN(column.values[lag]) ? 0 : 1;
        }
        return (hits + 1) / (points + 2) * valid / Math.min(day, column.size);
    }

    // ---- what is known about it -------------------------------------------------------------

    /// Live accuracy of one series at one target, by the ensemble; null before there is any.
    public @Nullable AccuracyRow accuracyOf(int slot, int target) {
        int index = slot >> SlotBlock.SHIFT;
        SlotBlock block = index < blocks.size() ? blocks.get(index) : null;
        if (block == null) {
            return null;
        }
        int at = (slot & SlotBlock.SLOTS - 1) * layout.learned() + layout.accuracy(target);
        float[] learned = block.learned;
        float count = learned[at + Layout.OUTCOMES];
        if (count == 0) {
            return null;
        }
        float naive = learned[at + Layout.NAIVE_LOSS];
        float actual = learned[at + Layout.ACTUAL];
        return new AccuracyRow(
                AccuracyRow.ENSEMBLE,
                targets[target],
                count,
                actual > 0 ? learned[at + Layout.ERROR] / actual : Double.NaN,
                learned[at + Layout.COVERED] / count,
                naive > 0 ? 1 - learned[at + Layout.LOSS] / naive : Double.NaN);
    }

    /// Live accuracy over all series, by target and model; those without outcomes are left out.
    public List<AccuracyRow> accuracy() {
        List<AccuracyRow> all = new ArrayList<>();
        for (int target = 0; target < targets.length; target++) {
            for (int model = 0; model < LiveAccuracy.MODELS; model++) {
                AccuracyRow one = accuracy.row(target, targets[target], model);
                if (one.outcomes() > 0) {
                    all.add(one);
                }
            }
        }
        return all;
    }

    public ServingCounters counters() {
        long waiting = 0;
        for (SlotBlock block : blocks) {
            waiting += block == null ? 0 : block.waitingForecasts();
        }
        long kept = 0;
        for (SlotBlock block : blocks) {
            kept += block == null ? 0 : 1;
        }
        long perSlot =
                (long) Short.BYTES * layout.waiting()
                        + layout.entries() * (2L * Float.BYTES + Integer.BYTES + Short.BYTES);
        return new ServingCounters(
                series,
                kept * blockBytes,
                kept * SlotBlock.SLOTS * perSlot,
                waiting,
                forecasts,
                outcomes,
                expired,
                forgotten,
                drifts,
                warmed);
    }
}
