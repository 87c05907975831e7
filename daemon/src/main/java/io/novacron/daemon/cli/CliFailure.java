package io.novacron.daemon.cli;

/// Ends a command with a message and an exit code, without a stack trace.
public final class CliFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// Refused by the daemon, or failed.
    public static final int FAILED = 1;

    /// The daemon cannot be reached.
    public static final int UNREACHABLE = 3;

    /// A defect or an incomplete installation (`EX_SOFTWARE` of `sysexits.h`).
    public static final int BROKEN = 70;

    private final int exitCode;
    private final String code;

    /// @param code a word for programs, e.g. `NOT_FOUND`
    public CliFailure(int exitCode, String code, String message) {
        super(message, null, false, false);
        this.exitCode = exitCode;
        this.code = code;
    }

    public int exitCode() {
        return exitCode;
    }

    public String code() {
        return code;
    }
}
