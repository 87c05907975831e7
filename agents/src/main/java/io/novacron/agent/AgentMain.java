package io.novacron.agent;

import picocli.CommandLine;

/// The agent alone, for an image without the rest of the command line.
public final class AgentMain {
    private AgentMain() {}

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new AgentCommand()).execute(arguments));
    }
}
