package io.novacron.daemon.view;

/// Whose capacity is asked for.
///
/// @param by label of hosts that makes groups, empty for none
/// @param limitPercent a peak hour of so many percent is used up
/// @param days ahead
/// @param hosts whether each host has a row
public record CapacityQuery(String by, double limitPercent, int days, boolean hosts) {
    private static final int MAX_LABEL_LENGTH = 128;
    private static final double USUAL_LIMIT = 90;

    /// Days that are looked ahead at most.
    public static final int MAX_DAYS = 90;

    public CapacityQuery {
        limitPercent = limitPercent == 0 ? USUAL_LIMIT : limitPercent;
        days = days == 0 ? MAX_DAYS : days;
        if (!(limitPercent > 0 && limitPercent <= 100)) {
            throw new CommandException(
                    CommandException.Kind.INVALID,
                    "limitPercent=%s must be in (0, 100]. Maybe 90?".formatted(limitPercent));
        }
        checkDays(days);
        if (by.length() > MAX_LABEL_LENGTH) {
            throw new CommandException(
                    CommandException.Kind.INVALID,
                    "by has %d characters, must be at most %d"
                            .formatted(by.length(), MAX_LABEL_LENGTH));
        }
    }

    /// Refuses what cannot be looked at.
    public static void checkDays(int days) {
        if (days < 1 || days > MAX_DAYS) {
            throw new CommandException(
                    CommandException.Kind.INVALID,
                    "days=%d must be in [1, %d]".formatted(days, MAX_DAYS));
        }
    }
}
