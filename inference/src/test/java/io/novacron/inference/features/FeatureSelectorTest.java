package io.novacron.inference.features;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.novacron.inference.ModelRejectedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FeatureSelectorTest {
    private static final int ROWS = 2_000;
    private static final int CONSTANT = 0;
    private static final int ALL_MISSING = 1;
    private static final int LINEAR = 2;
    private static final int SAME_AS_LINEAR = 3;
    private static final int SQUARE = 4;
    private static final int TELLS_BY_MISSING = 5;
    private static final int FIRST_NOISE = 6;

    @TempDir private Path directory;

    private final float[] rows = new float[ROWS * FeatureSet.COUNT];
    private final float[] targets = new float[ROWS];

    FeatureSelectorTest() {
        var random = new SplittableRandom(1);
        for (int row = 0; row < ROWS; row++) {
            int at = row * FeatureSet.COUNT;
            for (int feature = 0; feature < FeatureSet.COUNT; feature++) {
                rows[at + feature] = (float) random.nextGaussian();
            }
            float square = rows[at + SQUARE];
            boolean high = random.nextBoolean();
            targets[row] = rows[at + LINEAR] + 2 * square * square + (high ? 5 : 0);
            rows[at + CONSTANT] = 3;
            rows[at + ALL_MISSING] = Float.NaN;
            rows[at + SAME_AS_LINEAR] = -2 * rows[at + LINEAR] + 7;
            rows[at + TELLS_BY_MISSING] = high ? 1 : Float.NaN;
        }
    }

    private static String name(int feature) {
        return FeatureSet.names().get(feature);
    }

    @Test
    void keepsWhatTellsAboutTheTargetAndSaysWhyItDropsTheRest() {
        FeatureSelection selection = new FeatureSelector(7).select(rows, targets);
        assertThat(selection.kept())
                .contains(name(LINEAR), name(SQUARE), name(TELLS_BY_MISSING))
                .hasSizeLessThan(3 + 3); // luck may let a noise pass, rarely
        assertThat(selection.dropped().get(name(CONSTANT))).isEqualTo("constant 3.0");
        assertThat(selection.dropped().get(name(ALL_MISSING))).startsWith("missing in 2000");
        assertThat(selection.dropped().get(name(SAME_AS_LINEAR)))
                .isEqualTo("duplicate of " + name(LINEAR));
        assertThat(selection.dropped().get(name(FIRST_NOISE))).startsWith("unhelpful");
        assertThat(selection.kept().size() + selection.dropped().size())
                .isEqualTo(FeatureSet.COUNT);
        assertThat(selection.relevance()).containsOnlyKeys(selection.kept());
    }

    @Test
    void theSameRowsGiveTheSameBytes() {
        byte[] first = new FeatureSelector(7).select(rows, targets).toJson();
        assertThat(new FeatureSelector(7).select(rows, targets).toJson()).isEqualTo(first);
        rows[FIRST_NOISE]++;
        assertThat(new FeatureSelector(7).select(rows, targets).toJson()).isNotEqualTo(first);
    }

    @Test
    void aShuffledTargetKeepsAlmostNothing() {
        float[] shuffled = targets.clone();
        var random = new SplittableRandom(2);
        for (int last = ROWS - 1; last > 0; last--) {
            int other = random.nextInt(last + 1);
            float value = shuffled[last];
            shuffled[last] = shuffled[other];
            shuffled[other] = value;
        }
        assertThat(new FeatureSelector(7).select(rows, shuffled).kept()).hasSizeLessThan(4);
    }

    @Test
    void isReadBackFromBesideTheModel() throws IOException, ModelRejectedException {
        FeatureSelection selection = new FeatureSelector(7).select(rows, targets);
        selection.write(directory);
        FeatureSelection read = FeatureSelection.read(directory);
        assertThat(read).isEqualTo(selection);
        int[] columns = read.columns();
        assertThat(columns).contains(LINEAR, SQUARE, TELLS_BY_MISSING).isSorted();
    }

    @Test
    void anotherCatalogueOrABadFileIsRejected() throws IOException {
        assertThatThrownBy(() -> FeatureSelection.read(directory))
                .isInstanceOf(ModelRejectedException.class)
                .hasMessageContaining("is not there");
        Path file = directory.resolve(FeatureSelection.FILE);
        byte[] json = new FeatureSelector(7).select(rows, targets).toJson();
        Files.write(file, Arrays.copyOf(json, json.length / 2));
        assertThatThrownBy(() -> FeatureSelection.read(directory))
                .isInstanceOf(ModelRejectedException.class)
                .hasMessageContaining("cannot be read");
        Files.writeString(file, "null");
        assertThatThrownBy(() -> FeatureSelection.read(directory))
                .isInstanceOf(ModelRejectedException.class);
        var other = new FeatureSelection("0", "0", 1, List.of(), Map.of(), Map.of());
        assertThatThrownBy(other::columns).hasMessageContaining("catalogueSha256=0");
        var unknown =
                new FeatureSelection(
                        FeatureSet.sha256(), "0", 1, List.of("no such"), Map.of(), Map.of());
        assertThatThrownBy(unknown::columns).hasMessageContaining("'no such'");
    }

    @Test
    void refusesRowsThatDoNotFit() {
        assertThatThrownBy(() -> new FeatureSelector(7).select(new float[5], targets))
                .hasMessageContaining("rows.length=5");
        targets[3] = Float.NaN;
        assertThatThrownBy(() -> new FeatureSelector(7).select(rows, targets))
                .hasMessageContaining("targets[3]=NaN");
    }
}
