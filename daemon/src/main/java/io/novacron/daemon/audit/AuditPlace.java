package io.novacron.daemon.audit;

/// A place in the audit chain, right after a line.
///
/// @param lines up to there, from the first ever
/// @param head hash of the last of them, 64 hexadecimal digits
/// @param bytes up to there, from the first ever: also of lines that are retired
public record AuditPlace(long lines, String head, long bytes) {
    /// Before the first line.
    public static final AuditPlace BEGINNING = new AuditPlace(0, AuditChain.GENESIS, 0);
}
