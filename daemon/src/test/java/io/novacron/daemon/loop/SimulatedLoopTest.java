package io.novacron.daemon.loop;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.novacron.agent.libvirt.LibvirtLab;
import io.novacron.daemon.cli.Novacron;
import io.novacron.daemon.config.DaemonConfig;
import io.novacron.daemon.service.Daemon;
import io.novacron.ingest.journal.JournalVerification;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The whole loop with a simulated fleet behind the real wire, and what is left of it after a
/// restart.
class SimulatedLoopTest {
    private static final Duration STREAMING_LIMIT = Duration.ofMinutes(5);
    private static final Duration DRAIN_LIMIT = Duration.ofMinutes(5);

    /// Models that need a past: the ensemble has had some when it serves a series first.
    private static final Set<String> LEARNED = Set.of("gbt", "ensemble");

    @TempDir private Path folder;

    @Test
    void metricsBecomeAnExecutedDecisionThatSurvivesARestart() throws Exception {
        JsonNode kept;
        try (var daemon = Daemon.start(config(), InstantSource.system(), "test");
                var _ = fleet(daemon)) {
            var line = new OperatorLine(daemon.controlPort());
            LibvirtLab.await(
                    "forecasts of every vm",
                    STREAMING_LIMIT,
                    () -> line.run("status").path("forecasts").asLong() >= 4 * 33);

            assertThat(line.run("hosts").path("hosts")).hasSize(3);
            JsonNode vm = line.run("vms").path("vms").get(0);
            String name = vm.path("name").asText();
            LibvirtLab.await(
                    "the model answers once the past has arrived",
                    STREAMING_LIMIT,
                    () -> LEARNED.contains(line.run("forecast", name).path("model").asText()));
            assertThat(line.run("forecast", name).path("points")).hasSize(5);
            JsonNode placement = line.run("place", "--vcpus", "1", "--memory", "1GiB");
            assertThat(placement.path("hosts")).isNotEmpty();

            JsonNode more =
                    line.recommended(
                            "SET_VCPUS",
                            one -> one.path("toVcpus").asInt() > one.path("fromVcpus").asInt());
            assertThat(more.path("inputsHash").asText()).hasSize(64);
            line.approve(more.path("id").asLong());
            kept = line.finished(more.path("id").asLong());
            assertThat(kept.path("state").asText()).as("%s", kept).isEqualTo("KEPT");
            assertThat(line.run("vms").path("vms"))
                    .filteredOn(one -> one.path("id").equals(more.path("vmId")))
                    .allMatch(one -> one.path("vcpus").equals(more.path("toVcpus")));
        }

        JournalVerification journal = JournalVerification.of(folder.resolve("daemon/journal"));
        assertThat(journal.ok()).as("%s", journal).isTrue();
        assertThat(journal.framesAcknowledged())
                .isPositive()
                .isLessThanOrEqualTo(journal.framesJournaled());

        List<String> audit = Files.readAllLines(folder.resolve("daemon/audit.jsonl"));
        try (var daemon = Daemon.start(config(), InstantSource.system(), "test")) {
            var line = new OperatorLine(daemon.controlPort());
            JsonNode again = line.run("decision", kept.path("id").asText());
            assertThat(again).as("replayed to the same decision").isEqualTo(kept);
        }
        assertThat(Files.readAllLines(folder.resolve("daemon/audit.jsonl")))
                .as("the audit log is a projection of the journal")
                .startsWith(audit.toArray(String[]::new));
        assertThat(replay("--re-decide")).as("decided again").isEqualTo(replay("--recompute"));
        assertThat(replay("--what-if", "policy.mode=observe").path("whatIfDecisions").asLong())
                .isZero();
    }

    @Test
    void aHostIsEmptiedInWavesAndTakesVmsAgain() throws Exception {
        try (var daemon = Daemon.start(config(), InstantSource.system(), "test");
                var _ = fleet(daemon, 12, "1h")) {
            var line = new OperatorLine(daemon.controlPort());
            LibvirtLab.await(
                    "all vms", STREAMING_LIMIT, () -> line.run("vms").path("vms").size() == 12);
            String host = smallest(line);
            String kept = line.run("vms").path("vms").get(0).path("name").asText();
            JsonNode quota =
                    line.finished(
                            line.run("act", "set-cpu-quota", kept, "0.5").path("id").asLong());
            assertThat(quota.path("state").asText()).as("%s", quota).isEqualTo("KEPT");

            line.run("drain", host, "--reason", "new memory", "--who", "tester");
            LibvirtLab.await(
                    "the host is empty, but for what stays and says why",
                    DRAIN_LIMIT,
                    () -> {
                        JsonNode drain = line.run("drain").path("drains").get(0);
                        return drain.path("underWay").isEmpty()
                                && drain.path("vmsLeft").asInt() == drain.path("stays").size();
                    });
            JsonNode moved = line.run("decisions").path("decisions");
            assertThat(moved)
                    .filteredOn(one -> one.path("type").asText().equals("LIVE_MIGRATE"))
                    .filteredOn(one -> one.path("state").asText().equals("KEPT"))
                    .isNotEmpty()
                    .allMatch(one -> one.path("hostName").asText().equals(host))
                    .allMatch(one -> one.path("transitions").toString().contains("drain of"));

            line.run("drain", host, "--end");
            assertThat(line.run("drain").path("drains")).isEmpty();
        }
        JsonNode again = replay("--re-decide");
        assertThat(again.path("identical").asBoolean()).as("%s", again).isTrue();
    }

    /// The host with the least memory, so that the others may have room.
    private static String smallest(OperatorLine line) {
        String name = "";
        int least = Integer.MAX_VALUE;
        for (JsonNode host : line.run("hosts").path("hosts")) {
            if (host.path("memoryBytes").asLong() / (1 << 30) < least) {
                least = (int) (host.path("memoryBytes").asLong() / (1 << 30));
                name = host.path("name").asText();
            }
        }
        return name;
    }

    /// The figures of a replay that must be the same however it is replayed.
    private JsonNode replay(String... how) throws Exception {
        Path file = Files.writeString(folder.resolve("daemon.yaml"), yaml());
        var out = new StringWriter();
        var line = Novacron.commandLine();
        line.setOut(new PrintWriter(out));
        List<String> arguments = new ArrayList<>(List.of("replay", "--json", "--config"));
        arguments.addAll(List.of(file.toString(), "--data", folder.resolve("daemon").toString()));
        arguments.addAll(List.of(how));
        int exit = line.execute(arguments.toArray(String[]::new));
        assertThat(exit).as("%s: %s", arguments, out).isZero();
        JsonNode figures = new ObjectMapper().readTree(lastLine(out)).path("figures");
        assertThat(figures.path("decisions").asLong()).isPositive();
        assertThat(figures.path("plansFollowed").asLong()).isPositive();
        if (figures.has("forecastsCompared")) {
            assertThat(figures.path("forecastsCompared").asLong())
                    .isPositive()
                    .isEqualTo(figures.path("forecastsIdentical").asLong());
        }
        return ((ObjectNode) figures)
                .remove(
                        List.of(
                                "seconds",
                                "forecastsCompared",
                                "forecastsIdentical",
                                "largestForecastDifference"));
    }

    private static String lastLine(StringWriter out) {
        return out.toString().lines().reduce("", (_, line) -> line);
    }

    private DaemonConfig config() {
        return DaemonConfig.parse(yaml());
    }

    private String yaml() {
        return """
        data-directory: "%s"
        tick: {interval: 1s}
        policy: {measure: 0s} # the effect is measured in VerificationTest
        agents: {listen: "127.0.0.1:0", heartbeat-interval: 1s, sample-interval: 2s}
        control: {listen: "127.0.0.1:0"}
        query: {listen: "127.0.0.1:0"}
        """
                .formatted(folder.resolve("daemon"));
    }

    private AgentProcess fleet(Daemon daemon) throws Exception {
        return fleet(daemon, 30, "1d");
    }

    private AgentProcess fleet(Daemon daemon, int vms, String past) throws Exception {
        return AgentProcess.simulate(
                folder.resolve("fleet.log"),
                "--daemon",
                "127.0.0.1:" + daemon.agentPort(),
                "--hosts",
                "3",
                "--vms",
                Integer.toString(vms),
                "--seed",
                "7",
                "--interval",
                "2s",
                "--backfill",
                past);
    }
}
