package io.novacron.daemon.config;

import java.time.Duration;

/// What the daemon may use of the machine.
///
/// @param cpu share of all processors together, for everything the daemon does
/// @param start what may be used up at once after a start, as time at the budget: the compiler and
///   the first forecasts are paid from it
public record BudgetConfig(Percent cpu, Duration start) {
    public static final BudgetConfig DEFAULT =
            new BudgetConfig(new Percent(2), Duration.ofMinutes(15));

    public BudgetConfig {
        new ConfigProblems()
                .check(
                        cpu.value() >= 0.1 && cpu.value() <= 100,
                        "budget.cpu=%s must be in [0.1%%, 100%%]. Maybe 2%%?",
                        cpu)
                .check(
                        Durations.between(start, Duration.ZERO, Duration.ofDays(1)),
                        "budget.start=%s must be in [0s, 1d]. Maybe 15m?",
                        Durations.format(start))
                .throwIfAny();
    }
}
