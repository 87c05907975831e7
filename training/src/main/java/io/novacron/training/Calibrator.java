package io.novacron.training;

import io.novacron.inference.ModelCard;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Split conformal calibration (CQR, Romano et al. 2019) of the 80 % interval, per band of horizons
/// and per side, on time that training did not see.
///
/// The score of a row is how far its outcome lies below the .1 quantile (above the .9 one); the
/// 90th percentile of the scores is how far that end must move so that a tenth of the outcomes lies
/// beyond it. Negative scores narrow.
final class Calibrator {
    private static final int[] BANDS = {3, 24, 96, 288};
    private static final int MIN_ROWS = 200;
    private static final float MAX_SHIFT = 1;

    private Calibrator() {}

    static List<ModelCard.Calibration> calibrate(QuantileTrees trees, Rows rows)
            throws TrainingException {
        if (rows.count() == 0) {
            return List.of();
        }
        float[][] predictions = trees.predict(rows.features(), rows.count());
        List<ModelCard.Calibration> bands = new ArrayList<>();
        int from = 0;
        for (int band : BANDS) {
            float[] low = new float[rows.count()];
            float[] high = new float[rows.count()];
            int count = 0;
            for (int row = 0; row < rows.count(); row++) {
                if (rows.horizon(row) > from && rows.horizon(row) <= band) {
                    float[] quantiles = predictions[row].clone();
                    Arrays.sort(quantiles);
                    low[count] = quantiles[0] - rows.target(row);
                    high[count++] = rows.target(row) - quantiles[quantiles.length - 1];
                }
            }
            if (count >= MIN_ROWS) {
                bands.add(
                        new ModelCard.Calibration(
                                band, percentile90(low, count), percentile90(high, count)));
            }
            from = band;
        }
        return bands;
    }

    private static float percentile90(float[] scores, int count) {
        Arrays.sort(scores, 0, count);
        int rank = Math.min(count - 1, (int) Math.ceil(.9 * (count + 1)) - 1);
        return Math.clamp(scores[rank], -MAX_SHIFT, MAX_SHIFT);
    }
}
