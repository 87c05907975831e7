package io.novacron.inference.outlook;

/// When the daily peak reaches a limit, in days from now: 0 is today, [#NEVER] not within the days
/// that were looked at. Of ten such cases the day lies between the bounds in about eight.
///
/// @param earliest where the level comes out higher than nine times in ten
/// @param expected by the median
/// @param latest where it comes out lower than nine times in ten
public record RunOut(int earliest, int expected, int latest) {
    public static final int NEVER = -1;

    /// Whether it may come to that at all.
    public boolean isPossible() {
        return earliest != NEVER;
    }
}
