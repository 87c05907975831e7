package io.novacron.perf.consolidation;

/// Adds up, for one host or vm, what was asked for and not given. Entries hold until the next one;
/// an entry at the time of the last replaces it.
final class Shortfall {
    double asked;
    double given;
    double withheldMoving;
    double activeSeconds;
    double shortSeconds;
    long stops;

    private double since = -1;
    private double lastAsked;
    private double lastGiven;
    private boolean lastActive = true;
    private boolean lastMoving;
    private boolean activeBefore = true;

    void enter(double now, double givenMips, double askedMips, boolean active, boolean moving) {
        if (since != now) {
            if (since >= 0) {
                close(now - since);
            }
            since = now;
        }
        lastAsked = askedMips;
        lastGiven = givenMips;
        lastActive = active;
        lastMoving = moving;
    }

    private void close(double seconds) {
        asked += lastAsked * seconds;
        given += lastGiven * seconds;
        boolean isShort = lastGiven < lastAsked;
        if (lastActive) {
            activeSeconds += seconds;
            if (isShort) {
                shortSeconds += seconds;
            }
        }
        if (isShort && lastMoving) {
            withheldMoving += (lastAsked - lastGiven) * seconds;
        }
        countStop();
    }

    /// Counts the last entry's change of state; it has no duration.
    void end() {
        if (since >= 0) {
            countStop();
        }
    }

    private void countStop() {
        if (activeBefore && !lastActive) {
            stops++;
        }
        activeBefore = lastActive;
    }
}
