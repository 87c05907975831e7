package io.novacron.daemon.audit;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// The lines of an audit log as bytes, cut at line breaks alone. Not thread-safe.
final class AuditReader implements AutoCloseable {
    private final InputStream in;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream(1024);
    private boolean lastWasWhole = true;

    AuditReader(Path file) throws IOException {
        in = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
    }

    /// The next line without its line break; null at the end. A line that is too long comes in
    /// pieces.
    byte @Nullable [] next() throws IOException {
        line.reset();
        int next = in.read();
        if (next < 0) {
            return null;
        }
        while (next >= 0 && next != '\n' && line.size() < AuditChain.LONGEST_LINE) {
            line.write(next);
            next = in.read();
        }
        lastWasWhole = next == '\n';
        return line.toByteArray();
    }

    /// Whether a line break stood behind the last line.
    boolean lastWasWhole() {
        return lastWasWhole;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
