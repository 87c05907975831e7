package io.novacron.daemon.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.novacron.agent.libvirt.LabGuest;
import io.novacron.agent.libvirt.LabHost;
import io.novacron.agent.libvirt.LibvirtLab;
import io.novacron.daemon.config.DaemonConfig;
import io.novacron.daemon.service.Daemon;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Two real hosts, two busy guests on the first. The daemon recommends more vCPUs for one and a
/// move for the other; the command line approves; libvirt acts; guest, libvirt and outcome agree.
@Tag("libvirt")
class RealLibvirtLoopTest {
    @TempDir private Path folder;

    @Test
    void aBusyGuestGetsMoreVcpusAndAHotHostIsRelieved() throws Exception {
        String missing = LibvirtLab.missing();
        assumeTrue(missing.isEmpty(), missing);
        try (var lab = LibvirtLab.start(2);
                var daemon = Daemon.start(config(), InstantSource.system(), "test");
                var _ = agent(lab.host(0), daemon);
                var agentB = agent(lab.host(1), daemon)) {
            LabGuest stays = lab.host(0).boot(new LabGuest.Size("loop-stays", 1, 4, 192));
            LabGuest moves = lab.host(0).boot(new LabGuest.Size("loop-moves", 1, 4, 192));
            var line = new OperatorLine(daemon.controlPort());
            stays.tell("load 2");
            moves.tell("load 1");

            JsonNode more = line.recommended("SET_VCPUS");
            LabGuest grows = more.path("vmName").asText().equals(stays.name()) ? stays : moves;
            assertThat(more.path("fromVcpus").asInt()).isEqualTo(1);
            int wanted = more.path("toVcpus").asInt();
            assertThat(wanted).isGreaterThan(1);
            assertThat(more.path("reasons")).isNotEmpty();

            line.approve(more.path("id").asLong());
            JsonNode kept = line.finished(more.path("id").asLong());
            assertThat(kept.path("state").asText()).as("%s", kept).isEqualTo("KEPT");
            assertThat(lab.host(0).virsh("vcpucount", grows.name(), "--live", "--active").strip())
                    .isEqualTo(Integer.toString(wanted));
            LibvirtLab.await(
                    "the guest sees its new vCPUs",
                    Duration.ofMinutes(2),
                    () -> grows.nproc() == wanted);

            JsonNode move = // not one from before it grew
                    line.recommended(
                            "LIVE_MIGRATE",
                            one ->
                                    one.path("fromVcpus").asInt()
                                            == (one.path("vmName").asText().equals(grows.name())
                                                    ? wanted
                                                    : 1));
            LabGuest moving = move.path("vmName").asText().equals(stays.name()) ? stays : moves;
            assertThat(move.path("targetHostId").asText()).isEqualTo(lab.host(1).uuid().toString());
            line.approve(move.path("id").asLong());
            JsonNode moved = line.finished(move.path("id").asLong());
            assertThat(moved.path("state").asText())
                    .as("%s\n%s", moved, agentB.log())
                    .isEqualTo("KEPT");
            assertThat(lab.host(1).virsh("domstate", moving.name()).strip()).isEqualTo("running");
            assertThat(moving.on(lab.host(1)).nproc()).as("it runs on").isPositive();
        }
    }

    private DaemonConfig config() {
        return DaemonConfig.parse(
                """
                data-directory: "%s"
                tick: {interval: 2s}
                agents: {listen: "127.0.0.1:0", heartbeat-interval: 2s, sample-interval: 2s}
                control: {listen: "127.0.0.1:0"}
                query: {listen: "127.0.0.1:0"}
                policy:
                  hot-host: 40   # of two cores: two busy guests of one vCPU make a hot host
                  cool-down: 0s
                  measure: 0s
                """
                        .formatted(folder.resolve("daemon")));
    }

    private AgentProcess agent(LabHost host, Daemon daemon) throws Exception {
        Path spool = Files.createDirectories(folder.resolve(host.name()));
        return AgentProcess.start(
                folder.resolve(host.name() + ".log"),
                "--daemon",
                "127.0.0.1:" + daemon.agentPort(),
                "--spool",
                spool.toString(),
                "--libvirt",
                host.uri() + "&novacron.unsafe-migration=true",
                "--agent-id",
                host.uuid().toString(),
                "--host-name",
                host.name(),
                "--label",
                "novacron.migration-uri=" + host.migrationUri());
    }
}
