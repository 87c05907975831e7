package io.novacron.solver;

import java.util.List;
import java.util.Map;

/// A new vm that looks for a host.
///
/// @param otherSizes what is promised to it of resources other than cpu and memory, by resource
///   name
/// @param expectedPeaks its expected peak demand by resource name; what is not given is taken to be
///   its size times the share of their sizes that the fleet's vms use at their peaks
/// @param requiredLabels that a host must have, all of them
/// @param excludedLabels that a host must not have, none of them
/// @param withVms ids of vms on whose host it must be
/// @param apartFromVms ids of vms on whose hosts it must not be
/// @param affinityGroups names of groups that it joins: it must be on a host of theirs
/// @param antiAffinityGroups names of groups that it joins: it must be on none of their hosts
/// @param limit the most hosts to answer with
public record PlacementRequest(
        int vcpus,
        long memoryBytes,
        Map<String, Double> otherSizes,
        Map<String, Double> expectedPeaks,
        List<String> requiredLabels,
        List<String> excludedLabels,
        List<String> withVms,
        List<String> apartFromVms,
        List<String> affinityGroups,
        List<String> antiAffinityGroups,
        int limit) {
    public static final int RESULT_LIMIT = 64;
    private static final long MEMORY_LIMIT = 1L << 53;

    public PlacementRequest {
        otherSizes = Map.copyOf(otherSizes);
        expectedPeaks = Map.copyOf(expectedPeaks);
        requiredLabels = List.copyOf(requiredLabels);
        excludedLabels = List.copyOf(excludedLabels);
        withVms = List.copyOf(withVms);
        apartFromVms = List.copyOf(apartFromVms);
        affinityGroups = List.copyOf(affinityGroups);
        antiAffinityGroups = List.copyOf(antiAffinityGroups);
        var mistakes =
                new Mistakes("placement request")
                        .check(
                                vcpus >= 1,
                                "vcpus=%s must be at least 1. Maybe it was left out?",
                                vcpus)
                        .check(
                                memoryBytes >= 1 && memoryBytes < MEMORY_LIMIT,
                                "memoryBytes=%s must be positive and below 2^53. Maybe it was left"
                                        + " out?",
                                memoryBytes)
                        .check(
                                limit >= 1 && limit <= RESULT_LIMIT,
                                "limit=%s must be in [1, %s]. Maybe 5?",
                                limit,
                                RESULT_LIMIT);
        checkAmounts(mistakes, "otherSizes", otherSizes);
        checkAmounts(mistakes, "expectedPeaks", expectedPeaks);
        mistakes.throwIfAny();
    }

    private static void checkAmounts(Mistakes mistakes, String what, Map<String, Double> amounts) {
        amounts.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(entry ->
                        mistakes.check(
                                Double.isFinite(entry.getValue()) && entry.getValue() >= 0,
                                "%s of %s is %s, must be finite and not negative. Maybe"
                                        + " leave it out?",
                                what,
                                entry.getKey(),
                                entry.getValue()));
    }

    public static PlacementRequest of(int vcpus, long memoryBytes, int limit) {
        return new PlacementRequest(
                vcpus,
                memoryBytes,
                Map.of(),
                Map.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                limit);
    }

    public PlacementRequest withOtherSizes(Map<String, Double> sizes) {
        return new PlacementRequest(
                vcpus,
                memoryBytes,
                sizes,
                expectedPeaks,
                requiredLabels,
                excludedLabels,
                withVms,
                apartFromVms,
                affinityGroups,
                antiAffinityGroups,
                limit);
    }

    public PlacementRequest withExpectedPeaks(Map<String, Double> peaks) {
        return new PlacementRequest(
                vcpus,
                memoryBytes,
                otherSizes,
                peaks,
                requiredLabels,
                excludedLabels,
                withVms,
                apartFromVms,
                affinityGroups,
                antiAffinityGroups,
                limit);
    }

    public PlacementRequest withLabels(List<String> required, List<String> excluded) {
        return new PlacementRequest(
                vcpus,
                memoryBytes,
                otherSizes,
                expectedPeaks,
                required,
                excluded,
                withVms,
                apartFromVms,
                affinityGroups,
                antiAffinityGroups,
                limit);
    }

    public PlacementRequest withNeighbours(List<String> with, List<String> apartFrom) {
        return new PlacementRequest(
                vcpus,
                memoryBytes,
                otherSizes,
                expectedPeaks,
                requiredLabels,
                excludedLabels,
                with,
                apartFrom,
                affinityGroups,
                antiAffinityGroups,
                limit);
    }

    public PlacementRequest withGroups(List<String> affinity, List<String> antiAffinity) {
        return new PlacementRequest(
                vcpus,
                memoryBytes,
                otherSizes,
                expectedPeaks,
                requiredLabels,
                excludedLabels,
                withVms,
                apartFromVms,
                affinity,
                antiAffinity,
                limit);
    }
}
