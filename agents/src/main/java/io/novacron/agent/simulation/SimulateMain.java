package io.novacron.agent.simulation;

import picocli.CommandLine;

/// The simulated fleet as a program of its own, with the agent's small class path.
public final class SimulateMain {
    private SimulateMain() {}

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new SimulateCommand()).execute(arguments));
    }
}
