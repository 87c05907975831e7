package io.novacron.wire;

import io.novacron.wire.sbe.ErrorCode;
import java.util.Locale;

/// The one error of this module: bytes that break the wire's rules, or a message that cannot be put
/// on it.
///
/// It has no stack trace, for it says something about a peer's bytes and not about our code, and a
/// hostile peer must not be able to buy stack walks with bad frames. The message names the value,
/// the rule and, where it can be guessed, the next step.
public final class WireException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final ErrorCode code;

    public WireException(ErrorCode code, String message) {
        super(message, null, false, false);
        this.code = code;
    }

    /// Formats the message as [String#format] does.
    public static WireException of(ErrorCode code, String format, Object... arguments) {
        return new WireException(code, String.format(Locale.ROOT, format, arguments));
    }

    /// What to tell the peer, and the kind to count it under.
    public ErrorCode code() {
        return code;
    }
}
