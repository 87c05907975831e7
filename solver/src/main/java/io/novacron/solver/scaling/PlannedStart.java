package io.novacron.solver.scaling;

/// One member to be started.
///
/// @param member how many the group then has
/// @param atSeconds when to start it, from now
/// @param latestSeconds when it would have to be started at the latest to serve in time
public record PlannedStart(int member, double atSeconds, double latestSeconds) {
    /// Whether a limit keeps it from serving in time.
    public boolean isLate() {
        return atSeconds > latestSeconds;
    }
}
