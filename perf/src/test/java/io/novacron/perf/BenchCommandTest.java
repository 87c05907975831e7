package io.novacron.perf;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.novacron.daemon.cli.Novacron;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/// Every sub-command does its work, in a fraction of a second, and says what it promises.
class BenchCommandTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir private Path folder;

    @BeforeAll
    static void shareTheMachine() {
        System.setProperty("jmh.ignoreLock", "true"); // nothing here depends on being alone
    }

    @Test
    void wireCountsCostAndSize() throws IOException {
        JsonNode figures = figures("wire", "--seconds", "0.1");

        assertPositive(figures, "encodeNs", "decodeNs", "crcNs");
        assertThat(figures.get("bytesPerSample").asDouble()).isBetween(1.0, 4.0);
        assertThat(figures.get("allocatedBytesPerFrame").asDouble()).isNotNegative();
    }

    @Test
    void featuresComparesTheTwins() throws IOException {
        JsonNode figures =
                figures(
                        "features",
                        "--seconds",
                        "0.1",
                        "--series",
                        "67",
                        "--days",
                        "66",
                        "--fleet",
                        "65");

        assertPositive(figures, "windowNsPerSeries60", "scalarWindowNsPerSeries60");
        assertPositive(figures, "catch22UsPerSeries288", "allFeaturesUsPerSeries288");
        assertThat(figures.get("kernel").asText()).isNotEmpty();
        assertThat(figures.get("series").asInt()).isEqualTo(67);
    }

    @Test
    void analogComparesTheTwins() throws IOException {
        JsonNode figures = figures("analog", "--seconds", "0.1", "--series", "3", "--lags", "300");

        assertPositive(figures, "usPerSeriesStep", "scalarUsPerSeriesStep", "advanceUs");
        assertThat(figures.get("lags").asInt()).isEqualTo(300);
    }

    @Test
    void budgetMeasuresAWholeDaemon() throws IOException {
        JsonNode figures =
                figures(
                        "budget",
                        "--vms",
                        "40",
                        "--seconds",
                        "4",
                        "--warm-up",
                        "3",
                        "--tick",
                        "1s",
                        "--backfill",
                        "10m");

        assertPositive(figures, "daemonCpuPercentOfMachine", "rssMb", "ackP99Ms", "ticks");
        assertThat(figures.get("leftOutPercent").asDouble()).isBetween(0.0, 100.0);
    }

    @Test
    void forecastCountsAllOfAFleet() throws IOException {
        JsonNode figures =
                figures(
                        "forecast",
                        "--vms",
                        "200",
                        "--at-most",
                        "70",
                        "--minutes",
                        "3",
                        "--warm-up",
                        "6");

        assertPositive(
                figures, "cpuSecondsPerMinute", "residentBytesPerVm", "pendingFeedbackBytes");
        assertThat(figures.get("answered").asInt()).isEqualTo(70 * 4);
        assertThat(figures.get("sampled").asBoolean()).isTrue();
        assertThat(figures.get("model").asText()).isEqualTo("ensemble");
    }

    @Test
    void packingIsSoundAndNotBelowItsBound() throws IOException {
        JsonNode figures = figures("packing", "--seconds", "0.3", "--vms", "60");

        assertPositive(figures, "hosts", "bound", "secondsUsed");
        assertThat(figures.get("hosts").asInt())
                .isGreaterThanOrEqualTo(figures.get("bound").asInt());
        assertThat(figures.get("violations").asInt()).isZero();
    }

    @Test
    void placementHasPercentiles() throws IOException {
        JsonNode figures = figures("placement", "--hosts", "30", "--seconds", "0.05");

        assertPositive(
                figures,
                "p50Us",
                "placementsPerSecond",
                "portP50Us",
                "portP99Us",
                "promisesPerSecond");
        assertThat(figures.get("p99Us").asDouble())
                .isGreaterThanOrEqualTo(figures.get("p50Us").asDouble());
        assertThat(figures.get("hosts").asInt()).isEqualTo(30);
    }

    @Test
    void dispatchTimesTheWayToTheAgent() throws IOException {
        JsonNode figures = figures("dispatch", "--decisions", "20", "--rate", "100");

        assertPositive(figures, "p50Ms", "p99Ms", "p50MsUnsynced", "p99MsUnsynced");
        assertThat(figures.get("decisions").asInt()).isEqualTo(20);
    }

    @Test
    void solverRelievesHotHosts() throws IOException {
        JsonNode figures =
                figures(
                        "solver",
                        "--vms",
                        "400",
                        "--hosts",
                        "40",
                        "--seconds",
                        "0.1",
                        "--reference-seconds",
                        "0.2");

        assertPositive(figures, "secondsToFirst", "secondsToPlan", "rssMb", "overloadBefore");
        assertThat(figures.get("overloadAfter").asDouble())
                .isLessThan(figures.get("overloadBefore").asDouble());
        assertThat(figures.get("benefitShare").asDouble()).isBetween(0.0, 1.0);
    }

    @Test
    void ingestAppliesWhatWasSentAndCleansUp() throws IOException {
        JsonNode figures =
                figures(
                        "ingest",
                        "--agents",
                        "3",
                        "--seconds",
                        "0.2",
                        "--directory",
                        folder.toString());

        assertPositive(
                figures,
                "samplesPerSecond",
                "cpuSecondsPerMillionSamples",
                "bytesPerSample",
                "rssMb");
        assertThat(figures.get("agents").asInt()).isEqualTo(3);
        assertThat(figures.get("samples").asLong() % 3_000).as("whole rounds").isZero();
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).as("journals left behind").isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "2"})
    void remoteWriteTakesEverySample(String protocol) throws IOException {
        JsonNode figures =
                figures("remote-write", "--hosts", "3", "--seconds", "0.2", "--protocol", protocol);

        assertPositive(
                figures, "samplesPerSecond", "cpuSecondsPerMillionSamples", "valuesPerSample");
        assertThat(figures.get("rejected").asLong()).isZero();
        assertThat(figures.get("protocol").asText()).isEqualTo(protocol);
    }

    @Test
    void ingestPeersMeasuresOurServerInItsOwnProcessAndCleansUp() throws IOException {
        JsonNode figures =
                figures(
                        "ingest-peers",
                        "--peers",
                        "none",
                        "--agents",
                        "2",
                        "--rounds",
                        "1",
                        "--samples",
                        "2000",
                        "--directory",
                        folder.toString());

        assertPositive(figures, "cpuSecondsPerMillionSamples", "bytesPerSample", "rssMb");
        assertThat(figures.get("vms").asInt()).isEqualTo(100);
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).as("servers' data left behind").isEmpty();
        }
    }

    @Test
    void jmhNamesEachBenchmark() throws IOException {
        JsonNode figures =
                figures(
                        "jmh",
                        "Window.*windowStats",
                        "--forks",
                        "0",
                        "--iterations",
                        "1",
                        "--seconds",
                        "0.01");

        assertPositive(
                figures,
                "WindowKernelBenchmark.windowStats.BEST.1024.ns/op",
                "WindowKernelBenchmark.windowStats.SCALAR.1039.ns/op");
        assertThat(figures.has("WindowKernelBenchmark.windowStats.BEST.1024.allocatedBytes"))
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "wire --seconds 0, --seconds",
        "features --series -1, --series",
        "features --days 0, --days",
        "analog --lags 3, --lags",
        "placement --hosts 0, --hosts",
        "ingest --agents 0, --agents",
        "ingest-peers --peers mysql, --peers",
        "ingest-peers --rounds 0, --rounds",
        "ingest-peers --samples 0, --samples",
        "ingest-peers --agents 0, --agents",
        "remote-write --protocol 3, --protocol",
        "jmh --iterations 0, --iterations",
        "jmh NoSuchBenchmark, NoSuchBenchmark",
    })
    void namesTheOptionThatIsWrong(String arguments, String named) {
        int exitCode = execute(("bench " + arguments).split(" "));

        assertThat(exitCode).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(err.toString()).contains(named).contains("Maybe");
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void printsATableWithoutJson() {
        assertThat(execute("bench", "placement", "--hosts", "3", "--seconds", "0.01")).isZero();
        assertThat(out.toString()).contains("placementsPerSecond").doesNotContain("{");
    }

    /// Runs with `--json`; the only line on standard output is the figures.
    private JsonNode figures(String benchmark, String... arguments) throws IOException {
        String[] all =
                Stream.concat(Stream.of("bench", benchmark, "--json"), Stream.of(arguments))
                        .toArray(String[]::new);
        assertThat(execute(all)).as(err.toString()).isZero();
        assertThat(out.toString().strip().lines()).hasSize(1);
        JsonNode line = new ObjectMapper().readTree(out.toString());
        assertThat(line.get("benchmark").asText()).isEqualTo(benchmark);
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

    private static void assertPositive(JsonNode figures, String... names) {
        for (String name : names) {
            assertThat(figures.path(name).asDouble(-1)).as(name).isPositive();
        }
    }
}
