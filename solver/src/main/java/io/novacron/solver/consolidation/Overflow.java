package io.novacron.solver.consolidation;

/// How much a host is expected to lack: the unit normal loss integral, scaled.
final class Overflow {
    private static final double NORM = 1 / Math.sqrt(2 * Math.PI);
    private static final double FAR = 6; // standard deviations beyond which nothing is expected
    private static final double LEAST_VARIANCE =
            1; // MIPS squared, so that a certain load is one too

    private Overflow() {}

    /// Expected excess over `capacity` of a normal demand, in the unit of the capacity.
    static double expected(double capacity, double mean, double variance) {
        double deviation = Math.sqrt(Math.max(variance, LEAST_VARIANCE));
        double distance = (capacity - mean) / deviation;
        if (distance > FAR) {
            return 0;
        }
        double density = NORM * StrictMath.exp(-distance * distance / 2);
        double beyond = beyond(Math.abs(distance), density);
        double above = distance < 0 ? 1 - beyond : beyond;
        return deviation * Math.max(0, density - distance * above);
    }

    /// Upper tail of the normal distribution, to 7.5e-8 (Abramowitz and Stegun 26.2.17).
    private static double beyond(double distance, double density) {
        double t = 1 / (1 + 0.2316419 * distance);
        return density
                * t
                * (0.319381530
                        + t
                                * (-0.356563782
                                        + t
                                                * (1.781477937
                                                        + t * (-1.821255978 + t * 1.330274429))));
    }
}
