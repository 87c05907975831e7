package io.novacron.inference.ensemble;

import io.novacron.inference.Quantiles;
import io.novacron.inference.member.History;
import io.novacron.inference.member.Member;
import io.novacron.inference.member.Target;
import java.util.Arrays;
import java.util.List;

/// One series: its history, its members, their weights, and the width of its intervals.
///
/// ## Weights
///
/// The loss of a member is its mean pinball loss, fading over time, per band of targets: over all
/// nine levels, and again over the three lowest and the three highest, for who is good in the
/// middle may be poor at an end. Divided by the mean over members it has no unit and can be mixed
/// with the pool's. The weight is `exp(-sharpness · (loss − least) / least)`, and each quantile of
/// the ensemble is the weighted median of the members' quantiles, by the weights of its part.
///
/// ## The stacked model
///
/// Where a member named [FleetEnsemble#STACKED] answers, it moves the middle of the mixture: wholly
/// at the median, not at all at .1 and .9, where it is too wide. The more its loss in this series
/// exceeds the least of all members, the less it counts.
///
/// ## Width
///
/// After Gibbs & Candès (2021): a miss widens its side of the interval a little, a hit narrows it
/// by a ninth of that, so in the long run a tenth lies beyond each end. The factor is the product
/// of the pool's and the series' own.
///
/// ## Drift
///
/// When losses of the last forecasts are several times what they used to be, most of the record is
/// dropped and the pool counts again until there is a new one.
public final class SeriesEnsemble {
    private static final int LEVELS = Quantiles.COUNT;
    private static final int PARTS = 3; // lower, all, and upper levels
    private static final int ALL = 1;
    private static final int PART_LEVELS = LEVELS / PARTS;
    private static final int MAX_WEIGHT_STEPS = 48;
    private static final float DRIFT_KEEPS = .1f;

    private final EnsembleConfig config;
    private final Pool pool;
    private final History history;
    private final List<Member> members;
    private final Target[] targets;
    private final int[] bands;
    private final int bandCount;
    private final int[] noteOffsets;
    private final Pending pending;
    private final float[] quantiles;
    private final float[] notes;
    private final float[] answer;
    private final float[] mixed;
    private final float[] lossSums;
    private final float[] lossWeights;
    private final float[] scratchLosses;
    private final float[] weights;
    private final float[] logWidths;
    private final long[] lastOrigins;
    private final int[] outcomes;
    private final int[] misses;
    private final boolean[] told;
    private final WeightedMedian median;
    private final int stacked;
    private float stackedExcess;
    private float fastLoss;
    private float slowLoss;
    private int judged;
    private long drifts;
    private long forgotten;

    /// Rows of a pool for so many bands.
    static int poolRows(int bands) {
        return bands * PARTS;
    }

    SeriesEnsemble(EnsembleConfig config, Pool pool, History history, List<Member> members) {
        this.config = config;
        this.pool = pool;
        this.history = history;
        this.members = members;
        this.targets = config.targets().toArray(Target[]::new);
        this.bands = config.bands().stream().mapToInt(Integer::intValue).toArray();
        this.bandCount = Arrays.stream(bands).max().orElse(0) + 1;
        this.noteOffsets = new int[members.size()];
        int noteLength = 0;
        for (int member = 0; member < members.size(); member++) {
            noteOffsets[member] = noteLength;
            noteLength += targets.length * members.get(member).noteLength();
        }
        this.quantiles = new float[members.size() * targets.length * LEVELS];
        this.notes = new float[noteLength];
        this.answer = new float[targets.length * LEVELS];
        this.mixed = new float[targets.length * LEVELS];
        this.pending =
                new Pending(
                        config.maxPending(),
                        targets.length,
                        quantiles.length + noteLength + answer.length);
        this.lossSums = new float[bandCount * PARTS * members.size()];
        this.lossWeights = new float[bandCount * PARTS * members.size()];
        this.scratchLosses = new float[members.size()];
        this.weights = new float[PARTS * members.size()];
        this.logWidths = new float[targets.length * 2];
        this.lastOrigins = new long[targets.length];
        Arrays.fill(lastOrigins, Long.MIN_VALUE);
        this.outcomes = new int[targets.length];
        this.misses = new int[targets.length * 2];
        this.told = new boolean[bandCount];
        this.median = new WeightedMedian(members.size());
        this.stacked = members.stream().map(Member::name).toList().indexOf(FleetEnsemble.STACKED);
    }

    public History history() {
        return history;
    }

    public List<Member> members() {
        return members;
    }

    /// Takes the value of the next step, NaN where it is missing, and learns from whatever forecast
    /// comes due by it.
    public void update(float value) {
        history.append(value);
        for (Member member : members) {
            member.update();
        }
        long now = history.steps() - 1;
        for (int target = 0; target < targets.length; target++) {
            int slot = pending.due(target, now, targets[target].to());
            while (slot >= 0) {
                float outcome =
                        history.outcome(targets[target], (int) (now - pending.origin(slot)));
                if (!Float.isNaN(outcome)) {
                    learn(target, slot, outcome);
                }
                slot = pending.due(target, now, targets[target].to());
            }
        }
    }

    private void learn(int target, int slot, float outcome) {
        float[] kept = pending.values();
        int base = pending.offset(slot);
        int band = bands[target];
        long origin = pending.origin(slot);
        long before = lastOrigins[target];
        lastOrigins[target] = origin;
        float steps =
                before == Long.MIN_VALUE ? 12 : Math.clamp(origin - before, 1, MAX_WEIGHT_STEPS);
        float share = steps / targetsOf(band);
        float keep = (float) Math.exp(-share / config.learning().memorySteps());
        for (int member = 0; member < members.size(); member++) {
            Member one = members.get(member);
            one.learn(
                    target,
                    kept,
                    base + quantiles.length + noteOffsets[member] + target * one.noteLength(),
                    outcome);
            for (int part = 0; part < PARTS; part++) {
                float loss =
                        loss(
                                part,
                                kept,
                                base + (member * targets.length + target) * LEVELS,
                                outcome);
                int at = at(band, part, member);
                lossSums[at] *= keep;
                lossWeights[at] *= keep;
                if (!Float.isNaN(loss)) {
                    lossSums[at] += share * loss;
                    lossWeights[at] += share;
                }
            }
        }
        told[band] = true;
        judge(target, kept, base + quantiles.length + notes.length + target * LEVELS, outcome);
    }

    private int targetsOf(int band) {
        int count = 0;
        for (int other : bands) {
            count += other == band ? 1 : 0;
        }
        return count;
    }

    /// What the ensemble itself had said: its misses move the width, its loss tells of drift.
    private void judge(int target, float[] kept, int at, float outcome) {
        float low = kept[at];
        float high = kept[at + LEVELS - 1];
        if (Float.isNaN(low)) {
            return;
        }
        outcomes[target]++;
        float rate = config.learning().ownRate();
        boolean below = outcome < low;
        boolean above = outcome > high;
        misses[target * 2] += below ? 1 : 0;
        misses[target * 2 + 1] += above ? 1 : 0;
        logWidths[target * 2] = Mixing.widened(logWidths[target * 2], below, rate);
        logWidths[target * 2 + 1] = Mixing.widened(logWidths[target * 2 + 1], above, rate);
        if (target == 0) {
            watch(loss(ALL, kept, at, outcome));
        }
    }

    private void watch(float loss) {
        judged++;
        fastLoss = Mixing.fast(fastLoss, loss, judged);
        slowLoss = Mixing.slow(slowLoss, loss, judged);
        if (Mixing.isDrift(fastLoss, slowLoss, judged, config.unit())) {
            drifts++;
            judged = 1;
            slowLoss = fastLoss;
            for (int i = 0; i < lossSums.length; i++) {
                lossSums[i] *= DRIFT_KEEPS;
                lossWeights[i] *= DRIFT_KEEPS;
            }
        }
    }

    private int at(int band, int part, int member) {
        return (band * PARTS + part) * members.size() + member;
    }

    /// Mean pinball loss over the levels of a part.
    private static float loss(int part, float[] values, int at, float outcome) {
        int from = part == ALL ? 0 : part * PART_LEVELS;
        int to = part == ALL ? LEVELS : from + PART_LEVELS;
        float sum = 0;
        for (int level = from; level < to; level++) {
            sum += Quantiles.pinball((level + 1) / 10f, values[at + level], outcome);
        }
        return sum / (to - from);
    }

    /// Asks the members; their answers can be read with [#memberQuantile] until the next call.
    void ask() {
        for (int member = 0; member < members.size(); member++) {
            members.get(member)
                    .forecast(
                            quantiles,
                            member * targets.length * LEVELS,
                            notes,
                            noteOffsets[member]);
        }
    }

    /// Asks one member again, one whose answers were supplied after [#ask].
    void ask(int member) {
        members.get(member)
                .forecast(quantiles, member * targets.length * LEVELS, notes, noteOffsets[member]);
    }

    /// Mixes what the members said into `out[offset + target * 9 + level]`: ascending, within the
    /// bounds, or NaN where no member could answer. Remembers it for feedback when `remember`.
    void mix(boolean remember, float[] out, int offset) {
        int band = -1;
        for (int target = 0; target < targets.length; target++) {
            if (bands[target] != band) {
                band = bands[target];
                weigh(band);
            }
            blend(target, answer);
            addStacked(target, answer);
            stretch(target, answer);
        }
        System.arraycopy(answer, 0, out, offset, answer.length);
        if (remember) {
            int slot = pending.open(history.steps() - 1);
            if (slot < 0) {
                forgotten++;
            } else {
                int base = pending.offset(slot);
                float[] kept = pending.values();
                System.arraycopy(quantiles, 0, kept, base, quantiles.length);
                System.arraycopy(notes, 0, kept, base + quantiles.length, notes.length);
                System.arraycopy(
                        answer, 0, kept, base + quantiles.length + notes.length, answer.length);
            }
        }
    }

    /// The members' mixture for one target before any width is applied, nine quantiles.
    void mixture(int target, float[] out, int offset) {
        weigh(bands[target]);
        blend(target, mixed);
        System.arraycopy(mixed, target * LEVELS, out, offset, LEVELS);
    }

    /// Losses behind the last [#mixture] relative to the mean of all members.
    float relativeLoss(int member) {
        return scratchLosses[member];
    }

    /// Mean loss of the best member in the band of `target`, NaN while nothing has come due.
    float leastLoss(int target) {
        float least = Float.NaN;
        for (int member = 0; member < members.size(); member++) {
            float loss = memberLoss(bands[target], member);
            least = least <= loss ? least : loss;
        }
        return least;
    }

    /// Weights of the members for one band, to `weights`; a member that knows nothing gets its
    /// share when the values are blended.
    private void weigh(int band) {
        for (int part = 0; part < PARTS; part++) {
            if (part != ALL) {
                weigh(band, part);
            }
        }
        weigh(band, ALL);
    }

    private void weigh(int band, int part) {
        float mean = meanLoss(band, part);
        float floor = mean > 0 ? Mixing.LOSS_FLOOR * config.unit() / mean : 0;
        float prior = config.learning().priorSteps();
        float least = Float.POSITIVE_INFINITY;
        for (int member = 0; member < members.size(); member++) {
            int at = at(band, part, member);
            float known = mean > 0 ? lossWeights[at] : 0;
            float own = known > 0 ? lossSums[at] / mean : 0;
            float pooled = pool.relativeLoss(band * PARTS + part, member);
            float loss = known + prior > 0 ? (own + prior * pooled) / (known + prior) : 1;
            scratchLosses[member] = loss;
            least = member == stacked ? least : Math.min(least, loss);
        }
        for (int member = 0; member < members.size(); member++) {
            float excess = Mixing.excess(scratchLosses[member], least, floor);
            weights[part * members.size() + member] =
                    Mixing.weight(excess, config.learning().sharpness());
            stackedExcess = member == stacked ? excess : stackedExcess;
        }
    }

    private void addStacked(int target, float[] out) {
        if (stacked < 0) {
            return;
        }
        int from = (stacked * targets.length + target) * LEVELS;
        if (Float.isFinite(quantiles[from + Quantiles.MEDIAN])) {
            Mixing.addStacked(quantiles, from, Mixing.trust(stackedExcess), out, target * LEVELS);
        }
    }

    /// Mean over members of their mean losses in a band: the yardstick that makes losses relative.
    private float meanLoss(int band, int part) {
        float sum = 0;
        int count = 0;
        for (int member = 0; member < members.size(); member++) {
            int at = at(band, part, member);
            if (lossWeights[at] > 0) {
                sum += lossSums[at] / lossWeights[at];
                count++;
            }
        }
        return count == 0 ? 0 : sum / count;
    }

    private void blend(int target, float[] out) {
        for (int level = 0; level < LEVELS; level++) {
            median.clear();
            int by = level / PART_LEVELS * members.size();
            for (int member = 0; member < members.size(); member++) {
                float value = quantiles[(member * targets.length + target) * LEVELS + level];
                if (!Float.isNaN(value) && member != stacked) {
                    median.add(value, weights[by + member]);
                }
            }
            out[target * LEVELS + level] = median.value();
        }
        Quantiles.ascendFromMedian(out, target * LEVELS);
    }

    private void stretch(int target, float[] out) {
        Mixing.stretch(
                logWidths[target * 2] + pool.logWidth(target, 0),
                logWidths[target * 2 + 1] + pool.logWidth(target, 1),
                config.bounds(),
                out,
                target * LEVELS);
    }

    /// Tells the pool what happened since the last call.
    void tell(Pool listener) {
        for (int target = 0; target < targets.length; target++) {
            if (outcomes[target] > 0) {
                listener.tellOutcomes(
                        target,
                        outcomes[target],
                        misses[target * 2],
                        misses[target * 2 + 1],
                        pending.depth(target));
            }
        }
        for (int band = 0; band < bandCount; band++) {
            for (int part = 0; told[band] && part < PARTS; part++) {
                tellLosses(band, part, listener);
            }
        }
        Arrays.fill(outcomes, 0);
        Arrays.fill(misses, 0);
        Arrays.fill(told, false);
    }

    private void tellLosses(int band, int part, Pool listener) {
        float mean = meanLoss(band, part);
        for (int member = 0; mean > 0 && member < members.size(); member++) {
            int at = at(band, part, member);
            if (lossWeights[at] > 0) {
                listener.tellLoss(
                        band * PARTS + part, member, lossSums[at] / lossWeights[at] / mean);
            }
        }
    }

    /// What a member said when last asked, NaN where it could not.
    public float memberQuantile(int member, int target, int level) {
        return quantiles[(member * targets.length + target) * LEVELS + level];
    }

    /// Mean pinball loss of a member in a band of targets, NaN while it has none.
    public float memberLoss(int band, int member) {
        int at = at(band, ALL, member);
        return lossWeights[at] > 0 ? lossSums[at] / lossWeights[at] : Float.NaN;
    }

    /// How often drift was found.
    public long drifts() {
        return drifts;
    }

    /// Forecasts that were not remembered because too many waited already.
    public long forgotten() {
        return forgotten;
    }
}
