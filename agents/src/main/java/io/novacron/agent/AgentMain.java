package io.novacron.agent;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine;

/// The agent alone, for an image without the rest of the command line.
///
/// Pairs of an option and its value are read here; anything else (`--help`, `--name=value`, a
/// mistake) goes to the command line's own parser, with the same options.
public final class AgentMain {
    private AgentMain() {}

    public static void main(String[] arguments) throws InterruptedException {
        AgentCommand command = parsed(arguments);
        System.exit(
                command == null
                        ? new CommandLine(new AgentCommand()).execute(arguments)
                        : command.call());
    }

    /// @return null unless the arguments are pairs of known options and values, `--daemon` among
    ///   them
    static @Nullable AgentCommand parsed(String[] arguments) {
        var command = new AgentCommand();
        boolean daemon = false;
        if (arguments.length % 2 != 0) {
            return null;
        }
        for (int i = 0; i < arguments.length; i += 2) {
            if (!command.set(arguments[i], arguments[i + 1])) {
                return null;
            }
            daemon |= arguments[i].equals("--daemon");
        }
        return daemon ? command : null;
    }
}
