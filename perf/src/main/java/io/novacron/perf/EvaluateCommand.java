package io.novacron.perf;

import io.novacron.perf.consolidation.ConsolidationEvaluation;
import io.novacron.perf.forecast.ForecastEvaluation;
import io.novacron.perf.openb.OpenbEvaluation;
import io.novacron.perf.solve.EvaluateTianchi;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// `novacron evaluate`: how good forecasts and plans are on recorded data, beside naive ones.
@Command(
        name = "evaluate",
        description = "Judge models and plans on recorded data",
        subcommands = {
            ConsolidationEvaluation.class,
            EvaluateTianchi.class,
            OpenbEvaluation.class,
            ForecastEvaluation.class
        })
public final class EvaluateCommand implements Callable<Integer> {
    @Spec private @Nullable CommandSpec spec;

    /// Without a sub-command: the usage, as a mistake of usage.
    @Override
    public Integer call() {
        var command = Objects.requireNonNull(spec).commandLine();
        command.usage(command.getErr());
        return CommandLine.ExitCode.USAGE;
    }
}
