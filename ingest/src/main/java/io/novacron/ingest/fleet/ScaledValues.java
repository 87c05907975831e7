package io.novacron.ingest.fleet;

import io.novacron.wire.catalogue.Metric;

/// Values of one metric as 16-bit codes: 65,535 steps over the catalogue's range, even ones or, for
/// quantities that span decades, even in `log1p`. The first code means missing.
///
/// `StrictMath` makes the codes the same on every machine, so that replays agree.
final class ScaledValues {
    static final short MISSING = Short.MIN_VALUE;

    private static final int STEPS = 65_534;
    private static final int FIRST = Short.MIN_VALUE + 1;

    private final boolean log;
    private final double min;
    private final double width;
    private final float[] decoded = new float[STEPS + 2];

    ScaledValues(Metric metric) {
        log = metric.scale() == Metric.Scale.LOG;
        min = metric.min();
        double range = (double) metric.max() - metric.min();
        width = log ? StrictMath.log1p(range) : range;
        decoded[0] = Float.NaN;
        for (int step = 0; step <= STEPS; step++) {
            double share = width * step / STEPS;
            decoded[step + 1] = (float) (min + (log ? StrictMath.expm1(share) : share));
        }
    }

    short encode(float value) {
        if (Float.isNaN(value)) {
            return MISSING;
        }
        double above = Math.max(0, value - min);
        long step = Math.round((log ? StrictMath.log1p(above) : above) / width * STEPS);
        return (short) (FIRST + Math.min(STEPS, step));
    }

    float decode(short code) {
        return decoded[code - Short.MIN_VALUE];
    }
}
