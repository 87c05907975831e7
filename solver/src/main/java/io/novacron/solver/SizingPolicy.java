package io.novacron.solver;

/// When [RightSizer] speaks up, and how far it goes.
///
/// Between `lowUtilisation` and `highUtilisation` nothing is advised; outside, the size is aimed at
/// that puts the peak at `targetUtilisation`. Since growing and shrinking aim at the same size, and
/// it lies inside the band, advice that was followed gives rise to no further advice on the same
/// forecast.
///
/// @param targetUtilisation of the size, at the horizon's risk level
/// @param highUtilisation above which a vm is under-provisioned
/// @param lowUtilisation below which a vm is over-provisioned
/// @param saturation share of its vCPUs at which a vm's true demand can no longer be seen
/// @param saturationGrowth factor by which a saturated vm grows at least
/// @param observedConfidence in what is observed now but not forecast
/// @param unplugConfidence factor on advice to take vCPUs away, which hypervisors may fail to do
/// @param largestShrink share of its size that a vm may lose in one step
/// @param minimumHistoryHours below which a vm is not shrunk, where its age is known
/// @param memoryMarginBytes kept free above the working set, at least
/// @param memoryMarginShare of the working set kept free above it, at least
/// @param memoryStepBytes to a multiple of which memory sizes are rounded up
/// @param settleSeconds until a guest has taken a new size on
public record SizingPolicy(
        double targetUtilisation,
        double highUtilisation,
        double lowUtilisation,
        double saturation,
        double saturationGrowth,
        double observedConfidence,
        double unplugConfidence,
        double largestShrink,
        double minimumHistoryHours,
        long memoryMarginBytes,
        double memoryMarginShare,
        long memoryStepBytes,
        double settleSeconds) {
    private static final long MIB = 1L << 20;
    private static final long MEMORY_LIMIT = 1L << 50;

    public static final SizingPolicy DEFAULT =
            new SizingPolicy(
                    0.70, 0.85, 0.40, 0.95, 1.5, 0.9, 0.5, 0.5, 24, 128 * MIB, 0.10, 64 * MIB, 2);

    public SizingPolicy {
        new Mistakes("sizing policy")
                .check(
                        0 < lowUtilisation
                                && lowUtilisation < targetUtilisation
                                && targetUtilisation < highUtilisation
                                && highUtilisation <= 1,
                        "lowUtilisation=%s, targetUtilisation=%s, highUtilisation=%s must ascend in"
                                + " (0, 1]. Maybe 0.4, 0.7, 0.85?",
                        lowUtilisation,
                        targetUtilisation,
                        highUtilisation)
                .check(
                        saturation >= highUtilisation && saturation <= 1,
                        "saturation=%s must be in [highUtilisation=%s, 1]. Maybe 0.95?",
                        saturation,
                        highUtilisation)
                .check(
                        saturationGrowth >= 1 && saturationGrowth <= 2,
                        "saturationGrowth=%s must be in [1, 2]. Maybe 1.5?",
                        saturationGrowth)
                .check(
                        2 * lowUtilisation < saturation,
                        "lowUtilisation=%s must be below half of saturation=%s, or a vm that doubled"
                                + " would be shrunk again. Maybe 0.4?",
                        lowUtilisation,
                        saturation)
                .check(
                        observedConfidence >= 0 && observedConfidence <= 1,
                        "observedConfidence=%s must be in [0, 1]. Maybe 0.9?",
                        observedConfidence)
                .check(
                        unplugConfidence >= 0 && unplugConfidence <= 1,
                        "unplugConfidence=%s must be in [0, 1]. Maybe 0.5?",
                        unplugConfidence)
                .check(
                        largestShrink > 0 && largestShrink < 1,
                        "largestShrink=%s must be in (0, 1). Maybe 0.5?",
                        largestShrink)
                .check(
                        minimumHistoryHours >= 0 && Double.isFinite(minimumHistoryHours),
                        "minimumHistoryHours=%s must not be negative. Maybe 24?",
                        minimumHistoryHours)
                .check(
                        memoryMarginBytes >= 0 && memoryMarginBytes <= MEMORY_LIMIT,
                        "memoryMarginBytes=%s must be in [0, %s]. Maybe 134217728?",
                        memoryMarginBytes,
                        MEMORY_LIMIT)
                .check(
                        memoryMarginShare >= 0 && memoryMarginShare <= 1,
                        "memoryMarginShare=%s must be in [0, 1]. Maybe 0.1?",
                        memoryMarginShare)
                .check(
                        memoryStepBytes >= 1 && memoryStepBytes <= MEMORY_LIMIT,
                        "memoryStepBytes=%s must be in [1, %s]. Maybe 67108864?",
                        memoryStepBytes,
                        MEMORY_LIMIT)
                .check(
                        settleSeconds >= 0 && Double.isFinite(settleSeconds),
                        "settleSeconds=%s must not be negative. Maybe 2?",
                        settleSeconds)
                .throwIfAny();
    }

    /// Working set plus the margin that a vm is never cut into.
    double memoryFloor(double workingSet) {
        return workingSet + Math.max(memoryMarginBytes, memoryMarginShare * workingSet);
    }
}
