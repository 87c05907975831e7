package io.novacron.daemon.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// A command that asks the daemon one thing and shows the answer, as text or as one JSON line.
abstract sealed class QueryCommand implements Callable<Integer>
        permits ActCommand,
                ApproveCommand,
                AutomationCommand,
                CapacityCommand,
                DecisionCommand,
                DecisionsCommand,
                DrainCommand,
                ExplainCommand,
                FindingsCommand,
                ForecastCommand,
                HostsCommand,
                PlaceCommand,
                RecommendationsCommand,
                RejectCommand,
                StatusCommand,
                VmsCommand,
                WindowCommand {
    @Mixin private final RestOptions options = new RestOptions();
    @Spec private @Nullable CommandSpec spec;

    @Override
    public final Integer call() {
        JsonNode answer;
        try (var client = new RestClient(options)) {
            answer = ask(client);
        }
        var out = Objects.requireNonNull(spec).commandLine().getOut();
        if (options.json) {
            out.println(answer);
        } else {
            show(answer, out);
        }
        out.flush();
        return 0;
    }

    abstract JsonNode ask(RestClient client);

    abstract void show(JsonNode answer, PrintWriter out);
}
