package io.novacron.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.novacron.wire.sbe.ActionType;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class AgentCommandTest {
    @TempDir private Path folder = Path.of("");

    private static AgentConfig parse(String... arguments) {
        var command = new AgentCommand();
        new CommandLine(command).parseArgs(arguments);
        return command.config();
    }

    @Test
    void hasDefaultsForAllButTheDaemon() {
        AgentConfig config = parse("--daemon", "127.0.0.1:7070");
        assertThat(config.daemonHost()).isEqualTo("127.0.0.1");
        assertThat(config.daemonPort()).isEqualTo(7070);
        assertThat(config.spoolBytes()).isEqualTo(256L << 20);
        assertThat(config.spoolAge()).isEqualTo(Duration.ofDays(1));
        assertThat(config.interval()).isZero();
        assertThat(config.libvirtUri()).isEqualTo("qemu:///system");
        assertThat(config.allowed())
                .as("a stop and scaling must be allowed by name")
                .hasSize(7)
                .doesNotContain(ActionType.STOP, ActionType.SCALE_OUT, ActionType.SCALE_IN);
        assertThat(config.tls()).isNull();
    }

    @Test
    void takesEveryOption() {
        String dir = folder.toString();
        AgentConfig config =
                parse(
                        "--daemon",
                        "[::1]:9",
                        "--spool",
                        dir,
                        "--spool-size",
                        "2g",
                        "--spool-age",
                        "3h",
                        "--interval",
                        "5s",
                        "--libvirt",
                        "none",
                        "--allow",
                        "set-vcpus,live-migrate",
                        "--label",
                        "rack=r1",
                        "--label",
                        "zone=a=b",
                        "--agent-id",
                        new UUID(1, 2).toString(),
                        "--host-name",
                        "box",
                        "--proc",
                        dir,
                        "--sys",
                        dir);
        assertThat(config)
                .isEqualTo(
                        new AgentConfig(
                                "::1",
                                9,
                                folder,
                                2L << 30,
                                Duration.ofHours(3),
                                Duration.ofSeconds(5),
                                "none",
                                folder,
                                folder,
                                Map.of("rack", "r1", "zone", "a=b"),
                                Set.of(ActionType.SET_VCPUS, ActionType.LIVE_MIGRATE),
                                new UUID(1, 2),
                                "box",
                                null));
    }

    @Test
    void readsEveryOptionWithoutTheParserToo() {
        String dir = folder.toString();
        String[] arguments = {
            "--daemon",
            "127.0.0.1:9",
            "--spool",
            dir,
            "--spool-size",
            "2g",
            "--spool-age",
            "3h",
            "--interval",
            "5s",
            "--libvirt",
            "none",
            "--allow",
            "none",
            "--label",
            "rack=r1",
            "--label",
            "zone=z",
            "--agent-id",
            new UUID(1, 2).toString(),
            "--host-name",
            "box",
            "--proc",
            dir,
            "--sys",
            dir,
            "--tls-cert",
            dir,
            "--tls-key",
            dir,
            "--tls-ca",
            dir
        };
        AgentCommand command = Objects.requireNonNull(AgentMain.parsed(arguments));
        assertThat(command.config()).isEqualTo(parse(arguments));

        var spec = new CommandLine(new AgentCommand()).getCommandSpec();
        assertThat(spec.options())
                .filteredOn(option -> option.arity().max() > 0)
                .allMatch(option -> new AgentCommand().set(option.longestName(), "1"));
    }

    @Test
    void leavesTheRestToTheParser() {
        assertThat(AgentMain.parsed(new String[] {"--help"})).isNull();
        assertThat(AgentMain.parsed(new String[] {"--daemon=127.0.0.1:9"})).isNull();
        assertThat(AgentMain.parsed(new String[] {"--demon", "127.0.0.1:9"})).isNull();
        assertThat(AgentMain.parsed(new String[] {"--libvirt", "none"})).isNull();
    }

    @Test
    void tellsAllMistakesAtOnce() {
        assertThatThrownBy(() ->
                        parse(
                                "--daemon",
                                "nowhere",
                                "--spool-size",
                                "x",
                                "--interval",
                                "90s",
                                "--allow",
                                "reboot",
                                "--label",
                                "oops",
                                "--agent-id",
                                "7",
                                "--proc",
                                "/no/such/folder",
                                "--tls-cert",
                                "a.pem"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("daemon=nowhere must be HOST:PORT. Maybe 127.0.0.1:7070?")
                .hasMessageContaining("size=x must be a number")
                .hasMessageContaining("interval=PT1M30S must be in")
                .hasMessageContaining("allow=reboot must name")
                .hasMessageContaining("label=oops must be KEY=VALUE")
                .hasMessageContaining("agent-id=7 must be a UUID")
                .hasMessageContaining("proc=/no/such/folder must be a folder")
                .hasMessageContaining("--tls-cert, --tls-key and --tls-ca must come together");
    }

    @Test
    void talksToAnotherMachineOnlyWithTls() {
        assertThatThrownBy(() -> parse("--daemon", "192.0.2.1:7070"))
                .hasMessageContaining(
                        "daemon=192.0.2.1 is not on this machine and there is no TLS");
    }

    @Test
    void isFoundByTheCommandLine() {
        assertThat(ServiceLoader.load(Callable.class).stream().map(each -> each.type().getName()))
                .contains(
                        "io.novacron.agent.AgentCommand",
                        "io.novacron.agent.simulation.SimulateCommand");
    }
}
