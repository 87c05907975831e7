package io.novacron.daemon.view;

/// A command that was refused, and why; the caller's mistake, not a fault of the daemon.
public final class CommandException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// What kind of refusal this is; the faces map it to their own codes.
    public enum Kind {
        NOT_FOUND,
        INVALID,
        CONFLICT,
        OVERLOADED
    }

    private final Kind kind;

    public CommandException(Kind kind, String message) {
        super(message, null, false, false);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
