package io.novacron.inference.member;

import java.util.Arrays;

/// Quantiles that somebody else worked out, such as a model that answers for all series at once.
/// Whoever supplies them calls [#supply] before every forecast; those not supplied are unknown.
public final class SuppliedQuantiles implements Member {
    private final String name;
    private final float[] supplied;

    public SuppliedQuantiles(String name, int targets) {
        this.name = name;
        this.supplied = new float[targets * LEVELS];
        Arrays.fill(supplied, Float.NaN);
    }

    /// Sets the nine ascending quantiles of a target, for the next forecast only.
    public void supply(int target, float[] quantiles, int offset) {
        System.arraycopy(quantiles, offset, supplied, target * LEVELS, LEVELS);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public void update() {}

    @Override
    public void forecast(float[] quantiles, int offset, float[] notes, int noteOffset) {
        System.arraycopy(supplied, 0, quantiles, offset, supplied.length);
        Arrays.fill(supplied, Float.NaN);
    }
}
