package io.novacron.perf.decisions;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/// A process that obeys lines, answers some, and says some unasked. One thread owns it; another
/// reads what it says.
final class Child implements AutoCloseable {
    private static final long PATIENCE_S = 60;
    private static final String END = "\0";

    private final Process process;
    private final Writer input;
    private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();
    private final Thread reader;

    /// @param unasked takes a line, on the reading thread, and says whether it was none of the
    ///   answers
    /// @param log takes what it says on standard error
    Child(List<String> command, Path log, Predicate<String> unasked) throws IOException {
        var builder = new ProcessBuilder(command);
        builder.redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
        process = builder.start();
        input = process.outputWriter(StandardCharsets.UTF_8);
        BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
        reader = Thread.ofPlatform().daemon().start(() -> read(output, unasked));
    }

    private void read(BufferedReader output, Predicate<String> unasked) {
        try {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                if (!unasked.test(line)) {
                    answers.add(line);
                }
            }
        } catch (IOException e) {
            // it was killed in the middle of a line
        }
        answers.add(END);
    }

    /// Says something and waits for the answer that begins so.
    ///
    /// @return what follows the beginning
    String ask(String question, String beginning) throws IOException {
        input.write(question + "\n");
        input.flush();
        try {
            for (String line = answers.poll(PATIENCE_S, TimeUnit.SECONDS);
                    line != null;
                    line = answers.poll(PATIENCE_S, TimeUnit.SECONDS)) {
                if (line.startsWith(beginning)) {
                    return line.substring(beginning.length()).strip();
                }
                if (line.equals(END)) {
                    throw new IOException("the process has ended; it was told " + question);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw new IOException("no answer within %d s to: %s".formatted(PATIENCE_S, question));
    }

    /// Ends it by SIGKILL, wherever it stands; all that it said before has been heard.
    void kill() {
        process.destroyForcibly();
        awaitEnd();
    }

    /// Ends it in order.
    void end() throws IOException {
        input.close();
        try {
            if (!process.waitFor(PATIENCE_S, TimeUnit.SECONDS)) {
                throw new IOException("the process did not end within %d s".formatted(PATIENCE_S));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        awaitEnd();
    }

    private void awaitEnd() {
        boolean interrupted = false;
        while (process.isAlive() || reader.isAlive()) {
            try {
                process.waitFor();
                reader.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    boolean isAlive() {
        return process.isAlive();
    }

    @Override
    public void close() {
        kill();
    }
}
