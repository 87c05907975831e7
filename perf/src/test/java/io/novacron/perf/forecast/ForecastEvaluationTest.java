package io.novacron.perf.forecast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.novacron.daemon.cli.Novacron;
import io.novacron.inference.Bounds;
import io.novacron.inference.member.Target;
import io.novacron.training.PatchOptions;
import io.novacron.training.PatchTraining;
import io.novacron.training.StackTraining;
import io.novacron.training.TrainingException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class ForecastEvaluationTest {
    private static final List<Horizon> HORIZONS = Horizon.parse("5m,60m", 300);

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir private Path folder;

    @Test
    void judgesEveryLevelHorizonAndMember() throws IOException {
        write("cpu_usage_percent.csv", trace(6, 700, 1));

        JsonNode figures = figures("--train-until", "500", "--horizons", "5m,60m");

        for (String level : List.of("vm", "group100", "fleet")) {
            for (String horizon : List.of("5m", "60m", "60m-mean")) {
                String name = level + "." + horizon;
                assertThat(figures.get(name + ".wape").asDouble()).as(name).isBetween(.001, 1.);
                assertThat(figures.get(name + ".mase").asDouble()).as(name).isPositive();
                assertThat(figures.get(name + ".wql").asDouble()).as(name).isPositive();
                assertThat(figures.get(name + ".coverage80").asDouble()).isBetween(.5, 1.);
                assertThat(figures.get(name + ".within10").asDouble())
                        .isGreaterThanOrEqualTo(figures.get(name + ".within5").asDouble());
                assertThat(figures.has("member.last-value." + name + ".wape")).isTrue();
                assertThat(figures.has("member.analog-level." + name + ".wape")).isTrue();
            }
        }
        assertThat(figures.has("member.bottom-up.fleet.5m.wape")).isTrue();
        assertThat(figures.get("vm.5m.unanswered").asInt()).isZero();
        assertThat(figures.get("cpuSecondsTrain").asDouble()).isNotNegative();
        assertThat(figures.get("cpuSecondsServe").asDouble()).isNotNegative();
    }

    @Test
    void traceWithHeaderAndShortHistoryIsJudged() throws IOException {
        String header =
                "vm,"
                        + String.join(
                                ",", IntStream.range(0, 120).mapToObj("s%03d"::formatted).toList());
        write("20110303.csv", header + "\n" + trace(4, 120, 2));
        write("20110306.csv", header + "\n" + trace(5, 120, 3));

        JsonNode figures = figures("--train-until", "24", "--horizons", "5m,60m,24h");

        assertThat(figures.get("vm.60m-mean.count").asInt()).isPositive();
        assertThat(figures.has("vm.24h.wape")).as("nothing is a day away").isFalse();
    }

    @Test
    void giftScoresEighteenWindowsOfBothMetrics() throws IOException {
        write("cpu_usage_percent.csv", trace(2, 1_300, 4));
        write("cpu_usage_mhz.csv", trace(2, 1_300, 5));

        JsonNode figures = figures("--gift");

        assertThat(figures.get("gift.count").asInt())
                .as("a twentieth is missing")
                .isBetween(3_200, 2 * 2 * 18 * 48);
        assertThat(figures.get("gift.mase").asDouble()).isPositive();
        assertThat(figures.get("gift.nd").asDouble()).isBetween(0., 1.);
        assertThat(figures.get("gift.wql").asDouble()).isBetween(0., 1.);
        assertThat(figures.has("vm.5m.wape")).isFalse();
    }

    @Test
    void everyFigureIsThereForEveryLevelAndHorizon() throws IOException {
        write("cpu_usage_percent.csv", trace(3, 1_000, 9));

        JsonNode figures = figures("--train-until", "600", "--horizons", "5m,60m,24h");

        for (String level : List.of("vm", "group100", "fleet")) {
            for (String horizon : List.of("5m", "60m", "60m-mean", "24h", "24h-hour-mean")) {
                for (String figure :
                        List.of(
                                "wape",
                                "mase",
                                "wql",
                                "coverage80",
                                "within5",
                                "within10",
                                "within5busy",
                                "bucket25")) {
                    assertThat(figures.get(level + "." + horizon + "." + figure).isNumber())
                            .as("%s.%s.%s", level, horizon, figure)
                            .isTrue();
                }
                assertThat(figures.get("member.holt-winters." + level + "." + horizon + ".wape"))
                        .isNotNull();
            }
        }
        assertThat(figures.has("cpuSecondsTrain")).isTrue();
        assertThat(figures.has("cpuSecondsServe")).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"1, 600, 0", "3, 8, 0", "4, 900, 90", "2, 40, 100"})
    void shortOrSparseTracesAreJudgedByWhatThereIs(int count, int steps, int missing)
            throws IOException {
        var random = new Random(1);
        var lines = new StringBuilder();
        for (int i = 0; i < count; i++) {
            lines.append("vm").append(i);
            for (int step = 0; step < steps; step++) {
                lines.append(',').append(random.nextInt(100) < missing ? "" : "2" + step % 7);
            }
            lines.append('\n');
        }
        write("cpu_usage_percent.csv", lines.toString());

        JsonNode figures = figures("--path", "both", "--stride", "1");

        assertThat(figures.get("trainUntil").asInt()).isEqualTo(steps * 2 / 3);
        assertThat(figures.has("vm.5m.wape")).isEqualTo(missing < 100);
        assertThat(figures.has("served.cpuSecondsServe")).isTrue();
    }

    @Test
    void whatTheDaemonServesKeepsUpWithWhatIsEvaluated() throws IOException {
        write("cpu_usage_percent.csv", jobs(12, 2_000));

        JsonNode figures =
                figures("--train-until", "1400", "--horizons", "5m,60m,24h", "--path", "both");

        for (String horizon : List.of("5m", "60m", "24h")) {
            String name = "vm." + horizon;
            assertThat(figures.get("served." + name + ".count"))
                    .as("judged at the same steps")
                    .isEqualTo(figures.get(name + ".count"));
            assertThat(figures.get("served." + name + ".toEvaluated").asDouble())
                    .as(name)
                    .isLessThan(1.1);
            assertThat(figures.get("served." + name + ".coverage80").asDouble())
                    .as(name)
                    .isBetween(.72, .88);
        }
        for (String horizon : List.of("5m", "15m", "30m", "60m", "24h")) {
            assertThat(figures.get("served.vm." + horizon + ".toLastValue").asDouble())
                    .as(horizon)
                    .isLessThan(1);
        }
        assertThat(figures.has("served.member.analog-soft.vm.5m.wape")).isTrue();
    }

    @Test
    void anotherFutureDoesNotChangeWhatWasForecast() throws Exception {
        Series series = series(3, 400, 0);
        Series leaked = series(3, 400, 301); // from step 301 on everything is different
        var options = new ForecastOptions(HORIZONS, 250, 10, 288, 0, null, false);
        float[][] forecasts = new float[2][];
        for (int i = 0; i < 2; i++) {
            Series one = i == 0 ? series : leaked;
            try (var cores = new Cores(2);
                    var run = new RollingRun(one.until(300), options, cores)) {
                run.train(_ -> {});
                run.serve();
                forecasts[i] = medians(run);
            }
        }
        assertThat(forecasts[0]).isEqualTo(forecasts[1]).isNotEmpty();

        try (var cores = new Cores(2);
                var whole = new RollingRun(series, options, cores);
                var other = new RollingRun(leaked, options, cores)) {
            whole.train(_ -> {});
            other.train(_ -> {});
            whole.serveUntil(300);
            other.serveUntil(300);
            assertThat(medians(whole)).isEqualTo(medians(other));
            whole.serveUntil(400);
            other.serveUntil(400);
            assertThat(medians(whole)).as("the test can fail").isNotEqualTo(medians(other));
        }
    }

    @Test
    void thePatchNetworkAnswersFromHalfOfTheLearningPartOn() throws Exception {
        String why = PatchTraining.unavailable();
        assumeTrue(why == null, "skipped: " + why);
        var network = new PatchOptions(1, 5_000, 2, 128, 8, .01f);
        var options = new ForecastOptions(HORIZONS, 320, 10, 288, 0, network, false);
        float[][] forecasts = new float[2][];
        for (int i = 0; i < 2; i++) {
            try (var cores = new Cores(i + 1);
                    var run = new RollingRun(series(10, 400, 0), options, cores)) {
                int lstm = run.vms().memberNames().indexOf("lstm");
                assertThat(lstm).isEqualTo(run.vms().memberNames().size() - 1);
                run.train(_ -> {});
                assertThat(Objects.requireNonNull(run.patchTrained()).windows()).isPositive();
                run.serve();
                assertThat(run.vms().patchFailures()).isZero();
                for (int vm = 0; vm < run.vms().size(); vm++) {
                    assertThat(run.vms().series(vm).memberQuantile(lstm, 1, 4)).isBetween(0f, 100f);
                }
                forecasts[i] = medians(run);
            }
        }
        assertThat(forecasts[1]).as("threads and runs make no difference").isEqualTo(forecasts[0]);
    }

    @Test
    void trainingRefusesATargetInThePartThatIsJudged() {
        Series series = series(60, 400, 0);
        var options = new ForecastOptions(HORIZONS, 399, 3, 288, 100_000, null, false);
        try (var cores = new Cores(2);
                var run = new RollingRun(series, options, cores)) {
            var training = new StackTraining(run.vms(), 200, 60, 1_000_000, 1);
            run.replay(12, 195, training);
            assertThat(training.isEnough()).isTrue();
            assertThat(training.lastTargetStep()).isLessThan(200).isGreaterThan(180);

            // what somebody would try who wants to learn from the future
            training.collectUnchecked(198);

            assertThatThrownBy(() -> training.train((entity, origin, target) -> 1))
                    .isInstanceOf(TrainingException.class)
                    .hasMessageContaining("must be before 200");
        }
    }

    @Test
    void outcomesAfterTheTraceAreUnknown() {
        Series series = series(1, 50, 0);

        assertThat(series.outcome(Target.at(5), 44, 0)).isFinite();
        assertThat(series.outcome(Target.at(5), 45, 0)).isNaN();
        assertThat(series.until(40).outcome(Target.at(5), 35, 0)).isNaN();
    }

    @Test
    void scoresAreWhatTheirDefinitionsSay() {
        var score = new Score(new double[] {2, Double.NaN}, 1);
        score.add(0, 10, new float[] {6, 7, 8, 9, 12, 13, 14, 15, 16});
        score.add(1, 30, new float[] {20, 20, 20, 20, 20, 20, 20, 20, 20});
        var figures = io.novacron.perf.Figures.ofEvaluation("x");
        score.write("a", figures);

        assertThat(score.wape()).isCloseTo(12. / 40, within(1e-9));
        assertThat(score.coverage80()).isEqualTo(.5);
        assertThat(figures.toString()).isNotNull();
        assertThat(score.plus(score).wape()).isEqualTo(score.wape());
    }

    @Test
    void groupsAreMeansOfWhoIsThere() {
        float[] values = {1, 3, Float.NaN, 5, Float.NaN, Float.NaN};
        var series = new Series("m", List.of("a", "b"), values, 3, Bounds.NON_NEGATIVE);
        Series groups = series.groups(100);

        assertThat(groups.count()).as("one group and the fleet").isEqualTo(2);
        assertThat(groups.at(0, 0)).isEqualTo(2);
        assertThat(groups.at(1, 1)).isEqualTo(5);
        assertThat(groups.at(2, 1)).isNaN();
    }

    @Test
    void reportShowsWhatTheFiguresSay() throws IOException {
        write("cpu_usage_percent.csv", trace(5, 500, 1));
        Path report = folder.resolve("report.html");

        figures("--train-until", "350", "--horizons", "5m,60m", "--report", report.toString());

        String page = Files.readString(report);
        assertThat(page).contains("<svg", "vm0", "last-value", "Calibration");
        assertThat(page).doesNotContain("NaN").doesNotContain("http://").doesNotContain("src=");
    }

    @ParameterizedTest
    @CsvSource({
        "--train-until 5000, --train-until",
        "--horizons 7x, Maybe 5m",
        "--horizons 7m, whole steps",
        "--metrics disk, --metrics",
        "--stride 0, --stride",
        "--gift, --gift needs",
        "--step-seconds 7, --step-seconds",
        "--path both-of-them, --path"
    })
    void namesTheOptionThatIsWrong(String arguments, String named) throws IOException {
        write("cpu_usage_percent.csv", trace(2, 200, 1));

        int exitCode = execute(("evaluate forecast --data " + folder + " " + arguments).split(" "));

        assertThat(exitCode).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(err.toString()).contains(named);
        assertThat(out.toString()).isEmpty();
    }

    private static float[] medians(RollingRun run) {
        float[] medians = new float[run.vms().size() * HORIZONS.size()];
        for (int i = 0; i < medians.length; i++) {
            medians[i] = run.vms().quantile(i / HORIZONS.size(), i % HORIZONS.size(), 4);
        }
        return medians;
    }

    private static Series series(int count, int steps, int changedFrom) {
        var random = new Random(7);
        float[] values = new float[count * steps];
        for (int step = 0; step < steps; step++) {
            for (int i = 0; i < count; i++) {
                float value = 20 + 10 * (float) Math.sin(step / 9.0 + i) + random.nextFloat();
                values[step * count + i] =
                        changedFrom > 0 && step >= changedFrom ? 90 - value : value;
            }
        }
        List<String> names = IntStream.range(0, count).mapToObj(i -> "vm" + i).toList();
        return new Series("cpu_usage_percent", names, values, steps, Bounds.PERCENT);
    }

    private static String trace(int count, int steps, long seed) {
        var random = new Random(seed);
        var lines = new StringBuilder();
        for (int i = 0; i < count; i++) {
            lines.append("vm").append(i);
            double level = 30;
            for (int step = 0; step < steps; step++) {
                level = 30 + .9 * (level - 30) + 2 * random.nextGaussian();
                lines.append(',');
                if (random.nextInt(20) > 0) { // a gap now and then
                    lines.append("%.2f".formatted(Math.max(0, level)));
                }
            }
            lines.append('\n');
        }
        return lines.toString();
    }

    /// Vms with a daily wave, noise, and a job now and then that lasts for some steps.
    private static String jobs(int count, int steps) {
        var random = new Random(6);
        var lines = new StringBuilder();
        for (int i = 0; i < count; i++) {
            lines.append("vm").append(i);
            double noise = 0;
            int start = 0;
            for (int step = 0; step < steps; step++) {
                noise = .8 * noise + random.nextGaussian();
                double wave = 10 * Math.sin(2 * Math.PI * (step + 20 * i) / 288);
                if (step % 72 == 0) {
                    start = step + random.nextInt(60);
                }
                double job = step >= start && step < start + 5 ? 25 : 0;
                lines.append(",%.2f".formatted(Math.max(0, 30 + wave + noise + job)));
            }
            lines.append('\n');
        }
        return lines.toString();
    }

    private void write(String name, String text) throws IOException {
        Files.writeString(folder.resolve(name), text);
    }

    private JsonNode figures(String... arguments) throws IOException {
        String[] all =
                java.util.stream.Stream.concat(
                                java.util.stream.Stream.of(
                                        "evaluate",
                                        "forecast",
                                        "--json",
                                        "--data",
                                        folder.toString()),
                                java.util.stream.Stream.of(arguments))
                        .toArray(String[]::new);
        assertThat(execute(all)).as(err.toString()).isZero();
        assertThat(out.toString().strip().lines()).hasSize(1);
        JsonNode line = new ObjectMapper().readTree(out.toString());
        assertThat(line.get("evaluation").asText()).isEqualTo("forecast");
        JsonNode figures = line.get("figures");
        assertThat(figures).as("flat").allMatch(JsonNode::isValueNode);
        return figures;
    }

    private int execute(String... arguments) {
        return Novacron.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
    }
}
