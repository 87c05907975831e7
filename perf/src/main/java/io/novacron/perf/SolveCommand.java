package io.novacron.perf;

import io.novacron.perf.solve.SolveRoadef;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// `novacron solve`: a problem in files in, a plan in a file out.
@Command(
        name = "solve",
        description = "Solve a placement problem from files",
        subcommands = {SolveRoadef.class})
public final class SolveCommand implements Callable<Integer> {
    @Spec private @Nullable CommandSpec spec;

    /// Without a sub-command: the usage, as a mistake of usage.
    @Override
    public Integer call() {
        var command = Objects.requireNonNull(spec).commandLine();
        command.usage(command.getErr());
        return CommandLine.ExitCode.USAGE;
    }
}
