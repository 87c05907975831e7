package io.novacron.training;

import io.novacron.inference.ensemble.FleetEnsemble;
import io.novacron.inference.ensemble.StackFeatures;
import io.novacron.inference.ensemble.StackModel;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/// Trains the model that is stacked on an ensemble's members, from what they said in rolling order.
///
/// While an ensemble is replayed over the training part, [#collect] takes a random sample of rows:
/// what the members knew at an origin. [#train] then asks for the outcomes. It refuses an outcome
/// at or after the end of the training part, so a row's target can never lie in what is judged
/// later.
public final class StackTraining {
    /// Says what `target` (its number) of an entity turned out to be, NaN where it is missing.
    @FunctionalInterface
    public interface Outcomes {
        float of(int entity, int origin, int target);
    }

    /// A trained model that ONNX Runtime answers like the trainer.
    ///
    /// @param onnx the model
    /// @param rows it was trained on
    /// @param maxDifference from the trainer, over at least 10,000 rows
    public record Trained(byte[] onnx, int rows, double maxDifference) {}

    private static final int MIN_ROWS = 4_000;
    private static final float MAX_WEIGHT = 30;
    private static final TrainingOptions OPTIONS = new TrainingOptions(1, 150_000, 90, 6, .08f);

    private final FleetEnsemble fleet;
    private final StackFeatures features;
    private final int endStep;
    private final float share;
    private final Random random;
    private final int width;
    private float[] rows;
    private float[] bases = new float[1024];
    private float[] scales = new float[1024];
    private int[] entities = new int[1024];
    private int[] origins = new int[1024];
    private int[] targets = new int[1024];
    private int count;

    /// @param endStep first step that must stay unseen
    /// @param expectedOrigins how often [#collect] will be called, so that rows come to about
    ///   `maxRows`
    public StackTraining(
            FleetEnsemble fleet, int endStep, int expectedOrigins, int maxRows, long seed) {
        this.fleet = fleet;
        List<String> members = fleet.memberNames();
        this.features =
                new StackFeatures(members, members.size() - members.indexOf(FleetEnsemble.STACKED));
        this.endStep = endStep;
        this.width = features.count();
        double all = (double) expectedOrigins * fleet.size() * fleet.config().targets().size();
        this.share = (float) Math.min(1, maxRows / Math.max(1, all));
        this.random = new Random(seed);
        this.rows = new float[1024 * width];
    }

    public int count() {
        return count;
    }

    /// Takes some rows of what the members just said, standing at step `origin`.
    public void collect(int origin) {
        collect(origin, endStep);
    }

    /// What [#collect] does, but without looking at where targets end: [#train] must refuse the
    /// rows then. For tests of just that.
    public void collectUnchecked(int origin) {
        collect(origin, Integer.MAX_VALUE);
    }

    /// The last step that any row's target reaches.
    public int lastTargetStep() {
        int last = 0;
        for (int row = 0; row < count; row++) {
            last = Math.max(last, origins[row] + fleet.config().targets().get(targets[row]).to());
        }
        return last;
    }

    private void collect(int origin, int end) {
        var all = fleet.config().targets();
        for (int entity = 0; entity < fleet.size(); entity++) {
            boolean looked = false;
            for (int target = 0; target < all.size(); target++) {
                if (random.nextFloat() >= share || origin + all.get(target).to() >= end) {
                    continue;
                }
                if (!looked) {
                    features.look(fleet.series(entity));
                    looked = true;
                }
                grow();
                if (features.write(
                        fleet.series(entity), all.get(target), target, rows, count * width)) {
                    bases[count] = features.base();
                    scales[count] = features.scale();
                    entities[count] = entity;
                    origins[count] = origin;
                    targets[count++] = target;
                }
            }
        }
    }

    private void grow() {
        if (count == targets.length) {
            rows = Arrays.copyOf(rows, 2 * rows.length);
            bases = Arrays.copyOf(bases, 2 * count);
            scales = Arrays.copyOf(scales, 2 * count);
            entities = Arrays.copyOf(entities, 2 * count);
            origins = Arrays.copyOf(origins, 2 * count);
            targets = Arrays.copyOf(targets, 2 * count);
        }
    }

    /// Whether there are enough rows for a model to be worth anything.
    public boolean isEnough() {
        return count >= MIN_ROWS;
    }

    /// Trains, converts and checks. Fails when an outcome would be taken from the unseen part.
    public Trained train(Outcomes outcomes) throws TrainingException {
        float[] kept = new float[count * width];
        float[] labels = new float[count];
        float[] weights = new float[count];
        double meanScale = 0;
        for (int row = 0; row < count; row++) {
            meanScale += scales[row] / count;
        }
        int labelled = 0;
        for (int row = 0; row < count; row++) {
            int to = fleet.config().targets().get(targets[row]).to();
            if (origins[row] + to >= endStep) {
                throw new TrainingException(
                        "row %d: its target ends at step %d, must be before %d. Maybe the split moved?"
                                .formatted(row, origins[row] + to, endStep));
            }
            float outcome = outcomes.of(entities[row], origins[row], targets[row]);
            if (Float.isFinite(outcome)) {
                System.arraycopy(rows, row * width, kept, labelled * width, width);
                labels[labelled] = StackFeatures.toTarget(outcome, bases[row], scales[row]);
                weights[labelled++] = (float) Math.clamp(scales[row] / meanScale, .05, MAX_WEIGHT);
            }
        }
        kept = Arrays.copyOf(kept, labelled * width);
        try (QuantileTrees trees =
                QuantileTrees.train(
                        kept,
                        width,
                        Arrays.copyOf(labels, labelled),
                        Arrays.copyOf(weights, labelled),
                        OPTIONS)) {
            byte[] onnx = OnnxTrees.convert(trees.toJson(), width, StackModel.LEVELS.length);
            int checked = Math.min(labelled, 2 * ParityGate.MIN_ROWS);
            ParityGate parity =
                    ParityGate.check(trees, onnx, Arrays.copyOf(kept, checked * width), checked, 1);
            return new Trained(onnx, labelled, parity.maxDifference());
        }
    }

    /// Columns of the model.
    public int width() {
        return width;
    }
}
