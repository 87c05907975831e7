package io.novacron.daemon.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.novacron.daemon.config.ConfigException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ParseResult;

/// Turns what a command throws into a message, an exit code and, with `--json`, one JSON line.
final class Failures {
    private Failures() {}

    static int handle(Exception failure, CommandLine command, ParseResult parsed) {
        boolean json =
                parsed.subcommand() != null && parsed.subcommand().hasMatchedOption("--json");
        var known = known(failure);
        String message =
                known != null
                        ? String.valueOf(known.getMessage())
                        : failure.getClass().getSimpleName() + ": " + failure.getMessage();
        command.getErr().println(command.getCommandSpec().qualifiedName() + ": " + message);
        command.getErr().flush();
        if (json) {
            var error = JsonNodeFactory.instance.objectNode();
            error.putObject("error")
                    .put("code", known != null ? known.code() : "INTERNAL")
                    .put("message", message);
            command.getOut().println(error);
            command.getOut().flush();
        }
        return known != null ? known.exitCode() : CliFailure.FAILED;
    }

    private static @Nullable CliFailure known(Exception failure) {
        return switch (failure) {
            case CliFailure cliFailure -> cliFailure;
            case ConfigException mistakes ->
                    new CliFailure(
                            CommandLine.ExitCode.USAGE,
                            "INVALID",
                            String.valueOf(mistakes.getMessage()));
            default -> null;
        };
    }
}
