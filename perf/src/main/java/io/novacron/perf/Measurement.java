package io.novacron.perf;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// One sub-command of `bench`, `evaluate` or `solve`: progress goes to standard error, figures to
/// standard output.
public abstract class Measurement implements Callable<Integer> {
    private static final String TRACES_VARIABLE = "NOVACRON_DATA";
    private static final String TRACES = "../shared/data";

    @Spec private @Nullable CommandSpec spec;

    @Option(names = "--json", description = "End with one JSON line of figures")
    private boolean json;

    protected abstract Figures measure() throws Exception;

    @Override
    public final Integer call() throws Exception {
        Figures figures = measure();
        PrintWriter out = command().getOut();
        if (json) {
            out.println(figures.json());
        } else {
            figures.print(out);
        }
        out.flush();
        return exitCode();
    }

    /// How the command ends once its figures are printed.
    protected int exitCode() {
        return CommandLine.ExitCode.OK;
    }

    protected final PrintWriter progress() {
        return command().getErr();
    }

    protected final void report(String message, Object... values) {
        progress().println(message.formatted(values));
        progress().flush();
    }

    /// Refuses an option as a mistake of usage.
    protected final void check(boolean holds, String message, Object... values) {
        if (!holds) {
            throw usage(message, values);
        }
    }

    protected final ParameterException usage(String message, Object... values) {
        return new ParameterException(command(), message.formatted(values));
    }

    /// The folder of a public trace: where `--data` says, or under `NOVACRON_DATA`, or under
    /// `../shared/data` if that is there.
    protected final Path traceFolder(@Nullable Path given, String name) {
        if (given != null) {
            return given;
        }
        String root = System.getenv(TRACES_VARIABLE);
        Path folder = Path.of(root == null ? TRACES : root, name);
        check(
                root != null || Files.isDirectory(folder),
                "--data is missing, %s is not set, and %s is not there. Maybe --data DIR?",
                TRACES_VARIABLE,
                folder);
        return folder;
    }

    protected final void checkSeconds(double seconds) {
        check(
                seconds > 0 && seconds <= 3_600,
                "--seconds=%s must be in (0, 3600]. Maybe 10?",
                seconds);
    }

    private CommandLine command() {
        return Objects.requireNonNull(spec).commandLine();
    }
}
