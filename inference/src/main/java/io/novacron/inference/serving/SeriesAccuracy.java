package io.novacron.inference.serving;

/// How the forecasts of one series and target did lately, in four shorts: so that those of a whole
/// fleet can be published with each tick.
///
/// ```text
///  0 outcomes   1 WAPE   2 coverage   3 skill      in ten-thousandths but for outcomes, MISSING: unknown
/// ```
public final class SeriesAccuracy {
    /// Figures of one series and target.
    public static final int COUNT = 4;

    public static final int OUTCOMES = 0;
    public static final int WAPE = 1;
    public static final int COVERAGE = 2;
    public static final int SKILL = 3;

    private static final short MISSING = Short.MIN_VALUE;
    private static final float FINE = 10_000;

    private SeriesAccuracy() {}

    static void pack(float outcomes, float wape, float coverage, float skill, short[] out, int at) {
        out[at + OUTCOMES] = packed(outcomes);
        out[at + WAPE] = packed(wape * FINE);
        out[at + COVERAGE] = packed(coverage * FINE);
        out[at + SKILL] = packed(skill * FINE);
    }

    private static short packed(float value) {
        return Float.isNaN(value)
                ? MISSING
                : (short) Math.clamp(Math.round(value), -Short.MAX_VALUE, Short.MAX_VALUE);
    }

    /// One figure of those at `packed[at]`; NaN where it is unknown. What is beyond 3.27 is said to
    /// be that.
    public static float unpack(short[] packed, int at, int figure) {
        short value = packed[at + figure];
        if (value == MISSING) {
            return Float.NaN;
        }
        return figure == OUTCOMES ? value : value / FINE;
    }
}
