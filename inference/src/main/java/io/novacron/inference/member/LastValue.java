package io.novacron.inference.member;

/// The newest value that was not missing.
final class LastValue extends PointMember {
    LastValue(History history, Target[] targets) {
        super("last-value", history, targets, 1);
    }

    @Override
    void points(float[] points) {
        java.util.Arrays.fill(points, history.lastValid());
    }
}
