package io.novacron.agent.libvirt;

/// A libvirt call that did not do what was asked, with the part of the reason that callers act on.
final class LibvirtException extends Exception {
    private static final long serialVersionUID = 1L;

    /// What a caller can do about it.
    enum Kind {
        /// The domain is not on this host (any more).
        NOT_FOUND,
        /// The connection broke, before or during the call; the next call opens another.
        CONNECTION_LOST,
        /// Libvirt itself gave up waiting, for the guest or for another job; it may still happen.
        GUEST_TIMED_OUT,
        /// The watchdog gave up; the call may still take effect.
        OVERRAN,
        /// Not begun: too many calls hang or are under way.
        DEGRADED,
        /// The caller was interrupted while it waited.
        INTERRUPTED,
        /// The library is not on this machine.
        UNAVAILABLE,
        /// The driver behind the connection has no such call.
        UNSUPPORTED,
        /// Any other answer of libvirt.
        REFUSED
    }

    private static final int NO_SUPPORT = 3;
    private static final int NO_DOMAIN = 42;
    private static final int OPERATION_TIMEOUT = 68;

    private final Kind kind;

    LibvirtException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    /// Sorts an error by its number (`virErrorNumber`).
    ///
    /// @param alive whether the connection still stands; the number does not tell, for libvirtd
    ///   hands on the errors of its own connections to other hosts
    static LibvirtException of(String function, int number, String text, boolean alive) {
        Kind kind = Kind.CONNECTION_LOST;
        if (alive) {
            kind =
                    switch (number) {
                        case NO_DOMAIN -> Kind.NOT_FOUND;
                        case NO_SUPPORT -> Kind.UNSUPPORTED;
                        case OPERATION_TIMEOUT -> Kind.GUEST_TIMED_OUT;
                        default -> Kind.REFUSED;
                    };
        }
        return new LibvirtException(
                kind, "%s: %s (libvirt error %d)".formatted(function, text, number));
    }

    Kind kind() {
        return kind;
    }

    @Override
    public String getMessage() {
        return String.valueOf(super.getMessage());
    }
}
