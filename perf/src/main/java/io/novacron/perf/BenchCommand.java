package io.novacron.perf;

import io.novacron.perf.budget.BudgetBench;
import io.novacron.perf.decisions.DispatchBench;
import io.novacron.perf.decisions.LifecycleFaultsBench;
import io.novacron.perf.faults.FaultsBench;
import io.novacron.perf.forecast.ForecastBench;
import io.novacron.perf.ingest.IngestBench;
import io.novacron.perf.solve.PackingBench;
import io.novacron.perf.solvers.SolverPeersBench;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// `novacron bench`: how fast this build is on this machine.
@Command(
        name = "bench",
        description = "Measure this build on this machine",
        subcommands = {
            WireBench.class,
            FeaturesBench.class,
            ForecastBench.class,
            AnalogBench.class,
            PlacementBench.class,
            SolverBench.class,
            PackingBench.class,
            SolverPeersBench.class,
            IngestBench.class,
            JournalBench.class,
            IngestPeersBench.class,
            RecoveryBench.class,
            RemoteWriteBench.class,
            BudgetBench.class,
            FaultsBench.class,
            DispatchBench.class,
            LifecycleFaultsBench.class,
            JmhBench.class
        })
public final class BenchCommand implements Callable<Integer> {
    @Spec private @Nullable CommandSpec spec;

    /// Without a sub-command: the usage, as a mistake of usage.
    @Override
    public Integer call() {
        var command = Objects.requireNonNull(spec).commandLine();
        command.usage(command.getErr());
        return CommandLine.ExitCode.USAGE;
    }
}
