package io.novacron.training;

import io.novacron.inference.ModelCard;
import io.novacron.inference.ModelPackage;
import io.novacron.inference.ModelRegistry;
import io.novacron.inference.ModelRejectedException;
import io.novacron.inference.ModelTrust;
import io.novacron.inference.patch.PatchPackage;
import io.novacron.inference.serving.RowModel;
import io.novacron.inference.serving.StackPackage;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
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
            "DIR holds one METRIC.csv or METRIC.csv.gz per metric, one line per entity, or the Parquet files",
            "of `novacron history export` (or others with columns entity, time and one per metric).",
            "Written are OUT/forecast-gbt/<next version>/ for the tiers and OUT/forecast-stack/<next version>/ for the",
            "ensemble, each with model.onnx, card.json and, with --key, card.json.ed25519.",
            "The latter is a candidate in OUT/forecast-stack/registry.json; see `novacron models`.",
            "With --models lstm or all, the patch network is written to OUT/forecast-lstm/<next version>/. It needs PyTorch",
            "(unpacked to ~/.djl.ai on first use); the daemon does not run it, `novacron evaluate forecast --lstm` does."
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

    @Option(
            names = "--days",
            defaultValue = "" + ReadOptions.DEFAULT_DAYS,
            description =
                    "Of a Parquet history, how many of its last days. Default: ${DEFAULT-VALUE}")
    private int days = ReadOptions.DEFAULT_DAYS;

    @Option(
            names = "--models",
            defaultValue = "both",
            description = "gbt, stack, both, lstm or all. Default: ${DEFAULT-VALUE}")
    private String models = "both";

    @Option(
            names = "--lstm-windows",
            defaultValue = "60000",
            description = "Windows that the patch network learns from. Default: ${DEFAULT-VALUE}")
    private int lstmWindows = PatchOptions.DEFAULT.rows();

    @Option(
            names = "--lstm-epochs",
            defaultValue = "10",
            description = "Of its training, at most. Default: ${DEFAULT-VALUE}")
    private int lstmEpochs = PatchOptions.DEFAULT.epochs();

    @Option(
            names = "--key",
            paramLabel = "FILE",
            description = "Signs with this key, made by `novacron models keygen`.")
    private @Nullable Path key;

    @Option(
            names = "--promote",
            description = "Puts the stacked trees into service when they pass the gates.")
    private boolean promote;

    @Option(
            names = "--if-due",
            description = {
                "Trains only where no stacked trees are in service, they are older than --max-age, or their errors over",
                "the newest two days are more than --max-drift times what their card promised."
            })
    private boolean ifDue;

    @Option(
            names = "--max-age",
            defaultValue = "7",
            paramLabel = "DAYS",
            description = "For --if-due. Default: ${DEFAULT-VALUE}")
    private double maxAge = 7;

    @Option(
            names = "--max-drift",
            defaultValue = "1.2",
            description = "For --if-due. Default: ${DEFAULT-VALUE}")
    private double maxDrift = 1.2;

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
                    TraceFolder.read(
                            data,
                            new ReadOptions(stepSeconds, start.toEpochMilli(), maxEntities, days));
            if (!List.of("gbt", "stack", "both", "lstm", "all").contains(models)) {
                throw new IllegalArgumentException(
                        "--models=%s must be gbt, stack, both, lstm or all".formatted(models));
            }
            PrivateKey signer = key == null ? null : SigningKey.read(key);
            long startNs = System.nanoTime();
            Map<String, Double> figures = new LinkedHashMap<>();
            if (ifDue && !isDue(folder, figures)) {
                report(figures, secondsSince(startNs));
                return 0;
            }
            if (List.of("gbt", "both", "all").contains(models)) {
                figures.putAll(trainTiers(folder, options, signer));
            }
            boolean accepted = true;
            if (List.of("stack", "both", "all").contains(models)) {
                accepted = trainStack(folder, options, signer, figures);
            }
            if (List.of("lstm", "all").contains(models)) {
                accepted &= trainPatch(folder, signer, figures);
            }
            double seconds = secondsSince(startNs);
            say("trained in %.1f s".formatted(seconds));
            report(figures, seconds);
            return accepted ? 0 : 1;
        } catch (TrainingException | IllegalArgumentException | IOException e) {
            progress.println("train: " + e.getMessage());
            progress.flush();
            return 1;
        }
    }

    private static double secondsSince(long startNs) {
        return Math.round((System.nanoTime() - startNs) / 1e7) / 100.0;
    }

    private boolean isDue(TraceFolder folder, Map<String, Double> figures)
            throws TrainingException, IOException {
        StackPackage inService = inService(new ModelRegistry(out, StackPackage.NAME));
        TrainingNeed need;
        try (RowModel model = open(inService)) {
            need =
                    TrainingNeed.of(
                            folder,
                            inService == null ? null : inService.card(),
                            model,
                            maxAge,
                            maxDrift);
        }
        say("%s: %s".formatted(need.isDue() ? "due" : "not due", need.reason()));
        figures.put("due", need.isDue() ? 1.0 : 0);
        if (!Double.isNaN(need.drift())) {
            figures.put("drift", need.drift());
        }
        if (!Double.isNaN(need.ageDays())) {
            figures.put("ageDays", need.ageDays());
        }
        return need.isDue();
    }

    private void say(String line) {
        PrintWriter progress = spec.commandLine().getErr();
        progress.println(line);
        progress.flush();
    }

    private Map<String, Double> trainTiers(
            TraceFolder folder, TrainingOptions options, @Nullable PrivateKey signer)
            throws TrainingException, IOException {
        TrainingRun run =
                TrainingRun.run(
                        folder,
                        options,
                        ModelWriter.nextVersion(out, ModelPackage.FORECAST_MODEL),
                        commandLine(),
                        this::say);
        ModelCard card = run.card();
        Path directory =
                ModelWriter.write(
                        out, card.name(), card.version(), card.toJson(), run.model(), signer);
        say("wrote " + directory);
        return run.figures();
    }

    /// @return whether the model was accepted; when there is too little to train on, none was asked
    private boolean trainStack(
            TraceFolder folder,
            TrainingOptions options,
            @Nullable PrivateKey signer,
            Map<String, Double> figures)
            throws TrainingException, IOException {
        if (!StackRun.isEnough(folder)) {
            say(
                    "no stacked trees: the traces are shorter than three days, or a week for all of it");
            figures.put("stackRows", 0.0);
            return true;
        }
        int version = ModelWriter.nextVersion(out, StackPackage.NAME);
        var registry = new ModelRegistry(out, StackPackage.NAME);
        StackRun run;
        try (RowModel present = open(inService(registry))) {
            run = StackRun.run(folder, options, version, commands(folder), present, this::say);
        }
        figures.putAll(run.figures());
        if (!run.isAccepted()) {
            say("train: the stacked trees are not written: " + run.verdict());
            return false;
        }
        Path directory =
                ModelWriter.write(
                        out, StackPackage.NAME, version, run.card().toJson(), run.onnx(), signer);
        registry.add(version, run.verdict());
        figures.put("stackVersion", (double) version);
        say("wrote " + directory);
        if (promote) {
            registry.promote(version, ModelRegistry.State.SERVING, run.verdict());
            say("version %d is in service".formatted(version));
        }
        return true;
    }

    /// @return whether the network was accepted; when there is too little to train on, none was
    ///   asked
    private boolean trainPatch(
            TraceFolder folder, @Nullable PrivateKey signer, Map<String, Double> figures)
            throws TrainingException, IOException {
        if (!PatchRun.isEnough(folder)) {
            say("no patch network: the traces are shorter than three days, or not of 300 seconds");
            figures.put("lstmWindows", 0.0);
            return true;
        }
        PatchOptions usual = PatchOptions.DEFAULT;
        var options =
                new PatchOptions(
                        seed,
                        lstmWindows,
                        lstmEpochs,
                        usual.batch(),
                        usual.hidden(),
                        usual.learningRate());
        int version = ModelWriter.nextVersion(out, PatchPackage.NAME);
        PatchRun run = PatchRun.run(folder, options, version, commands(folder), this::say);
        figures.putAll(run.figures());
        if (!run.isAccepted()) {
            say("train: the patch network is not written: " + run.verdict());
            return false;
        }
        Path directory =
                ModelWriter.write(
                        out, PatchPackage.NAME, version, run.card().toJson(), run.onnx(), signer);
        new ModelRegistry(out, PatchPackage.NAME)
                .add(version, "%s, %s".formatted(PatchPackage.KIND, run.verdict()));
        figures.put("lstmVersion", (double) version);
        say("wrote " + directory);
        return true;
    }

    private List<String> commands(TraceFolder folder) {
        List<String> commands = new ArrayList<>();
        if (folder.command() != null) {
            commands.add(folder.command());
        }
        commands.add(commandLine());
        return commands;
    }

    /// The model that the new one must not be worse than; null where there is none that serves.
    private @Nullable StackPackage inService(ModelRegistry registry) throws IOException {
        int version = registry.read().in(ModelRegistry.State.SERVING);
        if (version == 0) {
            return null;
        }
        try {
            return StackPackage.read(out, version, ModelTrust.ANY);
        } catch (ModelRejectedException e) {
            say("the model in service is left out of the comparison: " + e.getMessage());
            return null;
        }
    }

    private @Nullable RowModel open(@Nullable StackPackage present) {
        try {
            return present == null ? null : present.open();
        } catch (ModelRejectedException e) {
            say("the model in service is left out of the comparison: " + e.getMessage());
            return null;
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
            Map<String, Object> all = new LinkedHashMap<>(figures);
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
