package io.novacron.solver.consolidation;

import java.util.Arrays;

/// Watts of a host by CPU utilisation, as SPECpower states them: one value for each tenth of full
/// load, straight lines in between. A host that is switched off draws nothing; `watts(0)` is an
/// idle host that is on.
public final class PowerCurve {
    private static final int TENTHS = 10;
    private static final double PERCENT = 100;

    private final double[] watts;

    /// @param watts at 0, 10, …, 100 % of full load: 11 values, finite, not negative
    public PowerCurve(double... watts) {
        if (watts.length != TENTHS + 1) {
            throw new IllegalArgumentException(
                    "watts has %d values, and a power curve has 11 (at 0, 10, …, 100 %%). Maybe one is missing?"
                            .formatted(watts.length));
        }
        for (double value : watts) {
            if (!(value >= 0) || Double.isInfinite(value)) {
                throw new IllegalArgumentException(
                        "watts=%s holds %s, and each value must be finite and not negative"
                                .formatted(Arrays.toString(watts), value));
            }
        }
        this.watts = watts.clone();
    }

    /// Watts at a utilisation in [0, 1]; beyond that, the value at the nearer end.
    ///
    /// The order of the operations is that of CloudSim's model, since its planner compares
    /// differences of this function that are equal but for rounding.
    public double watts(double utilisation) {
        if (utilisation <= 0) {
            return watts[0];
        }
        if (utilisation >= 1) {
            return watts[TENTHS];
        }
        int below = (int) Math.floor(utilisation * TENTHS);
        int above = (int) Math.ceil(utilisation * TENTHS);
        double perPercent = (watts[above] - watts[below]) / TENTHS;
        return watts[below] + perPercent * (utilisation - (double) below / TENTHS) * PERCENT;
    }
}
