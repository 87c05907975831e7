package io.novacron.daemon.control;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.novacron.daemon.fake.FakeFleet;
import io.novacron.daemon.security.ListenAddress;
import io.novacron.daemon.view.StatusRow.Health;
import io.novacron.grpc.ApproveRequest;
import io.novacron.grpc.FleetGrpc;
import io.novacron.grpc.GetForecastRequest;
import io.novacron.grpc.GetSeriesRequest;
import io.novacron.grpc.GetStatusRequest;
import io.novacron.grpc.ListHostsRequest;
import io.novacron.grpc.ListVmsRequest;
import io.novacron.grpc.PlaceRequest;
import io.prometheus.client.CollectorRegistry;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ControlServerTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final ListenAddress ANY_PORT = new ListenAddress("127.0.0.1", 0);

    private static final FakeFleet FLEET = new FakeFleet(4, 5);
    private static final CollectorRegistry REGISTRY = new CollectorRegistry();
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static ControlServer server;
    private static ManagedChannel channel;

    @BeforeAll
    static void start() {
        server = start(ControlConfig.of(ANY_PORT, null, null), REGISTRY);
        channel = NettyChannelBuilder.forAddress("127.0.0.1", server.port()).usePlaintext().build();
    }

    @AfterAll
    static void stop() {
        channel.shutdownNow();
        server.close();
        HTTP.close();
    }

    @AfterEach
    void reset() {
        FLEET.reset();
    }

    private static ControlServer start(ControlConfig config, CollectorRegistry registry) {
        return ControlServer.start(config, FLEET, FLEET, registry, InstantSource.system());
    }

    // gRPC

    @Test
    void grpcAnswersStatusWithAbsentFirstRecommendation() {
        var status = stub().getStatus(GetStatusRequest.getDefaultInstance());

        assertThat(status.getTick()).isEqualTo(42);
        assertThat(status.getFirstForecastMs()).isEqualTo(9_500);
        assertThat(status.hasFirstRecommendationMs()).as("none yet, which is not 0").isFalse();
        assertThat(status.getComponentsList()).extracting(c -> c.getState()).containsOnly("ok");
    }

    @Test
    void grpcSaysMissingByAbsence() {
        var hosts = stub().listHosts(ListHostsRequest.getDefaultInstance()).getHostsList();

        assertThat(hosts).hasSize(4);
        assertThat(hosts.get(0).getCpuUsagePercent()).isEqualTo(30);
        assertThat(hosts.get(2).hasCpuUsagePercent()).isFalse();
        assertThat(hosts.get(2).hasAgentRssBytes()).isFalse();
        assertThat(hosts.get(2).getState()).isEqualTo("stale");
    }

    @Test
    void grpcListsVmsOfOneHostUpToTheLimit() {
        var request = ListVmsRequest.newBuilder().setHost("host-01");

        assertThat(stub().listVms(request.build()).getVmsList())
                .hasSize(5)
                .allMatch(vm -> vm.getHostName().equals("host-01"));
        assertThat(stub().listVms(request.setLimit(2).build()).getVmsList()).hasSize(2);
    }

    @Test
    void grpcAnswersSeriesWithGapsAndForecastWithNineQuantiles() {
        var series =
                stub().getSeries(
                                GetSeriesRequest.newBuilder()
                                        .setEntity("web-000")
                                        .setMetric("cpu.usage")
                                        .build());
        var forecast =
                stub().getForecast(
                                GetForecastRequest.newBuilder()
                                        .setEntity("web-000")
                                        .setMetric("cpu.usage")
                                        .build());

        assertThat(series.getValuesList()).hasSize(120);
        assertThat(series.getValues(0)).isNaN();
        assertThat(series.getUnit()).isEqualTo("percent");
        assertThat(forecast.getPointsList())
                .hasSize(7)
                .allSatisfy(point -> assertThat(point.getQuantilesList()).hasSize(9).isSorted());
    }

    @Test
    void grpcApprovesOnceAndThenConflicts() {
        var request = ApproveRequest.newBuilder().setId(1).setWho("alice").setReason("go").build();

        var decision = stub().approve(request);

        assertThat(decision.getState()).isEqualTo("APPROVED");
        assertThat(decision.getTransitionsList().getLast().getWho()).isEqualTo("alice");
        assertThatThrownBy(() -> stub().approve(request))
                .isInstanceOfSatisfying(
                        StatusRuntimeException.class,
                        e -> {
                            assertThat(e.getStatus().getCode())
                                    .isEqualTo(Status.Code.FAILED_PRECONDITION);
                            assertThat(e.getStatus().getDescription()).contains("id=1 is APPROVED");
                        });
    }

    @Test
    void grpcRefusesWithTheStatusOfTheRefusal() {
        assertThat(codeOf(() -> stub().approve(ApproveRequest.newBuilder().setId(99).build())))
                .isEqualTo(Status.Code.NOT_FOUND);
        assertThat(codeOf(() -> stub().place(PlaceRequest.getDefaultInstance())))
                .isEqualTo(Status.Code.INVALID_ARGUMENT);
        FLEET.setOverloaded(true);
        assertThat(codeOf(() -> stub().reject(ApproveRequest.newBuilder().setId(1).build())))
                .isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        FLEET.setBroken(true);
        assertThat(codeOf(() -> stub().getStatus(GetStatusRequest.getDefaultInstance())))
                .isEqualTo(Status.Code.INTERNAL);
    }

    // REST

    @Test
    void restIsTheTranscodingOfTheSameService() throws Exception {
        var vms = get("/api/v1/vms?host=host-01&limit=3");
        assertThat(vms.statusCode()).isEqualTo(200);
        assertThat(json(vms).path("vms")).hasSize(3);
        assertThat(json(vms).path("tick").asLong()).isEqualTo(42);

        var series =
                json(get("/api/v1/entities/web-000/series/cpu.usage?step_seconds=300&steps=12"));
        assertThat(series.path("stepSeconds").asInt()).isEqualTo(300);
        assertThat(series.path("values")).hasSize(12);
        assertThat(series.path("values").path(0).asText()).isEqualTo("NaN");

        var forecast = json(get("/api/v1/entities/web-000/forecasts/memory.usage"));
        assertThat(forecast.path("metric").asText()).isEqualTo("memory.usage");
        assertThat(forecast.path("confidence").asText()).isEqualTo("0.87");

        assertThat(forecast.path("accuracy").path(0).path("wape").asText()).isEqualTo("0.21");
        assertThat(forecast.path("accuracy").path(0).path("skill").asText()).isEqualTo("NaN");

        var outlook = json(get("/api/v1/entities/web-000/outlooks/memory.usage"));
        assertThat(outlook.path("days")).hasSize(30);
        assertThat(outlook.path("trend").asText()).isEqualTo("steady");

        var capacity = json(get("/api/v1/capacity?hosts=true&days=60"));
        assertThat(capacity.path("days").asInt()).isEqualTo(60);
        assertThat(capacity.path("rows").path(0).path("expectedDay").asInt()).isEqualTo(61);
        assertThat(capacity.path("rows").path(0).has("latestDay")).as("never").isFalse();
        assertThat(capacity.path("rows").path(1).path("peakNow").asText()).isEqualTo("NaN");

        assertThat(json(get("/api/v1/findings")).path("findings")).hasSize(2);
        assertThat(json(get("/api/v1/recommendations")).path("decisions")).hasSize(3);
        assertThat(json(get("/api/v1/decisions")).path("decisions")).hasSize(4);
        assertThat(json(get("/api/v1/decisions/0")).path("state").asText()).isEqualTo("KEPT");
        var explanation = json(get("/api/v1/decisions/0/explanation"));
        assertThat(explanation.path("flips").path(0).path("to").asDouble()).isEqualTo(1.7);
        assertThat(explanation.path("forecasts").path(0).path("values")).hasSize(9);
    }

    @Test
    void restWritesEmptyListsAndLeavesMissingValuesOut() throws Exception {
        var host = json(get("/api/v1/hosts")).path("hosts").path(2);

        assertThat(host.has("cpuUsagePercent")).isFalse();
        assertThat(host.path("vms").asInt()).isEqualTo(5);
        assertThat(json(get("/api/v1/decisions/1")).path("targetHostId").asText("absent"))
                .isEmpty();
    }

    @Test
    void restApprovesRejectsAndPlaces() throws Exception {
        var approved = post("/api/v1/decisions/1:approve", "{\"who\":\"bob\",\"reason\":\"peak\"}");
        assertThat(approved.statusCode()).isEqualTo(200);
        assertThat(json(approved).path("state").asText()).isEqualTo("APPROVED");

        var rejected = post("/api/v1/decisions/2:reject", "{}");
        assertThat(json(rejected).path("state").asText()).isEqualTo("REJECTED");
        assertThat(json(rejected).at("/transitions/1/who").asText()).isEqualTo("operator");

        var placed =
                post(
                        "/api/v1/place",
                        "{\"vcpus\":2,\"memoryBytes\":\"4294967296\",\"antiAffinity\":[\"web-000\"]}");
        assertThat(json(placed).path("hosts"))
                .hasSize(3)
                .noneMatch(host -> host.path("hostName").asText().equals("host-00"));
        assertThat(json(placed).path("rejections").path("memory").asInt()).isEqualTo(1);
        assertThat(json(placed).has("promise")).isFalse();
    }

    @Test
    void restPromisesRoomAndTakesItBack() throws Exception {
        var vm = "4b1c6f2e-0d55-4c1b-9f0e-2a5d1c7f8e90";
        var placed =
                post(
                        "/api/v1/place",
                        "{\"vcpus\":2,\"memoryBytes\":\"4294967296\",\"promiseTo\":\"%s\"}"
                                .formatted(vm));
        var promise = json(placed).path("promise");
        assertThat(promise.path("vmId").asText()).isEqualTo(vm);
        assertThat(promise.path("hostId")).isEqualTo(json(placed).at("/hosts/0/hostId"));
        assertThat(promise.path("untilMs").asLong()).isEqualTo(60_000);

        for (boolean released : new boolean[] {true, false}) {
            var answer = delete("/api/v1/promises/" + vm);
            assertThat(json(answer).path("released").asBoolean()).isEqualTo(released);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/api/v1/decisions/99 | 404 | id=99 is not known",
                "/api/v1/decisions/99/explanation | 404 | id=99 is not known",
                "/api/v1/vms?host=nowhere | 404 | host=\"nowhere\"",
                "/api/v1/vms?limit=-1 | 400 | limit=-1 must be in",
                "/api/v1/decisions?limit=10001 | 400 | limit=10001",
                "/api/v1/entities/web-000/series/cpu.usagee | 400 | Maybe one of cpu.usage",
                "/api/v1/entities/web-000/series/swap.io | 404 | no history of metric=swap.io",
                "/api/v1/entities/web-000/series/cpu.usage?step_seconds=61 | 400 | stepSeconds=61",
                "/api/v1/entities/web-000/series/cpu.usage?steps=121 | 400 | steps=121",
                "/api/v1/entities/web-000/outlooks/cpu.steal | 404 | less than two days of hours",
                "/api/v1/capacity?days=-1 | 400 | days=-1 must be in",
                "/api/v1/entities/web-000/forecasts/cpu.steal | 404 | no forecast of metric=cpu.steal",
            })
    void restRefusesReadsWithCodeAndMessage(String path, int code, String message)
            throws Exception {
        var response = get(path);

        assertThat(response.statusCode()).isEqualTo(code);
        assertThat(json(response).path("message").asText()).contains(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/api/v1/decisions/0:approve | {} | 409 | is KEPT, not PROPOSED",
                "/api/v1/decisions/99:reject | {} | 404 | id=99",
                "/api/v1/decisions/1:approve | {\"who\":\"a\\nb\"} | 400 | control characters",
                "/api/v1/decisions/1:approve | {\"whom\":\"a\"} | 400 | whom",
                "/api/v1/decisions/1:approve | {\"who\": | 400 | ''",
                "/api/v1/place | {\"vcpus\":0} | 400 | vcpus=0 must be in",
                "/api/v1/place | {\"vcpus\":1,\"promiseTo\":\"me\"} | 400 | must be the UUID of a vm to come",
                "/api/v1/place | {\"promiseTo\":\"4b1c6f2e-0d55-4c1b-9f0e-2a5d1c7f8e90\",\"promiseSeconds\":-1} | 400 | promiseSeconds=-1 must be in",
                "/api/v1/place | {\"vcpus\":2,\"memoryBytes\":\"x\"} | 400 | ''",
            })
    void restRefusesWritesWithCodeAndMessage(String path, String body, int code, String message)
            throws Exception {
        var response = post(path, body);

        assertThat(response.statusCode()).as(response.body()).isEqualTo(code);
        assertThat(response.body()).contains(message);
        assertThat(FLEET.recommendations()).as("nothing was decided").hasSize(3);
    }

    @Test
    void restSaysOverloadedWith429() throws Exception {
        FLEET.setOverloaded(true);

        assertThat(post("/api/v1/decisions/1:approve", "{}").statusCode()).isEqualTo(429);
    }

    // Health and metrics

    @ParameterizedTest
    @CsvSource({"OK, 200, ok", "DEGRADED, 200, degraded", "DOWN, 503, down"})
    void healthSaysTheWorstStage(Health health, int code, String word) throws Exception {
        FLEET.setIngestHealth(health);

        var response = get("/health");

        assertThat(response.statusCode()).isEqualTo(code);
        assertThat(json(response).path("status").asText()).isEqualTo(word);
        assertThat(json(response).path("components")).hasSize(4);
    }

    @Test
    void healthIsAnErrorWhenTheViewCannotBeRead() throws Exception {
        FLEET.setBroken(true);

        assertThat(get("/health").statusCode()).isGreaterThanOrEqualTo(500);
    }

    @Test
    void metricsAreInPrometheusTextFormat() throws Exception {
        get("/api/v1/hosts");

        var response = get("/metrics");

        assertThat(response.headers().firstValue("content-type").orElseThrow())
                .startsWith("text/plain");
        var line = Pattern.compile("[a-zA-Z_:][\\w:]*(\\{.*})? (-?[0-9.E+-]+|NaN|[+-]Inf)");
        assertThat(response.body().lines().filter(l -> !l.startsWith("#")))
                .isNotEmpty()
                .allMatch(l -> line.matcher(l).matches());
        assertThat(response.body())
                .contains("novacron_tick 42.0")
                .contains("novacron_tick_age_seconds 12.0")
                .contains("novacron_hosts{state=\"stale\",} 1.0")
                .contains("novacron_vms{state=\"running\",} 20.0")
                .contains("novacron_host_cpu_usage_percent{host=\"host-00\",} 30.0")
                .contains("novacron_component_state{component=\"ingest\",state=\"ok\",} 1.0")
                .contains("novacron_samples_ingested_total")
                .contains("process_cpu_seconds_total")
                .contains("process_resident_memory_bytes")
                .contains("novacron_control_requests_total{method=\"ListHosts\",status=\"200\",} ")
                .contains("novacron_control_requests_refused_total{reason=\"token\",} 0.0")
                .doesNotContain("novacron_host_cpu_usage_percent{host=\"host-02\"");
    }

    @Test
    void metricsSpeakOpenMetricsWhenAsked() throws Exception {
        var response = send(request("/metrics").header("Accept", "application/openmetrics-text"));

        assertThat(response.body()).endsWith("# EOF\n");
    }

    // Events

    @Test
    void eventsTellTicksAndDecisions() throws Exception {
        var stream = HTTP.send(request("/api/v1/events").build(), BodyHandlers.ofInputStream());
        assertThat(stream.headers().firstValue("content-type").orElseThrow())
                .startsWith("text/event-stream");
        try (var lines = new BufferedReader(new InputStreamReader(stream.body(), UTF_8))) {
            assertThat(nextEvent(lines, "tick").path("tick").asLong()).as("at once").isEqualTo(42);

            FLEET.advance();
            server.viewPublished();
            assertThat(nextEvent(lines, "tick").path("tick").asLong()).isEqualTo(43);

            FLEET.approve(3, "carol", "").toCompletableFuture().get(1, TimeUnit.MINUTES);
            var decision = nextEvent(lines, "decision"); // found by the look in between
            assertThat(decision.path("id").asLong()).isEqualTo(3);
            assertThat(decision.path("state").asText()).isEqualTo("APPROVED");
        }
    }

    @Test
    void eventStreamsAreBounded() throws Exception {
        var config =
                new ControlConfig(
                        ANY_PORT, null, null, 8, 8, 1, Duration.ofSeconds(2), Duration.ZERO);
        try (var small = start(config, new CollectorRegistry())) {
            var events = URI.create(small.url("127.0.0.1") + "api/v1/events");
            var first =
                    HTTP.send(HttpRequest.newBuilder(events).build(), BodyHandlers.ofInputStream());

            var second = HTTP.send(HttpRequest.newBuilder(events).build(), BodyHandlers.ofString());

            assertThat(first.statusCode()).isEqualTo(200);
            assertThat(second.statusCode()).isEqualTo(503);
            assertThat(second.body()).contains("1 event streams are open");
            first.body().close();
        }
    }

    @Test
    void closingEndsEventStreams() throws Exception {
        var closing = start(ControlConfig.of(ANY_PORT, null, null), new CollectorRegistry());
        var events = URI.create(closing.url("127.0.0.1") + "api/v1/events");
        var stream =
                HTTP.send(HttpRequest.newBuilder(events).build(), BodyHandlers.ofInputStream());

        closing.close();

        assertThat(new String(stream.body().readAllBytes(), UTF_8)).contains("event:tick");
    }

    // Pages

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "/login",
                "/app.js",
                "/styles.css",
                "/favicon.svg",
                "/lib/preact/dist/preact.module.js",
                "/lib/preact/hooks/dist/hooks.module.js",
                "/vendor/htm/htm.module.js",
                "/vendor/uplot/uPlot.iife.min.js"
            })
    void pagesComeFromTheClassPathUnderAStrictPolicy(String path) throws Exception {
        var response = get(path);

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("content-security-policy").orElseThrow())
                .startsWith("default-src 'none'")
                .contains("frame-ancestors 'none'")
                .doesNotContain("unsafe");
    }

    @Test
    void nothingOutsideTheDashboardIsServed() throws Exception {
        assertThat(get("/../log4j2.xml").statusCode()).isGreaterThanOrEqualTo(400);
        assertThat(get("/log4j2.xml").statusCode()).isEqualTo(404);
    }

    @Test
    void documentationOfTheServiceIsServed() throws Exception {
        assertThat(get("/docs/specification.json").body())
                .contains("novacron.v1.Fleet")
                .contains("Approves a proposed recommendation");
    }

    private FleetGrpc.FleetBlockingStub stub() {
        return FleetGrpc.newBlockingStub(channel).withDeadlineAfter(10, TimeUnit.SECONDS);
    }

    private static Status.Code codeOf(Runnable call) {
        try {
            call.run();
        } catch (StatusRuntimeException e) {
            return e.getStatus().getCode();
        }
        return Status.Code.OK;
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:%d%s".formatted(server.port(), path)))
                .timeout(Duration.ofMinutes(1));
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return HTTP.send(request.build(), BodyHandlers.ofString());
    }

    private HttpResponse<String> get(String path) throws Exception {
        return send(request(path));
    }

    private HttpResponse<String> post(String path, String body) throws Exception {
        return send(
                request(path)
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(body)));
    }

    private HttpResponse<String> delete(String path) throws Exception {
        return send(request(path).DELETE());
    }

    private static JsonNode json(HttpResponse<String> response) throws Exception {
        return JSON.readTree(response.body());
    }

    private static JsonNode nextEvent(BufferedReader lines, String event) throws Exception {
        String line = lines.readLine();
        while (line != null && !line.equals("event:" + event)) {
            line = lines.readLine();
        }
        String data = lines.readLine();
        assertThat(data).as("data of event " + event).startsWith("data:");
        return JSON.readTree(data.substring("data:".length()));
    }
}
