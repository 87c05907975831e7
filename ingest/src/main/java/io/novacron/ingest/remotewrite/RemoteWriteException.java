package io.novacron.ingest.remotewrite;

/// A request that cannot be read at all; nothing of it was taken.
final class RemoteWriteException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final boolean tooLarge;

    private RemoteWriteException(String message, boolean tooLarge) {
        super(message, null, false, false);
        this.tooLarge = tooLarge;
    }

    static RemoteWriteException bad(String message, Object... values) {
        return new RemoteWriteException(message.formatted(values), false);
    }

    static RemoteWriteException tooLarge(String message, Object... values) {
        return new RemoteWriteException(message.formatted(values), true);
    }

    boolean tooLarge() {
        return tooLarge;
    }
}
