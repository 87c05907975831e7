package io.novacron.daemon.config;

import java.time.Duration;
import java.util.List;

/// What may be done without a person, when `policy.mode` is `automatic`: nothing, unless a rule of
/// `allow` says so.
///
/// @param allow what is opted in
/// @param twoPersons what two different persons must approve; never automatic
/// @param freeze what nobody changes meanwhile
/// @param confidence below it a person must approve
/// @param margin least relative change of a size that is worth an automatic action
/// @param reversalAfter how long an automatic action does not take back an earlier one
/// @param clusterLabel the label of hosts that names their cluster
/// @param maxConcurrentPerHost actions that are not yet kept or undone
/// @param maxHourlyPerHost actions dispatched in the last hour
public record AutomationConfig(
        List<AutomationRule> allow,
        List<AutomationRule> twoPersons,
        List<AutomationRule> freeze,
        double confidence,
        double margin,
        Duration reversalAfter,
        String clusterLabel,
        int maxConcurrentPerHost,
        int maxConcurrentPerCluster,
        int maxConcurrentPerKind,
        int maxHourlyPerHost,
        int maxHourlyPerCluster,
        int maxHourlyPerKind) {
    public static final AutomationConfig DEFAULT =
            new AutomationConfig(
                    List.of(),
                    List.of(),
                    List.of(),
                    0.8,
                    0.1,
                    Duration.ofHours(6),
                    "cluster",
                    1,
                    4,
                    8,
                    4,
                    20,
                    40);

    public AutomationConfig {
        allow = List.copyOf(allow);
        twoPersons = List.copyOf(twoPersons);
        freeze = List.copyOf(freeze);
        var problems =
                new ConfigProblems()
                        .check(
                                confidence >= 0.8 && confidence <= 1,
                                "automation.confidence=%s must be in [0.8, 1]. Maybe a person should approve what is less certain?",
                                confidence)
                        .check(
                                margin >= 0 && margin <= 1,
                                "automation.margin=%s must be in [0, 1]. Maybe it was meant as a percentage?",
                                margin)
                        .check(
                                Durations.between(
                                        reversalAfter, Duration.ZERO, Duration.ofDays(90)),
                                "automation.reversal-after=%s must be in [0s, 90d]",
                                Durations.format(reversalAfter))
                        .check(
                                !clusterLabel.isBlank(),
                                "automation.cluster-label=%s must be a label. Maybe cluster?",
                                clusterLabel);
        limit(problems, "max-concurrent-per-host", maxConcurrentPerHost);
        limit(problems, "max-concurrent-per-cluster", maxConcurrentPerCluster);
        limit(problems, "max-concurrent-per-kind", maxConcurrentPerKind);
        limit(problems, "max-hourly-per-host", maxHourlyPerHost);
        limit(problems, "max-hourly-per-cluster", maxHourlyPerCluster);
        limit(problems, "max-hourly-per-kind", maxHourlyPerKind);
        problems.throwIfAny();
    }

    private static void limit(ConfigProblems problems, String key, int value) {
        problems.check(
                value >= 0 && value <= 10_000,
                "automation.%s=%d must be in [0, 10000]",
                key,
                value);
    }
}
