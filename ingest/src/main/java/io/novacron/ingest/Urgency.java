package io.novacron.ingest;

/// How soon a record of the daemon must be in the journal and back.
public enum Urgency {
    /// May be gathered with others: see [Gathering].
    ROUTINE,

    /// Somebody waits for it: every stage that gathers goes on at once.
    PROMPT,

    /// The same, and it is on the device soon, whatever the interval of group commits.
    SYNCED;

    private static final Urgency[] VALUES = values();

    static Urgency of(int ordinal) {
        return VALUES[ordinal];
    }
}
