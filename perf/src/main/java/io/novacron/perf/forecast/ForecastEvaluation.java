package io.novacron.perf.forecast;

import com.sun.management.OperatingSystemMXBean;
import io.novacron.inference.ModelRejectedException;
import io.novacron.perf.Figures;
import io.novacron.perf.Measurement;
import io.novacron.training.PatchOptions;
import io.novacron.training.PatchTraining;
import io.novacron.training.ReadOptions;
import io.novacron.training.ServedTrees;
import io.novacron.training.TraceFolder;
import io.novacron.training.TrainingException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `novacron evaluate forecast`: learns from the first part of a trace, forecasts the rest in
/// rolling order as production would, and judges the ensemble beside each of its members.
@Command(
        name = "forecast",
        description = "Forecast recorded traces in rolling order and judge the forecasts")
public final class ForecastEvaluation extends Measurement {
    private static final OperatingSystemMXBean SYSTEM =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    private static final String CPU_PERCENT = "cpu_usage_percent";
    private static final String CPU_MHZ = "cpu_usage_mhz";
    private static final int DEFAULT_STACK_ROWS = 150_000;
    private static final int STACK_DAYS = 3;
    private static final double STACK_TIME = .75;
    private static final long SEED = 1;
    private static final String FLOAT = "float";
    private static final String EVALUATED = "evaluated";
    private static final String SERVED = "served";
    private static final long START_MS = 1_767_571_200_000L; // only differences of times are used

    @Option(
            names = "--data",
            required = true,
            paramLabel = "DIR",
            description = "One METRIC.csv or METRIC.csv.gz per metric, one line per entity")
    private Path data = Path.of("");

    @Option(
            names = "--train-until",
            paramLabel = "STEP",
            description = "First step that is forecast; all before it is for learning")
    private @Nullable Integer trainUntil;

    @Option(names = "--horizons", description = "Default: ${DEFAULT-VALUE}")
    private String horizons = "5m,60m,24h";

    @Option(
            names = "--metrics",
            split = ",",
            description =
                    "Files to judge, without their endings. Default: "
                            + CPU_PERCENT
                            + " where it is there, else all of them, judged together")
    private List<String> metrics = List.of();

    @Option(
            names = "--stride",
            description = "Steps from one forecast to the next. Default: ${DEFAULT-VALUE}")
    private int stride = 11; // shares no factor with an hour or a day of five-minute steps

    @Option(
            names = "--gift",
            description =
                    "Score the last 18 windows of 48 steps as GIFT-Eval does, "
                            + CPU_PERCENT
                            + " and "
                            + CPU_MHZ
                            + " together; with --train-until the usual figures as well")
    private boolean gift;

    @Option(
            names = "--until",
            paramLabel = "STEP",
            description = "As if the traces ended before this step")
    private int until = Integer.MAX_VALUE;

    @Option(
            names = "--stack-rows",
            description =
                    "Training rows of the trees stacked on the members, 0 for none. Default: "
                            + DEFAULT_STACK_ROWS
                            + ", none for --gift or less than three days before --train-until")
    private @Nullable Integer stackRows;

    @Option(
            names = "--lstm",
            arity = "0..1",
            fallbackValue = FLOAT,
            paramLabel = "PRECISION",
            description =
                    "Train the patch network on the first half of what is before --train-until and ask it as one"
                            + " more member, lstm, of vms. float, which is meant when nothing is said, or int8")
    private @Nullable String lstm;

    @Option(
            names = "--lstm-windows",
            description = "Windows to train it on. Default: ${DEFAULT-VALUE}")
    private int lstmWindows = PatchOptions.DEFAULT.rows();

    @Option(
            names = "--path",
            paramLabel = "PATH",
            description =
                    "Which ensemble: evaluated, the one with four weeks of history; served, the one that"
                            + " the daemon serves; both, at the same steps. Default: ${DEFAULT-VALUE}")
    private String path = EVALUATED;

    @Option(
            names = "--report",
            paramLabel = "FILE.html",
            description = "Write a page with fan charts, calibration and errors")
    private @Nullable Path report;

    @Option(names = "--step-seconds", description = "Default: ${DEFAULT-VALUE}")
    private int stepSeconds = 300;

    @Option(names = "--max-entities", description = "Lines to read of each metric")
    private int maxEntities = 100_000;

    @Option(names = "--threads", description = "Default: ${DEFAULT-VALUE}")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Override
    protected Figures measure() throws Exception {
        checkOptions();
        List<Horizon> targets;
        try {
            targets = Horizon.parse(horizons, stepSeconds);
        } catch (IllegalArgumentException e) {
            throw usage("--horizons: %s", String.valueOf(e.getMessage()));
        }
        List<Series> all = read();
        var figures = Figures.ofEvaluation("forecast");
        double startSeconds = cpuSeconds();
        try (var cores = new Cores(threads)) {
            if (gift) {
                gift(all, cores, figures);
            }
            if (!gift || trainUntil != null) {
                rolling(chosen(all), targets, cores, figures);
            }
        }
        figures.add("cpuSeconds", cpuSeconds() - startSeconds);
        return figures;
    }

    private void checkOptions() {
        check(Files.isDirectory(data), "--data=%s must be a folder", data);
        check(stride > 0 && stride <= 2_016, "--stride=%s must be in [1, 2016]", stride);
        check(
                stepSeconds > 0 && 86_400 % stepSeconds == 0 && 86_400 / stepSeconds >= 12,
                "--step-seconds=%s must divide a day into at least 12 steps. Maybe 300?",
                stepSeconds);
        check(
                List.of(EVALUATED, SERVED, "both").contains(path),
                "--path=%s must be evaluated, served or both",
                path);
        check(
                lstm == null || List.of(FLOAT, "int8").contains(lstm),
                "--lstm=%s must be float or int8",
                String.valueOf(lstm));
        check(
                lstm == null || stepSeconds == 300,
                "--lstm needs steps of 300 seconds, --step-seconds=%s",
                stepSeconds);
        check(
                lstmWindows >= 1_000 && lstmWindows <= 1_000_000,
                "--lstm-windows=%s must be in [1000, 1000000]. Maybe 60000?",
                lstmWindows);
        check(threads > 0 && threads <= 256, "--threads=%s must be in [1, 256]", threads);
        check(
                stackRows == null || (stackRows >= 0 && stackRows <= 2_000_000),
                "--stack-rows=%s must be in [0, 2000000]. Maybe 150000?",
                String.valueOf(stackRows));
        check(maxEntities > 0, "--max-entities=%s must be positive", maxEntities);
    }

    private List<Series> read() throws IOException {
        report("reading %s …", data);
        try {
            var options = new ReadOptions(stepSeconds, START_MS, maxEntities, ReadOptions.MAX_DAYS);
            return TraceFolder.read(data, options).traces().stream()
                    .map(trace -> Series.of(trace).until(until))
                    .toList();
        } catch (TrainingException e) {
            throw usage("--data: %s", String.valueOf(e.getMessage()));
        }
    }

    private List<Series> chosen(List<Series> all) {
        List<String> wanted = metrics;
        if (wanted.isEmpty() && all.stream().anyMatch(s -> s.metric().equals(CPU_PERCENT))) {
            wanted = List.of(CPU_PERCENT);
        }
        List<Series> chosen = new ArrayList<>();
        for (Series series : all) {
            if (wanted.isEmpty() || wanted.contains(series.metric())) {
                chosen.add(series);
            }
        }
        check(
                !chosen.isEmpty(),
                "--metrics=%s names none of %s in %s",
                wanted,
                all.stream().map(Series::metric).toList(),
                data);
        return chosen;
    }

    private void gift(List<Series> all, Cores cores, Figures figures)
            throws TrainingException, ModelRejectedException {
        List<Series> pooled =
                all.stream()
                        .filter(s -> s.metric().equals(CPU_PERCENT) || s.metric().equals(CPU_MHZ))
                        .toList();
        check(
                !pooled.isEmpty(),
                "--gift needs %s or %s in %s. Maybe it is another folder?",
                CPU_PERCENT,
                CPU_MHZ,
                data);
        var ensemble = new GiftScore();
        Map<String, GiftScore> members = new LinkedHashMap<>();
        for (Series series : pooled) {
            check(
                    GiftRun.firstScored(series.steps()) >= GiftRun.SEASON,
                    "--gift needs at least %s steps, %s has %s",
                    GiftRun.WINDOWS * GiftRun.WINDOW + GiftRun.SEASON + 1,
                    series.metric(),
                    series.steps());
            report("%s: %d windows of %d …", series.metric(), GiftRun.WINDOWS, GiftRun.WINDOW);
            try (var run =
                    new GiftRun(
                            series, ensemble, members, stackRows == null ? 0 : stackRows, cores)) {
                run.run();
            }
        }
        ensemble.write("gift", figures);
        members.forEach((name, score) -> score.write("member." + name + ".gift", figures));
    }

    private void rolling(List<Series> traces, List<Horizon> targets, Cores cores, Figures figures)
            throws TrainingException, ModelRejectedException, IOException {
        int shortest = traces.stream().mapToInt(Series::steps).min().orElse(0);
        int from = trainUntil == null ? shortest * 2 / 3 : trainUntil;
        check(
                from >= 1 && from < shortest,
                "--train-until=%s must be in [1, %s), the steps of the shortest trace",
                from,
                shortest);
        var options =
                new ForecastOptions(
                        List.copyOf(targets),
                        from,
                        stride,
                        86_400 / stepSeconds,
                        stackRows == null ? defaultStackRows(from) : stackRows,
                        lstm == null ? null : patchOptions(),
                        "int8".equals(lstm));
        List<Judgement> judgements = List.of();
        if (!path.equals(SERVED)) {
            judgements = evaluated(traces, options, cores, figures);
        }
        if (!path.equals(EVALUATED)) {
            served(traces, options, judgements.isEmpty() ? null : judgements.getFirst(), figures);
        }
        figures.add("stride", stride).add("trainUntil", from);
    }

    private PatchOptions patchOptions() {
        PatchOptions usual = PatchOptions.DEFAULT;
        return new PatchOptions(
                usual.seed(),
                lstmWindows,
                usual.epochs(),
                usual.batch(),
                usual.hidden(),
                usual.learningRate());
    }

    private static void write(PatchTraining.Trained trained, Figures figures) {
        figures.add("lstm.windows", trained.windows())
                .add("lstm.epochs", trained.epochs())
                .add("lstm.loss", trained.loss())
                .add("lstm.maxDifference", trained.maxDifference())
                .add("lstm.int8Difference", trained.int8Difference())
                .add("lstm.microsecondsPerRow", trained.microsecondsPerRow())
                .add("lstm.int8MicrosecondsPerRow", trained.int8MicrosecondsPerRow())
                .add("lstm.cpuSecondsTrain", trained.cpuSeconds());
    }

    private List<Judgement> evaluated(
            List<Series> traces, ForecastOptions options, Cores cores, Figures figures)
            throws TrainingException, ModelRejectedException, IOException {
        List<Judgement> judgements = List.of();
        double trainSeconds = 0;
        double serveSeconds = 0;
        int done = 0;
        int trained = 0; // of several traces, the first one's network is reported
        for (Series series : traces) {
            double before = cpuSeconds();
            try (var run = new RollingRun(series, options, cores)) {
                report(
                        "%s: %d series, learning from %d steps …",
                        series.metric(), series.count(), options.trainUntil());
                run.train(line -> report("%s", line));
                double between = cpuSeconds();
                report(
                        "%s: %d rows for the stacked model, forecasting the other %d steps …",
                        series.metric(), run.stackRows(), series.steps() - options.trainUntil());
                PatchTraining.Trained patch = run.patchTrained();
                if (patch != null && trained++ == 0) {
                    write(patch, figures);
                }
                run.serve();
                trainSeconds += between - before;
                serveSeconds += cpuSeconds() - between;
                judgements = joined(judgements, run.judgements());
                if (report != null && ++done == traces.size()) {
                    Files.writeString(
                            report, new ReportPage(run, judgements, options.horizons()).html());
                    report("wrote %s", report);
                }
            }
        }
        judgements.forEach(judgement -> judgement.write(figures));
        judgements.forEach(judgement -> judgement.writeMembers(figures));
        figures.add("cpuSecondsTrain", trainSeconds).add("cpuSecondsServe", serveSeconds);
        return judgements;
    }

    /// The ensemble that the daemon serves, at every step as the daemon does.
    private void served(
            List<Series> traces,
            ForecastOptions options,
            @Nullable Judgement evaluated,
            Figures figures)
            throws TrainingException {
        double trainSeconds = 0;
        double serveSeconds = 0;
        ServedScores scores = null;
        for (Series series : traces) {
            double before = cpuSeconds();
            Series past = series.until((int) (options.trainUntil() * STACK_TIME));
            try (ServedTrees trees =
                    options.stackRows() == 0
                            ? null
                            : ServedTrees.train(
                                    past.trace(stepSeconds), options.stackRows(), SEED)) {
                double between = cpuSeconds();
                report(
                        "%s: served, %d rows for the stacked model, every step of the week before %d and after …",
                        series.metric(), trees == null ? 0 : trees.rows(), options.trainUntil());
                var run = new ServedRun(series, options, trees == null ? null : trees.model());
                run.run();
                trainSeconds += between - before;
                serveSeconds += cpuSeconds() - between;
                scores = scores == null ? run.scores() : scores.plus(run.scores());
            }
        }
        if (scores != null) {
            scores.write(evaluated, options.horizons(), figures);
        }
        figures.add("served.cpuSecondsTrain", trainSeconds)
                .add("served.cpuSecondsServe", serveSeconds);
    }

    /// Trees that saw less than three days do more harm than good.
    private int defaultStackRows(int from) {
        return from >= STACK_DAYS * 86_400 / stepSeconds ? DEFAULT_STACK_ROWS : 0;
    }

    private static List<Judgement> joined(List<Judgement> before, List<Judgement> more) {
        return before.isEmpty()
                ? more
                : IntStream.range(0, more.size())
                        .mapToObj(i -> before.get(i).plus(more.get(i)))
                        .toList();
    }

    private static double cpuSeconds() {
        return SYSTEM.getProcessCpuTime() / 1e9;
    }
}
