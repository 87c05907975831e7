package io.novacron.training;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `novacron train`: traces in, a verified model directory out.
@Command(
        name = "train",
        mixinStandardHelpOptions = true,
        description = "Trains the forecast model from a folder of traces and writes a new version.",
        footer = {
            "",
            "DIR holds one METRIC.csv or METRIC.csv.gz per metric, one line per entity.",
            "The model is written to OUT/forecast-gbt/<next version>/{model.onnx,card.json}."
        })
public final class TrainCommand implements Callable<Integer> {
    @Spec private CommandSpec spec = CommandSpec.create();

    @Option(names = "--data", required = true, paramLabel = "DIR", description = "The traces.")
    private Path data = Path.of("");

    @Option(names = "--out", required = true, paramLabel = "OUT", description = "Root of models.")
    private Path out = Path.of("");

    @Option(names = "--seed", defaultValue = "1", description = "Default: ${DEFAULT-VALUE}")
    private long seed = 1;

    @Option(
            names = "--rows",
            defaultValue = "150000",
            description = "Training rows. Default: ${DEFAULT-VALUE}")
    private int rows = TrainingOptions.DEFAULT.rows();

    @Option(
            names = "--rounds",
            defaultValue = "80",
            description = "Boosting rounds. Default: ${DEFAULT-VALUE}")
    private int rounds = TrainingOptions.DEFAULT.rounds();

    @Option(
            names = "--depth",
            defaultValue = "5",
            description = "Depth of a tree. Default: ${DEFAULT-VALUE}")
    private int depth = TrainingOptions.DEFAULT.depth();

    @Option(
            names = "--learning-rate",
            defaultValue = "0.12",
            description = "Default: ${DEFAULT-VALUE}")
    private float learningRate = TrainingOptions.DEFAULT.learningRate();

    @Option(
            names = "--step-seconds",
            defaultValue = "300",
            description =
                    "Step of the traces where no traces.json says it. Default: ${DEFAULT-VALUE}")
    private int stepSeconds = SyntheticTraces.STEP_SECONDS;

    @Option(
            names = "--start",
            defaultValue = "2026-01-05T00:00:00Z",
            paramLabel = "INSTANT",
            description =
                    "Time of the first value where no traces.json says it. Default: ${DEFAULT-VALUE}")
    private Instant start = SyntheticTraces.START;

    @Option(
            names = "--max-entities",
            defaultValue = "100000",
            description = "Lines to read of each metric. Default: ${DEFAULT-VALUE}")
    private int maxEntities = 100_000;

    @Option(names = "--json", description = "End with one JSON line of figures.")
    private boolean json;

    @Override
    public Integer call() {
        PrintWriter progress = spec.commandLine().getErr();
        try {
            var options = new TrainingOptions(seed, rows, rounds, depth, learningRate);
            progress.printf("reading %s%n", data);
            progress.flush();
            TraceFolder folder =
                    TraceFolder.read(data, stepSeconds, start.toEpochMilli(), maxEntities);
            long startNs = System.nanoTime();
            TrainingRun run =
                    TrainingRun.run(
                            folder,
                            options,
                            ModelWriter.nextVersion(out),
                            commandLine(),
                            line -> {
                                progress.println(line);
                                progress.flush();
                            });
            Path directory = ModelWriter.write(out, run);
            double seconds = Math.round((System.nanoTime() - startNs) / 1e7) / 100.0;
            progress.printf("wrote %s in %.1f s%n", directory, seconds);
            progress.flush();
            report(run.figures(), seconds);
            return 0;
        } catch (TrainingException | IllegalArgumentException | IOException e) {
            progress.println("train: " + e.getMessage());
            progress.flush();
            return 1;
        }
    }

    /// How to ask for this run again, with every value that is not the default.
    private String commandLine() {
        var line = new StringBuilder("./novacron train");
        for (String argument : originalArguments()) {
            if (!argument.equals("--json")) {
                line.append(' ').append(argument);
            }
        }
        return line.toString();
    }

    private List<String> originalArguments() {
        var parsed = spec.commandLine().getParseResult();
        return parsed == null
                ? List.of()
                : parsed.originalArgs().stream()
                        .dropWhile(argument -> !argument.startsWith("-"))
                        .toList();
    }

    private void report(Map<String, Double> figures, double seconds) {
        PrintWriter output = spec.commandLine().getOut();
        if (json) {
            Map<String, Object> all = new java.util.LinkedHashMap<>(figures);
            all.put("seconds", seconds);
            output.println(JsonLine.of("train", all));
        } else {
            for (String horizon : List.of("5m", "60m", "24h")) {
                for (String model :
                        List.of("last-value", "seasonal-naive", "holt-winters", "gbt")) {
                    String name = "mean.%s.%s.".formatted(model, horizon);
                    if (figures.containsKey(name + "wape")) {
                        output.printf(
                                "%4s %-15s WAPE %.3f  WQL %.3f  80 %% interval covers %.3f%n",
                                horizon,
                                model,
                                figures.get(name + "wape"),
                                figures.get(name + "wql"),
                                figures.get(name + "coverage80"));
                    }
                }
            }
        }
        output.flush();
    }
}
