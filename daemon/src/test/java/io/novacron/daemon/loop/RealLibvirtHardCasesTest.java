package io.novacron.daemon.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.novacron.agent.libvirt.LabGuest;
import io.novacron.agent.libvirt.LabHost;
import io.novacron.agent.libvirt.LibvirtLab;
import io.novacron.daemon.config.DaemonConfig;
import io.novacron.daemon.service.Daemon;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What can go wrong between a decision and a real libvirt, with one daemon, two hosts and their
/// agents for all cases. Each ends with what the vm is, what the decision says, and what the audit
/// log has of it.
@Tag("libvirt")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Timeout(600)
class RealLibvirtHardCasesTest {
    private static final Duration SOON = Duration.ofMinutes(3);
    private static final ObjectMapper JSON = new ObjectMapper();

    private Path folder;
    private LibvirtLab lab;
    private LabHost here;
    private LabHost there;
    private LabGuest steady;
    private LabGuest moving;
    private LabGuest hanging;
    private LabGuest brief;
    private Daemon daemon;
    private AgentProcess agentHere;
    private AgentProcess agentThere;
    private OperatorLine line;

    @BeforeAll
    void start(@TempDir Path temporary) throws Exception {
        folder = temporary;
        String missing = LibvirtLab.missing();
        assumeTrue(missing.isEmpty(), missing);
        lab = LibvirtLab.start(2);
        here = lab.host(0);
        there = lab.host(1);
        steady = here.define(new LabGuest.Size("hc-steady", 1, 4, 128));
        moving = here.define(new LabGuest.Size("hc-moving", 1, 2, 128));
        hanging = here.create(new LabGuest.Size("hc-hanging", 1, 2, 96));
        brief = here.create(new LabGuest.Size("hc-brief", 1, 2, 96));
        daemon = Daemon.start(config(), InstantSource.system(), "test");
        agentHere = agent(here);
        agentThere = agent(there);
        line = new OperatorLine(daemon.controlPort());
        Stream.of(steady, moving, hanging, brief).forEach(LabGuest::awaitBooted);
        LibvirtLab.await("all are listed", SOON, () -> vms().size() == 4);
    }

    @AfterAll
    void stop() {
        Stream.<AutoCloseable>of(agentHere, agentThere, daemon, lab)
                .filter(Objects::nonNull)
                .forEach(each -> {
                    try {
                        each.close();
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                });
    }

    @Test
    @Order(1)
    void aShrinkThatTheGuestRefusesFailsAndAQuotaDoesIt() {
        assertThat(stateOf(finished(act("set-vcpus", steady, "2")))).isEqualTo("KEPT");

        JsonNode refused = finished(act("set-vcpus", steady, "1"));

        if (stateOf(refused).equals("FAILED")) { // emulated guests do not let a vCPU go
            assertThat(liveVcpus(steady)).isEqualTo(2);
            assertThat(audit(refused)).startsWith("PROPOSED", "APPROVED", "DISPATCHED", "RUNNING");
            assertThat(audit(refused)).endsWith("FAILED");
        } else {
            assertThat(stateOf(refused)).isEqualTo("KEPT");
            assertThat(liveVcpus(steady)).isEqualTo(1);
        }
        boolean hasQuota = vm(steady).path("labels").has("novacron.cpu-quota");
        if (hasQuota) {
            JsonNode limited = finished(act("set-cpu-quota", steady, "0.5"));
            assertThat(stateOf(limited)).as("%s", limited).isEqualTo("KEPT");
            assertThat(here.virsh("schedinfo", steady.name())).contains("global_quota   : 50000");
            assertThat(limited.path("requestedBy").asText()).isEqualTo("tester");
        }
    }

    @Test
    @Order(2)
    void ofTwoContradictingRequestsTheSecondIsRefused() {
        agentHere.signal("STOP");
        long first;
        try {
            first = act("set-memory", steady, "112MiB");
            String refusal = line.refused("act", "set-memory", steady.name(), "120MiB");
            assertThat(refusal).contains("decision id=%d on vm".formatted(first), "Maybe wait");
        } finally {
            agentHere.signal("CONT");
        }
        JsonNode kept = finished(first);
        assertThat(stateOf(kept)).as("%s", kept).isEqualTo("KEPT");
        assertThat(here.virsh("dommemstat", steady.name())).contains("actual 114688");
        assertThat(
                        auditLines().stream()
                                .filter(one ->
                                        one.path("vm").asText().equals(steady.uuid().toString()))
                                .filter(one -> one.path("type").asText().equals("SET_MEMORY"))
                                .filter(one -> one.path("state").asText().equals("DISPATCHED")))
                .hasSize(1);
    }

    @Test
    @Order(3)
    void whatSomebodyElseDestroyedOrMigratedIsLeftAlone() {
        agentHere.signal("STOP");
        long ofGone;
        long ofMoved;
        try {
            ofGone = act("set-memory", brief, "80MiB");
            ofMoved = act("set-memory", moving, "112MiB");
            here.virsh("destroy", brief.name());
            here.virsh(
                    "migrate",
                    "--live",
                    "--p2p",
                    "--unsafe",
                    "--persistent",
                    "--undefinesource",
                    moving.name(),
                    there.migrationUri());
        } finally {
            agentHere.signal("CONT");
        }
        JsonNode gone = finished(ofGone);
        JsonNode moved = finished(ofMoved);
        for (JsonNode failed : List.of(gone, moved)) {
            assertThat(stateOf(failed)).as("%s", failed).isEqualTo("FAILED");
            assertThat(failed.path("outcome").asText())
                    .contains("is not on this host", "destroyed or migrated");
            assertThat(audit(failed)).endsWith("DISPATCHED", "FAILED");
        }
        assertThat(there.virsh("dommemstat", moving.name())).contains("actual 131072");
        back();
    }

    @Test
    @Order(4)
    void aHungGuestHarmsNoNeighbourAndIsToldApart() {
        hanging.signal("STOP");
        long ofHung;
        try {
            ofHung = act("set-memory", hanging, "80MiB");
            JsonNode neighbour = finished(act("set-memory", steady, "128MiB"));
            assertThat(stateOf(neighbour)).as("%s", neighbour).isEqualTo("KEPT");
            assertThat(stateOf(line.run("decision", Long.toString(ofHung))))
                    .isIn("DISPATCHED", "RUNNING", "UNKNOWN");
            LibvirtLab.await("its time is over", SOON, () -> isState(ofHung, "UNKNOWN"));
        } finally {
            hanging.signal("CONT");
        }
        JsonNode end = finished(ofHung);
        long actual = Long.parseLong(memoryKb(here, hanging));
        assertThat(actual)
                .as("%s", end)
                .isEqualTo(stateOf(end).equals("KEPT") ? 80 * 1024 : 96 * 1024);
        assertThat(audit(end)).contains("UNKNOWN").endsWith(stateOf(end));
    }

    @Test
    @Order(5)
    void aMigrationAbortedInTheMiddleLeavesTheVmWhereItIs() {
        slowMigrations();
        long id = act("live-migrate", moving, there.name());
        awaitMigrating();
        here.virsh("domjobabort", moving.name());

        JsonNode end = finished(id);

        assertThat(stateOf(end)).as("%s", end).isEqualTo("FAILED");
        assertThat(here.virsh("domstate", moving.name()).strip()).isEqualTo("running");
        assertThat(audit(end)).endsWith("DISPATCHED", "RUNNING", "FAILED");
        assertThat(end.path("cost").asText()).contains("without the vm");
    }

    @Test
    @Order(6)
    void libvirtdRestartedInTheMiddleOfAMigrationIsReadBack() {
        slowMigrations();
        long id = act("live-migrate", moving, there.name());
        awaitMigrating();
        here.stopLibvirtd("KILL");
        here.startLibvirtd();

        JsonNode end = finished(id);

        boolean arrived = stateOf(end).equals("KEPT");
        assertThat(stateOf(end)).as("%s", end).isIn("FAILED", "KEPT", "ROLLED_BACK");
        LabHost now = arrived ? there : here;
        assertThat(now.virsh("domstate", moving.name()).strip()).isEqualTo("running");
        assertThat(audit(end)).contains("RUNNING").endsWith(stateOf(end));
        if (arrived) {
            back();
        }
    }

    @Test
    @Order(7)
    void anAgentKilledInTheMiddleOfAMigrationGoesOnWithIt() throws Exception {
        slowMigrations();
        long id = act("live-migrate", moving, there.name());
        awaitMigrating();
        agentHere.kill();
        agentHere = agent(here);
        LibvirtLab.await("told", SOON, () -> isState(id, "UNKNOWN"));
        here.virsh("migrate-setspeed", moving.name(), "1000");

        JsonNode end = finished(id);

        assertThat(stateOf(end)).as("%s\n%s", end, agentHere.log()).isEqualTo("KEPT");
        assertThat(there.virsh("domstate", moving.name()).strip()).isEqualTo("running");
        assertThat(here.virsh("list", "--all", "--name")).doesNotContain(moving.name());
        assertThat(audit(end)).contains("RUNNING", "UNKNOWN").endsWith("KEPT");
    }

    @Test
    @Order(8)
    void theAuditLogHoldsTogether() {
        JsonNode verified =
                line.runLocal("audit", "verify", "--dir", folder.resolve("daemon").toString());
        assertThat(verified.path("figures").path("broken").asLong()).as("%s", verified).isZero();
        assertThat(verified.path("figures").path("records").asLong()).isGreaterThan(30);
    }

    // --- hands and eyes -------------------------------------------------------------------------

    private long act(String action, LabGuest guest, String value) {
        String host = action.equals("live-migrate") ? value : "";
        JsonNode decision =
                line.run(
                        "act",
                        action,
                        guest.name(),
                        host.isEmpty() ? value : host,
                        "--who",
                        "tester");
        assertThat(stateOf(decision)).isEqualTo("APPROVED");
        return decision.path("id").asLong();
    }

    /// Waits for the end of a decision, and until the daemon shows it.
    private JsonNode finished(long id) {
        return line.finished(id);
    }

    private boolean isState(long id, String state) {
        return stateOf(line.run("decision", Long.toString(id))).equals(state);
    }

    private static String stateOf(JsonNode decision) {
        return decision.path("state").asText();
    }

    private JsonNode vms() {
        return line.run("vms").path("vms");
    }

    private JsonNode vm(LabGuest guest) {
        for (JsonNode vm : vms()) {
            if (vm.path("id").asText().equals(guest.uuid().toString())) {
                return vm;
            }
        }
        throw new AssertionError(guest.name());
    }

    private int liveVcpus(LabGuest guest) {
        return Integer.parseInt(
                here.virsh("vcpucount", guest.name(), "--live", "--active").strip());
    }

    private static String memoryKb(LabHost host, LabGuest guest) {
        return host.virsh("dommemstat", guest.name())
                .lines()
                .filter(each -> each.startsWith("actual"))
                .findFirst()
                .orElseThrow()
                .split(" ")[1];
    }

    private void slowMigrations() {
        LibvirtLab.await(
                moving.name() + " is here",
                SOON,
                () -> vm(moving).path("hostId").asText().equals(here.uuid().toString()));
        here.virsh("migrate-setspeed", moving.name(), "1");
    }

    private void awaitMigrating() {
        LibvirtLab.await(
                "it is on its way",
                SOON,
                () -> here.virsh("domjobinfo", moving.name()).contains("Unbounded"));
    }

    /// Somebody brings the vm back to where the next case expects it.
    private void back() {
        there.virsh(
                "migrate",
                "--live",
                "--p2p",
                "--unsafe",
                "--persistent",
                "--undefinesource",
                moving.name(),
                here.migrationUri());
    }

    /// The states of a decision as the audit log has them.
    private List<String> audit(JsonNode decision) {
        return auditLines().stream()
                .filter(one -> one.path("kind").asText().equals("STEP"))
                .filter(one -> one.path("decision").asLong() == decision.path("id").asLong())
                .map(one -> one.path("state").asText())
                .toList();
    }

    private List<JsonNode> auditLines() {
        List<JsonNode> lines = new ArrayList<>();
        try {
            for (String text : Files.readAllLines(folder.resolve("daemon/audit.jsonl"))) {
                lines.add(JSON.readTree(text));
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return lines;
    }

    private DaemonConfig config() {
        return DaemonConfig.parse(
                """
                data-directory: "%s"
                tick: {interval: 1s}
                agents: {listen: "127.0.0.1:0", heartbeat-interval: 2s, sample-interval: 1s}
                control: {listen: "127.0.0.1:0"}
                query: {listen: "127.0.0.1:0"}
                policy:
                  confidence: 1.0 # nothing is advised here
                  hot-host: 100
                  action-timeout: 10s
                  measure: 0s
                """
                        .formatted(folder.resolve("daemon")));
    }

    private AgentProcess agent(LabHost host) throws IOException {
        Path spool = Files.createDirectories(folder.resolve(host.name()));
        return AgentProcess.start(
                folder.resolve(host.name() + ".log"),
                "--daemon",
                "127.0.0.1:" + daemon.agentPort(),
                "--spool",
                spool.toString(),
                "--libvirt",
                host.uri()
                        + "&novacron.unsafe-migration=true&novacron.slow-interval=500ms"
                        + "&novacron.call-timeout=2s",
                "--agent-id",
                host.uuid().toString(),
                "--host-name",
                host.name(),
                "--interval",
                "1s",
                "--label",
                "novacron.migration-uri=" + host.migrationUri());
    }
}
