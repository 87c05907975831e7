package io.novacron.inference.ensemble;

import static org.assertj.core.api.Assertions.assertThat;

import io.novacron.inference.Bounds;
import io.novacron.inference.Quantiles;
import io.novacron.inference.member.History;
import io.novacron.inference.member.Member;
import io.novacron.inference.member.Target;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SeriesEnsembleTest {
    private static final int DAY = 24;
    private static final EnsembleConfig CONFIG =
            new EnsembleConfig(
                    List.of(Target.at(1)),
                    List.of(0),
                    Bounds.PERCENT,
                    1,
                    DAY,
                    2 * DAY,
                    3,
                    EnsembleConfig.Learning.DEFAULT);

    @Test
    void eachEndOfTheIntervalIsLeftToWhoKnowsIt() {
        var ensemble =
                ensemble(
                        new Always("low end", 10, 20, 30, 40, 50, 60, 61, 61, 61),
                        new Always("high end", 39, 39, 39, 40, 50, 60, 70, 80, 90));
        var random = new Random(3);
        float[] answer = new float[Quantiles.COUNT];
        for (int step = 0; step < 2_000; step++) {
            ensemble.ask();
            ensemble.mix(true, answer, 0);
            ensemble.update(100 * random.nextFloat());
        }
        ensemble.mixture(0, answer, 0); // before any width
        assertThat(answer).containsExactly(10, 20, 30, 40, 50, 60, 70, 80, 90);
    }

    private static SeriesEnsemble ensemble(Member... members) {
        var history =
                new History(
                        CONFIG.bounds(), CONFIG.unit(), CONFIG.stepsPerDay(), CONFIG.capacity());
        var pool =
                new Pool(
                        1,
                        SeriesEnsemble.poolRows(1),
                        members.length,
                        CONFIG.learning().poolRate());
        return new SeriesEnsemble(CONFIG, pool, history, List.of(members));
    }

    /// Says the same whatever comes.
    private record Always(String name, float... said) implements Member {
        @Override
        public void update() {}

        @Override
        public void forecast(float[] quantiles, int offset, float[] notes, int noteOffset) {
            System.arraycopy(said, 0, quantiles, offset, Quantiles.COUNT);
        }
    }
}
