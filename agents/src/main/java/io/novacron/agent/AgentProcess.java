package io.novacron.agent;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.novacron.agent.host.ProcHostSource;
import io.novacron.agent.host.SelfMeter;
import io.novacron.agent.spool.AgentState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ServiceLoader;
import java.util.UUID;
import java.util.concurrent.ThreadFactory;

/// One agent as a process runs it: opens everything a configuration names, and closes it in
/// reverse.
final class AgentProcess implements AutoCloseable {
    private static final Path MACHINE_ID = Path.of("/etc/machine-id");

    private final AgentLog log;
    private final AgentState state;
    private final ProcHostSource host;
    private final Hypervisor hypervisor;
    private final SelfMeter selfMeter;
    private final Agent agent;

    private AgentProcess(
            AgentLog log,
            AgentState state,
            ProcHostSource host,
            Hypervisor hypervisor,
            SelfMeter selfMeter,
            Agent agent) {
        this.log = log;
        this.state = state;
        this.host = host;
        this.hypervisor = hypervisor;
        this.selfMeter = selfMeter;
        this.agent = agent;
    }

    static AgentProcess open(AgentConfig config, AgentLog log) throws IOException {
        var random = new SecureRandom();
        AgentClock clock = AgentClock.system();
        UUID agentId = identity(config, random);
        Dialer dialer = dialer(config);
        AgentState state =
                AgentState.open(
                        config.spool(),
                        config.spoolBytes(),
                        config.spoolAge().toMillis(),
                        firstLine(config.procRoot().resolve("sys/kernel/random/boot_id"), ""),
                        random,
                        e -> log.warn("spool", "error", e.getMessage()));
        Hypervisor hypervisor = null;
        try {
            hypervisor = hypervisor(config, agentId, clock, log);
            var host = new ProcHostSource(hostName(config), config.procRoot(), config.sysRoot());
            var selfMeter = new SelfMeter(config.procRoot());
            var parts =
                    new AgentParts(
                            agentId,
                            version(),
                            state.epoch(),
                            state.entityIds(),
                            state.data(),
                            state.control(),
                            host,
                            config.labels(),
                            hypervisor,
                            selfMeter,
                            config.allowed(),
                            config.interval().toMillis(),
                            0,
                            random.nextLong());
            ThreadFactory threads = Thread.ofPlatform().daemon().name("agent-", 0).factory();
            var agent = new Agent(parts, dialer, config.spool(), clock, log, threads);
            log.info(
                    "agent",
                    "id",
                    agentId,
                    "version",
                    version(),
                    "daemon",
                    config.daemonHost() + ":" + config.daemonPort(),
                    "hypervisor",
                    hypervisor.description(),
                    "allowed",
                    config.allowed());
            return new AgentProcess(log, state, host, hypervisor, selfMeter, agent);
        } catch (IOException | RuntimeException e) {
            if (hypervisor != null) {
                hypervisor.close();
            }
            state.close();
            throw e;
        }
    }

    void start() {
        agent.start();
    }

    /// What it looks at, in a few words.
    String description() {
        return "sampling this host and its vms, " + hypervisor.description();
    }

    boolean isSampling() {
        return agent.isSampling();
    }

    private static Hypervisor hypervisor(
            AgentConfig config, UUID agentId, AgentClock clock, AgentLog log) {
        String uri = config.libvirtUri();
        if (uri.equals(AgentConfig.NO_LIBVIRT)) {
            return new NoHypervisor("switched off by --libvirt none");
        }
        var settings =
                new HypervisorSettings(
                        uri, agentId, config.procRoot(), config.sysRoot(), clock.nanoTime(), log);
        for (HypervisorProvider provider : ServiceLoader.load(HypervisorProvider.class)) {
            if (provider.accepts(uri)) {
                return provider.open(settings);
            }
        }
        return new NoHypervisor("nothing here knows the URI " + uri);
    }

    private static Dialer dialer(AgentConfig config) throws IOException {
        Dialer plain = Dialer.plain(config.daemonHost(), config.daemonPort());
        AgentConfig.Tls tls = config.tls();
        if (tls == null) {
            return plain;
        }
        var dialer =
                new TlsDialer(
                        plain,
                        config.daemonHost(),
                        config.daemonPort(),
                        tls.certificate(),
                        tls.key(),
                        tls.authority());
        dialer.context(); // a file that is wrong is told at the start
        return dialer;
    }

    private static UUID identity(AgentConfig config, SecureRandom random) throws IOException {
        UUID given = config.agentId();
        if (given != null) {
            return given;
        }
        String machineId = firstLine(MACHINE_ID, "");
        if (machineId.matches("[0-9a-f]{32}") && !machineId.matches("0+")) {
            return new UUID(
                    Long.parseUnsignedLong(machineId, 0, 16, 16),
                    Long.parseUnsignedLong(machineId, 16, 32, 16));
        }
        return AgentState.keptAgentId(config.spool(), random);
    }

    private static String hostName(AgentConfig config) {
        String given = config.hostName();
        return given != null
                ? given
                : firstLine(config.procRoot().resolve("sys/kernel/hostname"), "unnamed");
    }

    static String version() {
        String version = AgentProcess.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }

    private static String firstLine(Path file, String otherwise) {
        try {
            return Files.readString(file, UTF_8).lines().findFirst().orElse(otherwise).strip();
        } catch (IOException e) {
            return otherwise;
        }
    }

    @Override
    public void close() {
        try {
            agent.close();
            agent.logCounters();
            hypervisor.close();
            host.close();
            selfMeter.close();
            state.close();
        } catch (IOException e) {
            log.warn("not closed in order", "error", e.getMessage());
        }
    }
}
