package io.novacron.inference.serving;

/// Live accuracy of one model at one target.
///
/// @param model a member's name, [#STACKED], [#ENSEMBLE] or [#SHADOW]
/// @param steps how far ahead
/// @param outcomes judged, faded over about a day
/// @param wape sum of absolute errors of the median by sum of absolute actual values, or NaN
/// @param coverage share of actual values in the 80 % interval, or NaN
/// @param skill 1 − mean pinball loss / that of the last value, or NaN
public record AccuracyRow(
        String model, int steps, double outcomes, double wape, double coverage, double skill) {
    public static final String ENSEMBLE = "ensemble";
    public static final String STACKED = "gbt";

    /// A stacked model that is tried: its answers are judged and not used.
    public static final String SHADOW = "shadow";
}
