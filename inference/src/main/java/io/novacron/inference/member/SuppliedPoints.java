package io.novacron.inference.member;

import java.util.Arrays;

/// Points that somebody else worked out, such as the sum of the forecasts of a group's vms. Whoever
/// supplies them calls [#supply] before every forecast; points not supplied are unknown.
public final class SuppliedPoints extends PointMember {
    private final int variants;
    private final float[] supplied;

    public SuppliedPoints(String name, History history, Target[] targets, int variants) {
        super(name, history, targets, variants);
        this.variants = variants;
        this.supplied = new float[targets.length * variants];
        Arrays.fill(supplied, Float.NaN);
    }

    /// Sets the point of the next forecast only.
    public void supply(int target, int variant, float point) {
        supplied[target * variants + variant] = point;
    }

    @Override
    void points(float[] points) {
        System.arraycopy(supplied, 0, points, 0, points.length);
        Arrays.fill(supplied, Float.NaN);
    }
}
