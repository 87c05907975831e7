package io.novacron.ingest.checkpoint;

/// The parts of a checkpoint, in the order in which they stand in the file.
public enum Section {
    /// Format, journal ordinal, limits and catalogue.
    HEADER,
    /// Hosts and vms, with the slots they own.
    ENTITIES,
    /// What the fleet knows of each agent's inventory.
    INVENTORIES,
    /// Closed steps, publication, and which roll-ups are to be computed.
    STORE,
    /// Rows of the tiles of all resolutions.
    TILES,
    /// Rows that were written over while the tiles were written down, as they had been.
    ROWS,
    /// Agents, their sessions and the sequences of their streams.
    AGENTS,
    /// What the listener keeps; only it can read it.
    LISTENER,
    /// How long the file is: a file without it is not whole.
    END;

    private static final Section[] BY_CODE = values();

    int code() {
        return ordinal();
    }

    static String nameOf(int code) {
        return code >= 0 && code < BY_CODE.length ? BY_CODE[code].name() : "section " + code;
    }
}
