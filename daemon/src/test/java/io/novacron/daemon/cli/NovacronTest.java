package io.novacron.daemon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.novacron.daemon.control.ControlConfig;
import io.novacron.daemon.control.ControlServer;
import io.novacron.daemon.fake.FakeFleet;
import io.novacron.daemon.security.ListenAddress;
import io.novacron.wire.sbe.LifecycleState;
import io.prometheus.client.CollectorRegistry;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NovacronTest {
    private static final String TOKEN = "a-token-of-the-test-0123456789abcdef";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final FakeFleet FLEET = new FakeFleet(4, 5);
    private static ControlServer server;

    @BeforeAll
    static void start() {
        server = serve(null);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @AfterEach
    void reset() {
        FLEET.reset();
    }

    @Test
    void showsTheStatus() {
        var result = run("status");

        assertThat(result.exitCode).isZero();
        assertThat(result.out)
                .contains("NovaCron 0.1.0-test")
                .contains("tick 42")
                .contains("4 hosts, 20 vms, 1234567890 samples")
                .contains("3.25 % of one core, 412 MiB resident")
                .containsPattern("ingest +ok");
    }

    @Test
    void tabulatesHostsWithDashesForWhatIsMissing() {
        var result = run("hosts");

        assertThat(result.out.lines().findFirst())
                .hasValueSatisfying(
                        header -> assertThat(header).startsWith("HOST").contains("FORECAST CPU"));
        assertThat(result.out)
                .containsPattern("host-00 +online +5 +32 +128 GiB +30.0 %")
                .containsPattern("host-02 +stale +5 +32 +128 GiB +- +-");
    }

    @Test
    void tabulatesVmsOfOneHost() {
        var result = run("vms", "--host", "host-01", "--limit", "2");

        assertThat(result.out.lines()).hasSize(3);
        assertThat(result.out).contains("host-01").doesNotContain("host-00");
    }

    @Test
    void showsAForecast() {
        var result = run("forecast", "web-000", "--metric", "memory.usage");

        assertThat(result.out)
                .contains("memory.usage of web-000")
                .contains("by gbt-1, confidence 87 %")
                .containsPattern(" 1 h +\\d+\\.\\d % +\\d+\\.\\d % +\\d+\\.\\d %")
                .contains("1 d");
    }

    @Test
    void listsFindingsRecommendationsAndDecisions() {
        assertThat(run("findings").out).contains("bottleneck").contains("cpu.steal");
        assertThat(run("recommendations").out)
                .contains("2 → 4 vcpus")
                .contains("16 GiB → 6 GiB")
                .contains("to host-02");
        assertThat(run("decisions").out).containsPattern("0 +kept +web-000");
    }

    @Test
    void showsADecisionWithItsReasonsAndSteps() {
        assertThat(run("decision", "0").out)
                .contains("Decision 0: 2 → 4 vcpus on web-000 (host-00), kept")
                .contains("median forecast in 1 h is 96 %")
                .containsPattern("approved +alice")
                .contains("the guest sees 4 vcpus");
    }

    @Test
    void explainsWhatDecidedWhatLostAndWhatWouldFlipIt() {
        assertThat(run("explain", "1").out)
                .contains("median forecast in 1 h is 96 %")
                .containsPattern("forecast-peak +1.92 cores +1.70 cores +96 % of it")
                .containsPattern("as it is +96.00 % +26.00 % +96 % of it in use")
                .containsPattern("peak +1.92 cores +1.70 cores +lower by 11.5 %")
                .containsPattern("cpu.usage +1 +83.00 +96.00");
    }

    @Test
    void asksForActionsInTheFormThatTheAgentsKnow() {
        assertThat(run("act", "set-cpu-quota", "web-000", "1.5", "--who", "dora").exitCode)
                .isZero();
        assertThat(run("act", "PIN_VCPUS", "web-000", "3,0-1").exitCode).isZero();
        assertThat(run("act", "set-memory", "web-000", "4GiB").exitCode).isZero();
        assertThat(run("act", "live-migrate", "web-000", "host-01").exitCode).isZero();
        assertThat(run("act", "stop", "web-000").exitCode).isZero();
        var requests = FLEET.requests();
        assertThat(requests.subList(requests.size() - 5, requests.size()))
                .extracting(one -> one.type() + " " + one.setting() + " " + one.memoryBytes())
                .containsExactly(
                        "SET_CPU_QUOTA 1500m 0",
                        "PIN_VCPUS 0-1,3 0",
                        "SET_MEMORY  4294967296",
                        "LIVE_MIGRATE  0",
                        "STOP  0");
        assertThat(run("act", "stop", "web-000", "now").exitCode).isEqualTo(2);
        assertThat(run("act", "set-vcpus", "web-000").err).contains("needs a value");
        assertThat(run("act", "explode", "web-000").err).contains("ACTION=explode is not known");
        assertThat(run("act", "set-cpu-quota", "web-000", "lots").err)
                .contains("cpu-quota=lots must be none, or CPUs");
        assertThat(run("act", "start", "nobody").err).contains("vm=\"nobody\" is not known");
    }

    @Test
    void emptiesAHostAtOnceOrInAQuietWindow() {
        assertThat(run("window", "host-01", "--duration", "3h").out)
                .containsPattern("12:00:00 .* 15:00:00 +13 % +10 %");
        assertThat(run("drain", "host-01", "--who", "dora", "--reason", "disk").exitCode).isZero();
        assertThat(run("drain").out)
                .containsPattern("host-01 .*dora +2 +7 +disk")
                .contains("vm-1 stays: no host takes it (2 hosts)");
        assertThat(run("drain", "host-01", "--end").out).contains("host-01 takes vms again.");
        assertThat(run("drain").out).contains("No host is being emptied.");
        assertThat(run("drain", "host-01", "--end").exitCode).isEqualTo(1);
        assertThat(run("drain", "web-000").err)
                .contains("is a vm. Maybe look at `novacron hosts`?");
        var planned = run("drain", "host-02", "--in-window", "2h", "--json");
        assertThat(planned.out).contains("\"fromMs\"");
        run("drain", "host-02", "--end");
    }

    @Test
    void approvesAndRejects() {
        var approved = run("approve", "1", "--reason", "peak ahead", "--who", "dora");
        var rejected = run("reject", "2");

        assertThat(approved.exitCode).isZero();
        assertThat(approved.out).containsPattern("approved +dora +peak ahead");
        assertThat(rejected.exitCode).isZero();
        assertThat(FLEET.decision(2).orElseThrow().state()).isEqualTo(LifecycleState.REJECTED);
        assertThat(FLEET.decision(2).orElseThrow().transitions().getLast().who())
                .isEqualTo(System.getProperty("user.name"));
    }

    @Test
    void places() {
        var result = run("place", "--vcpus", "2", "--memory", "4GiB", "--away-from", "web-000");

        assertThat(result.out)
                .containsPattern("host-01 +0.750 +90 % +stays below 70 % CPU")
                .doesNotContain("host-00")
                .contains("1 hosts left out: memory");
        assertThat(run("place", "--vcpus", "2", "--memory", "4GiB", "--near", "web-000").out)
                .contains("host-00")
                .doesNotContain("host-01");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "status",
                "hosts",
                "vms --limit 1",
                "forecast web-000",
                "findings",
                "recommendations",
                "decisions",
                "decision 0",
                "approve 1",
                "reject 1",
                "place --vcpus 1 --memory 1GiB",
            })
    void printsOneJsonDocumentOnOneLine(String line) throws Exception {
        var result = run((line + " --json").split(" "));

        assertThat(result.exitCode).as(result.err).isZero();
        assertThat(result.out.lines()).hasSize(1);
        assertThat(JSON.readTree(result.out).isObject()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "decision 99 | NOT_FOUND | id=99 is not known",
                "approve 0 | FAILED_PRECONDITION | is KEPT, not PROPOSED",
                "forecast nobody | NOT_FOUND | entity=\"nobody\"",
                "forecast web-000 --metric cpu | INVALID_ARGUMENT | Maybe one of cpu.usage",
                "place --vcpus 0 --memory 1GiB | INVALID_ARGUMENT | vcpus=0",
            })
    void saysWhyTheDaemonRefused(String line, String code, String message) throws Exception {
        var plain = run(line.split(" "));
        assertThat(plain.exitCode).isEqualTo(1);
        assertThat(plain.err).contains(message).doesNotContain("\tat ");
        assertThat(plain.out).isEmpty();

        var json = run((line + " --json").split(" "));
        assertThat(json.exitCode).isEqualTo(1);
        JsonNode error = JSON.readTree(json.out).path("error");
        assertThat(error.path("code").asText()).isEqualTo(code);
        assertThat(error.path("message").asText()).contains(message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "statu",
                "decision",
                "decision one",
                "hosts --limit many",
                "place --vcpus 2",
                "place --vcpus 2 --memory 4Gigs",
                "status --timeout 10",
            })
    void saysHowToUseIt(String line) {
        var result = execute(line.isEmpty() ? new String[0] : line.split(" "));

        assertThat(result.exitCode).isEqualTo(2);
        assertThat(result.err).containsIgnoringCase("novacron");
    }

    @Test
    void suggestsTheCommandThatWasMeant() {
        assertThat(execute("statu").err).contains("status");
    }

    @Test
    void saysThatTheDaemonIsNotRunning() throws Exception {
        var result = execute("status", "--json", "--url", "http://127.0.0.1:1");

        assertThat(result.exitCode).isEqualTo(3);
        assertThat(result.err).contains("Maybe the daemon is not running: ./novacron up");
        assertThat(JSON.readTree(result.out).at("/error/code").asText()).isEqualTo("UNAVAILABLE");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ftp://127.0.0.1", "127.0.0.1:7070", "/status"})
    void saysThatTheAddressIsNone(String url) {
        assertThat(execute("status", "--url", url).exitCode).isIn(2, 3);
    }

    @Test
    void showsTheTokenOnlyToTheDaemon() {
        try (var guarded = serve(TOKEN)) {
            String url = guarded.url("127.0.0.1");

            var without = execute("hosts", "--url", url);
            assertThat(without.exitCode).isEqualTo(1);
            assertThat(without.err).contains("NOVACRON_TOKEN");

            var with = execute("hosts", "--url", url, "--token", TOKEN);
            assertThat(with.exitCode).isZero();
            assertThat(with.out + with.err).doesNotContain(TOKEN);
        }
    }

    @Test
    void listsItsCommandsByName() {
        var names = List.copyOf(Novacron.commandLine().getSubcommands().keySet());

        assertThat(names)
                .isSorted()
                .contains("approve", "decision", "decisions", "findings", "forecast", "hosts")
                .contains("place", "recommendations", "reject", "status", "vms");
    }

    private static ControlServer serve(@Nullable String token) {
        return ControlServer.start(
                ControlConfig.of(new ListenAddress("127.0.0.1", 0), null, token),
                FLEET,
                FLEET,
                new CollectorRegistry(),
                InstantSource.system());
    }

    private static Result run(String... args) {
        var all = new ArrayList<>(List.of(args));
        all.add("--url");
        all.add(server.url("127.0.0.1"));
        return execute(all.toArray(new String[0]));
    }

    private static Result execute(String... args) {
        var out = new StringWriter();
        var err = new StringWriter();
        int exitCode =
                Novacron.commandLine()
                        .setOut(new PrintWriter(out))
                        .setErr(new PrintWriter(err))
                        .execute(args);
        return new Result(exitCode, out.toString(), err.toString());
    }

    private record Result(int exitCode, String out, String err) {}
}
