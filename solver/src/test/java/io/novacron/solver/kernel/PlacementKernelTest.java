package io.novacron.solver.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class PlacementKernelTest {
    private static final int LANES = PlacementKernel.LANES;

    private final PlacementKernel scalar = new PlacementKernel.Scalar();
    private final PlacementKernel vector = new VectorPlacementKernel(0);

    @Property(tries = 300, seed = "20261121")
    void twinsScoreAlikeToTheLastBit(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 6) int resources) {
        var random = new SplittableRandom(seed);
        var columns =
                new PlacementKernel.Columns(
                        values(random, resources * LANES),
                        values(random, resources * LANES),
                        values(random, resources * LANES),
                        values(random, resources * LANES),
                        values(random, LANES));
        double[] size = values(random, resources);
        size[0] = random.nextBoolean() ? 0 : size[0];
        var wish = new PlacementKernel.Wish(size, values(random, resources));
        var weights = new PlacementKernel.Weights(0.7, 0.25, 0.05);
        double[] expected = new double[LANES];
        double[] scores = new double[LANES];

        scalar.score(columns, wish, weights, expected);
        vector.score(columns, wish, weights, scores);

        assertThat(scores).isEqualTo(expected);
    }

    @Property(tries = 300, seed = "20261121")
    void twinsCompareAlike(@ForAll long seed) {
        var random = new SplittableRandom(seed);
        double[] column = values(random, 3 * LANES);
        double need = column[LANES + random.nextInt(LANES)]; // one is equal to it

        long kept = vector.atLeast(column, LANES, need);

        assertThat(kept).isEqualTo(scalar.atLeast(column, LANES, need));
        long count = Arrays.stream(column, LANES, 2 * LANES).filter(value -> value >= need).count();
        assertThat(Long.bitCount(kept)).isEqualTo((int) count);
    }

    private static double[] values(SplittableRandom random, int count) {
        return random.doubles(count, -1, 1.5).toArray();
    }
}
