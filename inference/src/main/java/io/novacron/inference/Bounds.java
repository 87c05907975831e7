package io.novacron.inference;

/// The values a metric can take, both ends included; an open end is infinite.
public record Bounds(float min, float max) {
    /// A share in percent.
    public static final Bounds PERCENT = new Bounds(0, 100);

    /// A rate or amount: never negative, no upper end.
    public static final Bounds NON_NEGATIVE = new Bounds(0, Float.POSITIVE_INFINITY);

    public static final Bounds UNBOUNDED =
            new Bounds(Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY);

    public Bounds {
        if (!(min < max)) {
            throw new IllegalArgumentException(
                    "bounds min=%s must be less than max=%s. Maybe they are swapped?"
                            .formatted(min, max));
        }
    }

    public float clip(float value) {
        return Math.min(max, Math.max(min, value)); // NaN stays NaN
    }

    boolean isFinite() {
        return Float.isFinite(min) && Float.isFinite(max);
    }

    /// Smallest difference that matters: a thousandth of the range, or of `level` when open-ended.
    float resolution(float level) {
        return isFinite() ? (max - min) / 1000 : Math.max(Math.abs(level) / 1000, 1e-6f);
    }
}
