package io.novacron.daemon.config;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Groups of vms whose number of members follows their demand.
///
/// @param starts members of all groups together that may be started in one interval
/// @param interval of the clock: what keeps a morning from starting everything at once
public record ScalingConfig(int starts, Duration interval, List<ScalingGroupConfig> groups) {
    public static final ScalingConfig DEFAULT =
            new ScalingConfig(20, Duration.ofMinutes(5), List.of());

    private static final int MOST_GROUPS = 200;

    public ScalingConfig {
        groups = List.copyOf(groups);
        var problems =
                new ConfigProblems()
                        .check(
                                starts >= 1 && starts <= 10_000,
                                "scaling.starts=%d must be in [1, 10000]. Maybe 20?",
                                starts)
                        .check(
                                Durations.between(
                                        interval, Duration.ofMinutes(1), Duration.ofHours(24)),
                                "scaling.interval=%s must be in [1m, 24h]. Maybe 5m?",
                                Durations.format(interval))
                        .check(
                                groups.size() <= MOST_GROUPS,
                                "scaling.groups=%d groups must be at most %d. Maybe put some together?",
                                groups.size(),
                                MOST_GROUPS);
        Set<String> names = new HashSet<>();
        for (int i = 0; i < groups.size(); i++) {
            ScalingGroupConfig group = groups.get(i);
            String path = "scaling.groups[%d].".formatted(i);
            group.check(problems, path);
            problems.check(
                            names.add(group.name()),
                            "%sname=%s is there twice. Maybe one was copied?",
                            path,
                            group.name())
                    .check(
                            group.outCoolDown().compareTo(interval) <= 0,
                            "%sout-cool-down=%s must be at most scaling.interval=%s. Maybe make the interval longer?",
                            path,
                            Durations.format(group.outCoolDown()),
                            Durations.format(interval));
        }
        problems.throwIfAny();
    }
}
