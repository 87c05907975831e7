package io.novacron.daemon.config;

import java.time.Duration;

/// How far the daemon goes with what it recommends.
///
/// @param mode `observe` records nothing to approve and tells what would have been saved,
///   `recommend` waits for a person, `automatic` does without one where `automation` allows it
/// @param confidence recommendations below it are not proposed
/// @param cpuTarget use that right-sizing aims at, percent of the vm's size at its peak
/// @param hotHost forecast peak above which a host is relieved, percent of its capacity
/// @param cpuOverCommit vCPUs that may be promised on a host, as a multiple of its cores
/// @param memoryOverCommit memory that may be promised on a host, as a multiple of its own
/// @param expireAfter how long a proposal stands without being confirmed by a tick
/// @param coolDown how long a vm is left alone after an action on it
/// @param rejectedFor how long a rejected kind of change is not proposed again for the same vm
/// @param actionTimeout how long an agent may take over an action
/// @param settle how long after an action nothing is measured
/// @param measure how long its effect is then measured; 0: it is kept once the host reports it
/// @param maxOpen proposals that may be open at once; what is over it is counted and left out
/// @param syncBeforeDispatch whether an action waits until its decision is on the device
public record PolicyConfig(
        Mode mode,
        double confidence,
        double cpuTarget,
        double hotHost,
        double cpuOverCommit,
        double memoryOverCommit,
        Duration expireAfter,
        Duration coolDown,
        Duration rejectedFor,
        Duration actionTimeout,
        Duration settle,
        Duration measure,
        int maxOpen,
        boolean syncBeforeDispatch) {

    /// Whether recommendations are offered for approval.
    public enum Mode {
        OBSERVE,
        RECOMMEND,
        AUTOMATIC
    }

    public static final PolicyConfig DEFAULT =
            new PolicyConfig(
                    Mode.RECOMMEND,
                    0.3,
                    70,
                    85,
                    4,
                    1,
                    Duration.ofMinutes(15),
                    Duration.ofMinutes(10),
                    Duration.ofHours(24),
                    Duration.ofMinutes(2),
                    Duration.ofMinutes(2),
                    Duration.ofMinutes(10),
                    500,
                    true);

    public PolicyConfig {
        new ConfigProblems()
                .check(
                        confidence >= 0 && confidence <= 1,
                        "policy.confidence=%s must be in [0, 1]. Maybe it was meant as a percentage?",
                        confidence)
                .check(
                        cpuTarget >= 41 && cpuTarget <= 84,
                        "policy.cpu-target=%s must be in [41, 84] percent, between where vms count as too large and too small",
                        cpuTarget)
                .check(
                        hotHost >= 30 && hotHost <= 100,
                        "policy.hot-host=%s must be in [30, 100] percent",
                        hotHost)
                .check(
                        cpuOverCommit >= 1 && cpuOverCommit <= 64,
                        "policy.cpu-over-commit=%s must be in [1, 64]",
                        cpuOverCommit)
                .check(
                        memoryOverCommit >= 0.5 && memoryOverCommit <= 4,
                        "policy.memory-over-commit=%s must be in [0.5, 4]",
                        memoryOverCommit)
                .check(
                        Durations.between(expireAfter, Duration.ofSeconds(10), Duration.ofDays(7)),
                        "policy.expire-after=%s must be in [10s, 7d]",
                        Durations.format(expireAfter))
                .check(
                        Durations.between(coolDown, Duration.ZERO, Duration.ofDays(7)),
                        "policy.cool-down=%s must be in [0s, 7d]",
                        Durations.format(coolDown))
                .check(
                        Durations.between(rejectedFor, Duration.ZERO, Duration.ofDays(90)),
                        "policy.rejected-for=%s must be in [0s, 90d]",
                        Durations.format(rejectedFor))
                .check(
                        Durations.between(
                                actionTimeout, Duration.ofSeconds(5), Duration.ofHours(1)),
                        "policy.action-timeout=%s must be in [5s, 1h]",
                        Durations.format(actionTimeout))
                .check(
                        Durations.between(settle, Duration.ZERO, Duration.ofHours(1)),
                        "policy.settle=%s must be in [0s, 1h]",
                        Durations.format(settle))
                .check(
                        measure.isZero()
                                || Durations.between(
                                        measure, Duration.ofMinutes(10), Duration.ofHours(1)),
                        "policy.measure=%s must be in [10m, 1h], or 0s for none. Maybe 10m?",
                        Durations.format(measure))
                .check(
                        maxOpen > 0 && maxOpen <= 100_000,
                        "policy.max-open=%d must be in [1, 100000]",
                        maxOpen)
                .throwIfAny();
    }
}
