package io.novacron.wire.column;

import java.util.Random;

/// A realistic batch: 8 percentages at 0.1 resolution, 6 rates, 3 slow integers, 3 constants.
public final class GaugeMix {
    private GaugeMix() {}

    /// Fills a batch whose entity ids begin at `firstEntity`, with 20 metrics.
    public static ColumnBatch batch(Random random, int entities, int firstEntity) {
        var batch = new ColumnBatch(entities, 20);
        for (int e = 0; e < entities; e++) {
            batch.addEntity(firstEntity + e);
        }
        for (int m = 0; m < 20; m++) {
            batch.addMetric(m + 1);
            for (int e = 0; e < entities; e++) {
                batch.set(m, e, value(random, m));
            }
        }
        return batch;
    }

    private static float value(Random random, int metric) {
        if (metric < 8) {
            return random.nextInt(1_001) / 10f;
        } else if (metric < 14) {
            return (float) Math.exp(random.nextGaussian() * 2.5 + 9);
        } else if (metric < 17) {
            return (float) ((1L << 30) + 4_096L * random.nextInt(1 << 18));
        } else {
            return 4 * (metric - 16);
        }
    }
}
