package io.novacron.ingest.journal;

import org.jspecify.annotations.Nullable;

/// What a journal record is. The codes are on disk: never reuse or renumber one.
public enum RecordType {
    /// A metric batch of an agent, as it came (SBE message with its header).
    FRAME(1),
    /// An inventory of an agent, as it came.
    INVENTORY(2),
    /// A connection begun or ended: see `SessionRecord`.
    SESSION(3),
    /// What became of an action, as the agent said it.
    OUTCOME(4),
    /// Closes all minutes up to a time: tick number and time, 16 bytes.
    TICK_CLOSE(5),
    /// The final acknowledged watermark of a spool epoch that has ended.
    ACKNOWLEDGED(6),
    /// An operator's or scheduler's command.
    COMMAND(16),
    /// A step in a decision's life.
    DECISION(17),
    /// Forecasts that a decision was made from.
    FORECASTS(18),
    /// The configuration in force.
    CONFIGURATION(19),
    /// A model put in or out of use.
    MODEL_SWITCH(20),
    /// The tick plan: which tiers on which entities, how many solver moves.
    TICK_PLAN(21),
    /// A schedulers' reservation.
    RESERVATION(22),
    /// Anything else the daemon wants in the total order; its payload says what.
    NOTE(23);

    private static final RecordType[] BY_CODE = new RecordType[256];

    static {
        for (RecordType type : values()) {
            BY_CODE[type.code] = type;
        }
    }

    private final int code;

    RecordType(int code) {
        this.code = code;
    }

    public int code() {
        return code;
    }

    /// Whether it comes from an agent; the others come from the daemon through `append`.
    public boolean fromAgent() {
        return code < TICK_CLOSE.code;
    }

    /// The type with this code, or null when a newer version wrote it.
    public static @Nullable RecordType ofCode(int code) {
        return code < 0 || code >= BY_CODE.length ? null : BY_CODE[code];
    }
}
