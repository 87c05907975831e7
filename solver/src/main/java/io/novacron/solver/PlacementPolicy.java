package io.novacron.solver;

/// What makes a host good for a new vm. Each weight belongs to a term in `[0, 1]`; only their
/// ratios matter.
///
/// @param contentionWeight of room left below the safe load in the tightest resource
/// @param shapeWeight of cpu and memory running out together, so that no remainder is stranded
/// @param packingWeight of filling hosts that are already in use
public record PlacementPolicy(double contentionWeight, double shapeWeight, double packingWeight) {
    /// Spreads load; packs only between hosts that are otherwise alike.
    public static final PlacementPolicy DEFAULT = new PlacementPolicy(0.7, 0.25, 0.05);

    public PlacementPolicy {
        new Mistakes("placement policy")
                .check(
                        contentionWeight >= 0 && Double.isFinite(contentionWeight),
                        "contentionWeight=%s must not be negative. Maybe 0.7?",
                        contentionWeight)
                .check(
                        shapeWeight >= 0 && Double.isFinite(shapeWeight),
                        "shapeWeight=%s must not be negative. Maybe 0.25?",
                        shapeWeight)
                .check(
                        packingWeight >= 0 && Double.isFinite(packingWeight),
                        "packingWeight=%s must not be negative. Maybe 0.05?",
                        packingWeight)
                .check(
                        contentionWeight + shapeWeight + packingWeight > 0,
                        "all weights are 0, so all hosts are alike. Maybe contentionWeight=0.7?")
                .throwIfAny();
    }

    double weightSum() {
        return contentionWeight + shapeWeight + packingWeight;
    }
}
