package io.novacron.daemon.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.novacron.agent.libvirt.LabGuest;
import io.novacron.agent.libvirt.LibvirtLab;
import io.novacron.daemon.config.DaemonConfig;
import io.novacron.daemon.service.Daemon;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A group of clones on a real host: the daemon finds it below its least size, placement finds the
/// host that has the template, the agent clones it, and the decision is kept once the clone is
/// seen.
@Tag("libvirt")
class RealLibvirtScaleLoopTest {
    @TempDir private Path folder;

    @Test
    void aGroupIsBroughtToItsLeastSizeByClones() throws Exception {
        String missing = LibvirtLab.missing();
        assumeTrue(missing.isEmpty(), missing);
        try (var lab = LibvirtLab.start(1)) {
            var host = lab.host(0);
            host.defineTemplate(new LabGuest.Size("webtpl", 1, 1, 96));
            try (var daemon = Daemon.start(config(), InstantSource.system(), "test");
                    var agent =
                            AgentProcess.start(
                                    folder.resolve("agent.log"),
                                    "--daemon",
                                    "127.0.0.1:" + daemon.agentPort(),
                                    "--spool",
                                    Files.createDirectories(folder.resolve("spool")).toString(),
                                    "--libvirt",
                                    host.uri(),
                                    "--agent-id",
                                    host.uuid().toString(),
                                    "--host-name",
                                    host.name(),
                                    "--allow",
                                    "scale-out,scale-in")) {
                var line = new OperatorLine(daemon.controlPort());
                JsonNode out = line.recommended("SCALE_OUT");
                assertThat(out.path("summary").asText())
                        .isEqualTo("web: 0 → 1 members, a clone of webtpl on " + host.name());
                line.approve(out.path("id").asLong());
                JsonNode kept = line.finished(out.path("id").asLong());
                assertThat(kept.path("state").asText())
                        .as("%s\n%s", kept, agent.log())
                        .isEqualTo("KEPT");
                String name = out.path("vmName").asText();
                assertThat(host.virsh("domstate", name).strip()).isEqualTo("running");
                assertThat(line.run("vms").path("vms"))
                        .filteredOn(vm -> vm.path("name").asText().equals(name))
                        .singleElement()
                        .satisfies(vm ->
                                assertThat(vm.path("labels").path("novacron.scaled").asText())
                                        .isEqualTo("web"));
                assertThat(line.run("recommendations").path("decisions"))
                        .as("it has its least size")
                        .noneMatch(one -> one.path("type").asText().equals("SCALE_OUT"));
            }
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
                scaling:
                  groups:
                    - {name: web, selector: novacron.scaled=web, min: 1, max: 2, template: webtpl, executor: libvirt}
                """
                        .formatted(folder.resolve("daemon")));
    }
}
