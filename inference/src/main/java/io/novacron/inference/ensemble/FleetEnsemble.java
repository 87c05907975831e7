package io.novacron.inference.ensemble;

import ai.onnxruntime.OrtException;
import io.novacron.inference.Quantiles;
import io.novacron.inference.member.History;
import io.novacron.inference.member.Member;
import io.novacron.inference.member.Members;
import io.novacron.inference.member.SuppliedQuantiles;
import io.novacron.inference.member.Target;
import io.novacron.inference.member.kernel.AnalogKernels;
import io.novacron.inference.patch.PatchFeatures;
import io.novacron.inference.patch.PatchModel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntConsumer;

/// The ensembles of many similar series, such as the CPU of all vms, and the pool they share.
///
/// In a round every series gets its new values and is asked once. Series do not look at each other
/// during a round, so a caller may spread them over threads ([Rounds]); the result is the same.
public final class FleetEnsemble {
    /// Runs `body` for each number below `count`, in any order, and returns when all are done.
    @FunctionalInterface
    public interface Rounds {
        Rounds SEQUENTIAL =
                (count, body) -> {
                    for (int i = 0; i < count; i++) {
                        body.accept(i);
                    }
                };

        void run(int count, IntConsumer body);
    }

    /// Makes members beyond the usual ones.
    @FunctionalInterface
    public interface ExtraMembers {
        ExtraMembers NONE = (history, targets) -> List.of();

        /// A place for a [StackModel] to answer.
        ExtraMembers STACK =
                (history, targets) -> List.of(new SuppliedQuantiles(STACKED, targets.length));

        /// A place for a [PatchModel] to answer.
        ExtraMembers PATCH =
                (history, targets) -> List.of(new SuppliedQuantiles(PATCH_LSTM, targets.length));

        List<Member> of(History history, Target[] targets);

        /// These, and then those of `more`.
        default ExtraMembers and(ExtraMembers more) {
            return (history, targets) -> {
                List<Member> both = new ArrayList<>(of(history, targets));
                both.addAll(more.of(history, targets));
                return both;
            };
        }
    }

    /// The member that a [StackModel] speaks for.
    public static final String STACKED = "gbt";

    /// The member that a [PatchModel] speaks for. It comes before [#STACKED], which is told of it.
    public static final String PATCH_LSTM = "lstm";

    private static final int CHUNKS = 16;

    private final AtomicLong patchFailures = new AtomicLong();
    private final AtomicLong stackFailures = new AtomicLong();
    private final EnsembleConfig config;
    private final Rounds rounds;
    private final Pool pool;
    private final List<SeriesEnsemble> series = new ArrayList<>();
    private final int answerLength;
    private final float[] answers;

    public FleetEnsemble(EnsembleConfig config, int count, ExtraMembers extras, Rounds rounds) {
        this.config = config;
        this.rounds = rounds;
        var members =
                new Members(
                        config.targets(),
                        config.stepsPerDay(),
                        config.lags(),
                        AnalogKernels.best());
        Target[] targets = config.targets().toArray(Target[]::new);
        int bands = config.bands().stream().mapToInt(Integer::intValue).max().orElse(0) + 1;
        List<List<Member>> all = new ArrayList<>();
        List<History> histories = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            var history =
                    new History(
                            config.bounds(),
                            config.unit(),
                            config.stepsPerDay(),
                            config.capacity());
            List<Member> own = new ArrayList<>(members.of(history));
            own.addAll(extras.of(history, targets));
            histories.add(history);
            all.add(List.copyOf(own));
        }
        int memberCount = count == 0 ? 0 : all.getFirst().size();
        this.pool =
                new Pool(
                        targets.length,
                        SeriesEnsemble.poolRows(bands),
                        memberCount,
                        config.learning().poolRate());
        for (int i = 0; i < count; i++) {
            series.add(new SeriesEnsemble(config, pool, histories.get(i), all.get(i)));
        }
        this.answerLength = targets.length * Quantiles.COUNT;
        this.answers = new float[count * answerLength];
    }

    public EnsembleConfig config() {
        return config;
    }

    public int size() {
        return series.size();
    }

    public SeriesEnsemble series(int index) {
        return series.get(index);
    }

    /// Names of the members, the same for all series.
    public List<String> memberNames() {
        return series.isEmpty()
                ? List.of()
                : series.getFirst().members().stream().map(Member::name).toList();
    }

    /// Gives every series the next `steps` values: `values[(firstStep + step) * stride + i]`.
    public void update(float[] values, int stride, int firstStep, int steps) {
        rounds.run(
                series.size(),
                i -> {
                    for (int step = firstStep; step < firstStep + steps; step++) {
                        series.get(i).update(values[step * stride + i]);
                    }
                });
        series.forEach(one -> one.tell(pool)); // in order, so that sums are always the same
        pool.endRound();
    }

    /// Asks the members of every series.
    public void ask() {
        rounds.run(series.size(), i -> series.get(i).ask());
    }

    /// Lets a patch network answer as the member named [#PATCH_LSTM]; between [#ask] and [#stack].
    /// Rows are written side by side, the network runs on the calling thread.
    public void consult(PatchModel model) {
        int member = member(PATCH_LSTM);
        if (!model.targets().equals(config.targets())) {
            throw new IllegalArgumentException(
                    "targets=%s of the patch network must be those of the ensemble, %s"
                            .formatted(model.targets(), config.targets()));
        }
        int count = series.size();
        float[] rows = new float[count * PatchFeatures.WIDTH];
        float[] scales = new float[count];
        float[] bases = new float[count * config.targets().size()];
        boolean[] known = new boolean[count];
        int chunks = Math.min(CHUNKS, count);
        rounds.run(
                chunks,
                chunk -> {
                    var features = new PatchFeatures();
                    int end = from(chunk + 1, chunks);
                    for (int i = from(chunk, chunks); i < end; i++) {
                        known[i] =
                                features.write(
                                        series.get(i).history(), rows, i * PatchFeatures.WIDTH);
                        scales[i] = features.scale();
                        for (int target = 0; target < config.targets().size(); target++) {
                            bases[i * config.targets().size() + target] =
                                    features.base(config.targets().get(target));
                        }
                    }
                });
        float[] said = new float[count * model.width()];
        try {
            model.run(rows, count, said);
        } catch (OrtException e) {
            patchFailures.incrementAndGet(); // the member stays silent, the others answer
            return;
        }
        rounds.run(
                chunks,
                chunk -> {
                    int end = from(chunk + 1, chunks);
                    for (int i = from(chunk, chunks); i < end; i++) {
                        if (known[i]) {
                            supply(i, member, said, bases, scales[i]);
                        }
                    }
                });
    }

    private void supply(int i, int member, float[] said, float[] bases, float scale) {
        SeriesEnsemble one = series.get(i);
        int targets = config.targets().size();
        float[] quantiles = new float[Quantiles.COUNT];
        if (one.members().get(member) instanceof SuppliedQuantiles supplied) {
            for (int target = 0; target < targets; target++) {
                int at = i * targets + target;
                StackModel.spread(said, at * PatchModel.LEVELS, bases[at], scale, quantiles);
                clip(quantiles);
                supplied.supply(target, quantiles, 0);
            }
            one.ask(member);
        }
    }

    private void clip(float[] quantiles) {
        for (int level = 0; level < Quantiles.COUNT; level++) {
            quantiles[level] = config.bounds().clip(quantiles[level]);
        }
    }

    private int from(int chunk, int chunks) {
        return (int) ((long) series.size() * chunk / chunks);
    }

    private int member(String name) {
        int member = memberNames().indexOf(name);
        if (member < 0) {
            throw new IllegalStateException(
                    "members=%s have no %s. Maybe the fleet was made without it?"
                            .formatted(memberNames(), name));
        }
        return member;
    }

    /// Rounds in which the patch network failed.
    public long patchFailures() {
        return patchFailures.get();
    }

    /// Lets a stacked model answer as the member named [#STACKED]; between [#ask] and [#mix].
    public void stack(StackModel model) {
        int member = member(STACKED);
        int chunks = Math.min(CHUNKS, series.size());
        rounds.run(chunks, chunk -> stackChunk(model, member, chunk, chunks));
    }

    private void stackChunk(StackModel model, int member, int chunk, int chunks) {
        int from = from(chunk, chunks);
        int to = from(chunk + 1, chunks);
        int targets = config.targets().size();
        var features = new StackFeatures(memberNames(), memberNames().size() - member);
        int width = features.count();
        int capacity = (to - from) * targets;
        float[] rows = new float[capacity * width];
        float[] bases = new float[capacity];
        float[] scales = new float[capacity];
        boolean[] known = new boolean[capacity];
        for (int i = from; i < to; i++) {
            features.look(series.get(i));
            for (int target = 0; target < targets; target++) {
                int row = (i - from) * targets + target;
                known[row] =
                        features.write(
                                series.get(i),
                                config.targets().get(target),
                                target,
                                rows,
                                row * width);
                bases[row] = features.base();
                scales[row] = features.scale();
            }
        }
        float[] answers = new float[capacity * StackModel.LEVELS.length];
        try {
            model.run(rows, capacity, answers);
        } catch (OrtException e) {
            stackFailures.incrementAndGet(); // the member stays silent, the others answer
            return;
        }
        float[] quantiles = new float[Quantiles.COUNT];
        for (int i = from; i < to; i++) {
            SeriesEnsemble one = series.get(i);
            if (one.members().get(member) instanceof SuppliedQuantiles supplied) {
                for (int target = 0; target < targets; target++) {
                    int row = (i - from) * targets + target;
                    if (known[row]) {
                        StackModel.spread(
                                answers,
                                row * StackModel.LEVELS.length,
                                bases[row],
                                scales[row],
                                quantiles);
                        clip(quantiles);
                        supplied.supply(target, quantiles, 0);
                    }
                }
                one.ask(member);
            }
        }
    }

    /// Rounds of a part of the fleet in which the stacked model failed.
    public long stackFailures() {
        return stackFailures.get();
    }

    /// Mixes what the members said; the answers are read with [#quantile].
    public void mix(boolean remember) {
        rounds.run(series.size(), i -> series.get(i).mix(remember, answers, i * answerLength));
    }

    /// A quantile of the last answer; NaN where nothing is known about the series.
    public float quantile(int index, int target, int level) {
        return answers[index * answerLength + target * Quantiles.COUNT + level];
    }
}
