package io.novacron.daemon.service;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What the daemon has opened, closed in reverse order: all of it at the end, or what there is when
/// the start fails half-way. One that cannot be closed does not keep the others open.
///
/// Not for several threads at once.
final class OpenParts {
    private static final Logger LOGGER = LoggerFactory.getLogger(OpenParts.class);

    private final Deque<AutoCloseable> parts = new ArrayDeque<>();

    /// Adds the part that was opened last.
    <T extends AutoCloseable> T add(T part) {
        parts.push(part);
        return part;
    }

    /// Closes all of them; problems are logged.
    ///
    /// @return false when there was nothing to close
    boolean close() {
        boolean any = !parts.isEmpty();
        while (!parts.isEmpty()) {
            AutoCloseable part = parts.pop();
            try {
                part.close();
            } catch (Exception e) {
                LOGGER.error("{} cannot be closed", part.getClass().getSimpleName(), e);
            }
        }
        return any;
    }

    /// Closes all of them because of a failure; problems join it.
    void closeAfter(Throwable failure) {
        while (!parts.isEmpty()) {
            try {
                parts.pop().close();
            } catch (Throwable e) {
                failure.addSuppressed(e);
            }
        }
    }
}
