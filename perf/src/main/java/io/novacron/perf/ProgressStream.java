package io.novacron.perf;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;

/// Gives a library that prints to a stream the progress writer, line by line.
final class ProgressStream extends OutputStream {
    private final PrintWriter progress;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();

    ProgressStream(PrintWriter progress) {
        this.progress = progress;
    }

    @Override
    public void write(int value) {
        if (value == '\n') {
            flushLine();
        } else {
            line.write(value);
        }
    }

    @Override
    public void close() {
        if (line.size() > 0) {
            flushLine();
        }
    }

    private void flushLine() {
        progress.println(line.toString(StandardCharsets.UTF_8));
        progress.flush();
        line.reset();
    }
}
