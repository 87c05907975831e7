package io.novacron.daemon.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.novacron.daemon.config.DaemonConfig;
import io.novacron.daemon.decision.ReplayedDecisions;
import io.novacron.daemon.replay.Replayer;
import io.novacron.inference.ForecastConfig;
import io.novacron.inference.ForecastService;
import io.novacron.inference.ModelSlot;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// Takes the decisions of a journal again, and tells whether they are the same; with one thing
/// changed, it tells what would have been decided instead.
@Command(
        name = "replay",
        description = "Take a journal's decisions again: the same ones, or what-if",
        footer = {
            "",
            "Exit code 1 means that a decision differs (not in a what-if).",
            "Example: novacron replay --journal /var/lib/novacron --what-if policy.confidence=0.5"
        })
public final class ReplayCommand implements Callable<Integer> {
    private static final int SHOWN = 20;

    @Spec private @Nullable CommandSpec spec;

    @Option(
            names = {"--journal", "--data"},
            description = "Folder of the journal, or the data folder of the daemon")
    private @Nullable Path journal;

    @Option(names = "--config", description = "The daemon's configuration of then")
    private @Nullable Path config;

    @Option(
            names = "--re-decide",
            description = "From the journaled forecasts: the same anywhere (the default)")
    private boolean reDecide;

    @Option(
            names = "--recompute",
            description = "Forecasts too: the same on the same kind of processor and versions")
    private boolean recompute;

    @Option(
            names = "--model",
            paramLabel = "DIR",
            description = "Folder of the model to recompute with; default: the configured one")
    private @Nullable Path model;

    @Option(
            names = "--what-if",
            paramLabel = "PROPERTY=VALUE",
            description = "A property that had been another one; may be repeated")
    private List<String> whatIf = List.of();

    @Option(
            names = "--from-checkpoint",
            description = "Begin from the newest checkpoint that can be used")
    private boolean fromCheckpoint;

    @Option(names = "--json", description = "End with one JSON line of figures")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        if (reDecide && recompute) {
            throw new ParameterException(
                    Objects.requireNonNull(spec).commandLine(),
                    "--re-decide and --recompute exclude each other. Maybe only --recompute?");
        }
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        PrintWriter err = Objects.requireNonNull(spec).commandLine().getErr();
        DaemonConfig then = config == null ? DaemonConfig.DEFAULT : DaemonConfig.load(config);
        DaemonConfig changed = then;
        for (String assignment : whatIf) {
            changed = changed.with(assignment);
        }
        Path audit = Files.createTempFile("novacron-replay", ".jsonl");
        try (var replayer =
                new Replayer(
                        changed,
                        JournalCommand.folder(journal),
                        fromCheckpoint,
                        recompute ? models(changed) : null,
                        audit,
                        !whatIf.isEmpty())) {
            long startNs = System.nanoTime();
            Replayer.Report report = replayer.run(progress(err));
            double seconds = (System.nanoTime() - startNs) / 1e9;
            warnOfConfiguration(err, then, report);
            warnOfPlans(err, report);
            return tell(out, report, seconds);
        } finally {
            Files.deleteIfExists(audit);
            Files.deleteIfExists(audit.resolveSibling(audit.getFileName() + ".rebuilt"));
        }
    }

    private Supplier<ForecastService> models(DaemonConfig from) {
        return () -> {
            Path folder = model == null ? from.models().directory() : model;
            ModelSlot slot;
            if (!from.models().onnx()) {
                slot = ModelSlot.none();
            } else if (folder.toString().isEmpty()) {
                slot = ModelSlot.bundled();
            } else {
                slot = ModelSlot.load(folder);
            }
            // Time stands still: a model that was too slow then is not known to be so now.
            return new ForecastService(ForecastConfig.DEFAULT, slot, () -> 0);
        };
    }

    private static LongConsumer progress(PrintWriter err) {
        boolean terminal = System.console() != null && System.console().isTerminal();
        return records -> {
            if (terminal) {
                err.printf("\rreplaying, %,d records …", records);
                err.flush();
            }
        };
    }

    private static void warnOfConfiguration(
            PrintWriter err, DaemonConfig config, Replayer.Report report) {
        String then = report.configurationThen();
        boolean same =
                then.isEmpty()
                        || (then.contains(config.policy().toString())
                                && then.contains(config.automation().toString()));
        if (!same) {
            err.println(
                    "novacron: the policies are not those the daemon had when it started last. Maybe"
                            + " give its configuration by --config?");
        }
    }

    private static void warnOfPlans(PrintWriter err, Replayer.Report report) {
        if (report.plansFollowed() == 0 && report.ticks() > 0) {
            err.println(
                    "novacron: none of %d ticks has a plan to follow. Maybe an earlier version wrote the journal, or its beginning is retired (--from-checkpoint)?"
                            .formatted(report.ticks()));
        }
    }

    private int tell(PrintWriter out, Replayer.Report report, double seconds) throws IOException {
        ReplayedDecisions.Comparison comparison = report.comparison();
        boolean identical = comparison.different() + comparison.missing() + comparison.extra() == 0;
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("decisions", report.journaled().proposed());
        figures.put("approved", report.journaled().approved());
        if (whatIf.isEmpty()) {
            figures.put("identical", identical);
            figures.put("steps", comparison.events());
            figures.put("stepsIdentical", comparison.identical());
            figures.put("stepsDifferent", comparison.different());
            figures.put("stepsMissing", comparison.missing());
            figures.put("stepsExtra", comparison.extra());
            figures.put("stepsUnfinished", comparison.unfinished());
            figures.put("stepsSkipped", comparison.skipped());
        } else {
            tellDifferences(out, report, figures);
        }
        figures.put("ticks", report.ticks());
        figures.put("plansFollowed", report.plansFollowed());
        figures.put("plansUnusable", report.plansUnusable());
        if (recompute) {
            figures.put("forecastsCompared", report.forecastsCompared());
            figures.put("forecastsIdentical", report.forecastsIdentical());
            figures.put("largestForecastDifference", report.largestDifference());
        }
        figures.put("records", report.records());
        figures.put("seconds", Math.round(seconds * 1e3) / 1e3);
        comparison.differences().forEach(out::println);
        if (json) {
            Map<String, Object> line = new LinkedHashMap<>();
            line.put("benchmark", "replay");
            line.put("figures", figures);
            out.println(new ObjectMapper().writeValueAsString(line));
        } else {
            figures.forEach((name, value) -> out.printf("%-26s %s%n", name, value));
        }
        out.flush();
        return whatIf.isEmpty() && !identical ? 1 : 0;
    }

    /// What would have been proposed and was not, and the other way round.
    private static void tellDifferences(
            PrintWriter out, Replayer.Report report, Map<String, Object> figures) {
        Map<String, Long> then = report.journaled().proposals();
        Map<String, Long> now = report.taken().proposals();
        var only = new TreeSet<>(then.keySet());
        only.removeAll(now.keySet());
        var added = new TreeSet<>(now.keySet());
        added.removeAll(then.keySet());
        only.stream().limit(SHOWN).forEach(text -> out.println("- " + text));
        added.stream().limit(SHOWN).forEach(text -> out.println("+ " + text));
        figures.put("whatIfDecisions", report.taken().proposed());
        figures.put("whatIfApproved", report.taken().approved());
        figures.put("notAnyMore", only.size());
        figures.put("newInWhatIf", added.size());
    }
}
