package io.novacron.agent;

import io.novacron.agent.systemd.SystemdNotifier;
import io.novacron.wire.sbe.ActionType;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `novacron agent`: measures this host and its vms, and does what the daemon asks.
@Command(
        name = "agent",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Measure this host and its vms, and do what the daemon asks.")
public final class AgentCommand implements Callable<Integer> {
    private static final Set<ActionType> ALL =
            Set.of(
                    ActionType.SET_VCPUS,
                    ActionType.SET_MEMORY,
                    ActionType.LIVE_MIGRATE,
                    ActionType.SET_CPU_QUOTA,
                    ActionType.SET_CPU_SHARES,
                    ActionType.PIN_VCPUS,
                    ActionType.START,
                    ActionType.STOP,
                    ActionType.SCALE_OUT,
                    ActionType.SCALE_IN);

    @Option(
            names = "--daemon",
            required = true,
            paramLabel = "HOST:PORT",
            description = "where the daemon listens for agents")
    private String daemon = "";

    @Option(
            names = "--spool",
            paramLabel = "DIR",
            description = "folder for what waits to be sent; default ${DEFAULT-VALUE}")
    private Path spool = Path.of("/var/lib/novacron/agent");

    @Option(
            names = "--spool-size",
            paramLabel = "SIZE",
            description = "the oldest frames go when the spool is larger; default ${DEFAULT-VALUE}")
    private String spoolSize = "256m";

    @Option(
            names = "--spool-age",
            paramLabel = "TIME",
            description = "frames older than this go; default ${DEFAULT-VALUE}")
    private String spoolAge = "24h";

    @Option(
            names = "--interval",
            paramLabel = "TIME",
            description = "time between samples, 1s to 60s; the daemon's wish when not given")
    private @Nullable String interval;

    @Option(
            names = "--libvirt",
            paramLabel = "URI|none",
            description = "where the vms are; default ${DEFAULT-VALUE}")
    private String libvirt = "qemu:///system";

    @Option(
            names = "--allow",
            paramLabel = "ACTIONS",
            description =
                    "what the daemon may ask of this host: set-vcpus, set-memory, live-migrate,"
                            + " set-cpu-quota, set-cpu-shares, pin-vcpus, start, stop, separated by"
                            + " commas, or none to observe only; default all but stop")
    private String allow =
            "set-vcpus,set-memory,live-migrate,set-cpu-quota,set-cpu-shares,pin-vcpus,start";

    @Option(
            names = "--label",
            paramLabel = "KEY=VALUE",
            description = "a label of this host; may be repeated")
    private List<String> labels = new ArrayList<>();

    @Option(
            names = "--agent-id",
            paramLabel = "UUID",
            description = "this host's identity; default /etc/machine-id")
    private @Nullable String agentId;

    @Option(names = "--host-name", paramLabel = "NAME", description = "default: the kernel's")
    private @Nullable String hostName;

    @Option(names = "--proc", paramLabel = "DIR", description = "default ${DEFAULT-VALUE}")
    private Path proc = Path.of("/proc");

    @Option(names = "--sys", paramLabel = "DIR", description = "default ${DEFAULT-VALUE}")
    private Path sys = Path.of("/sys");

    @Option(names = "--tls-cert", paramLabel = "FILE", description = "this host's certificate, PEM")
    private @Nullable Path tlsCertificate;

    @Option(names = "--tls-key", paramLabel = "FILE", description = "its key, PKCS#8 PEM")
    private @Nullable Path tlsKey;

    @Option(names = "--tls-ca", paramLabel = "FILE", description = "who signed the daemon's, PEM")
    private @Nullable Path tlsAuthority;

    /// Sets one option without the command line's parser, which costs the agent megabytes that it
    /// never needs again.
    ///
    /// @return false when there is no such option, or it is none that takes a value
    boolean set(String option, String value) {
        switch (option) {
            case "--daemon" -> daemon = value;
            case "--spool" -> spool = Path.of(value);
            case "--spool-size" -> spoolSize = value;
            case "--spool-age" -> spoolAge = value;
            case "--interval" -> interval = value;
            case "--libvirt" -> libvirt = value;
            case "--allow" -> allow = value;
            case "--label" -> labels.add(value);
            case "--agent-id" -> agentId = value;
            case "--host-name" -> hostName = value;
            case "--proc" -> proc = Path.of(value);
            case "--sys" -> sys = Path.of(value);
            case "--tls-cert" -> tlsCertificate = Path.of(value);
            case "--tls-key" -> tlsKey = Path.of(value);
            case "--tls-ca" -> tlsAuthority = Path.of(value);
            default -> {
                return false;
            }
        }
        return true;
    }

    @Override
    public Integer call() throws InterruptedException {
        var log = new AgentLog(System.err, System::currentTimeMillis);
        AgentConfig config;
        try {
            config = config();
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            return 2;
        }
        AgentProcess process;
        try {
            process = AgentProcess.open(config, log);
        } catch (IOException e) {
            log.warn("cannot start", "error", String.valueOf(e.getMessage()));
            return 1;
        }
        var manager = SystemdNotifier.of(System.getenv());
        var stopped = new CountDownLatch(1);
        Runtime.getRuntime()
                .addShutdownHook(
                        new Thread(
                                () -> {
                                    manager.stopping();
                                    process.close();
                                    stopped.countDown();
                                },
                                "stop"));
        process.start();
        manager.ready(process.description());
        Duration watchdog = manager.watchdog();
        if (watchdog.isZero()) {
            stopped.await();
        } else {
            while (!stopped.await(watchdog.toNanos() / 2, TimeUnit.NANOSECONDS)) {
                if (process.isSampling()) {
                    manager.alive(); // a sampler that hangs is for the manager to restart
                }
            }
        }
        return 0;
    }

    /// The options as a configuration; an exception lists all that is wrong with them.
    AgentConfig config() {
        var mistakes = new ArrayList<String>();
        int colon = daemon.lastIndexOf(':');
        String host = colon < 0 ? daemon : daemon.substring(0, colon).replaceAll("[\\[\\]]", "");
        int port = parsed(mistakes, 0, () -> port(colon));
        var parsedLabels = new LinkedHashMap<String, String>();
        for (String label : labels) {
            int equals = label.indexOf('=');
            if (equals <= 0) {
                mistakes.add("label=%s must be KEY=VALUE".formatted(label));
            } else {
                parsedLabels.put(label.substring(0, equals), label.substring(equals + 1));
            }
        }
        AgentConfig.Tls tls = null;
        if (tlsCertificate != null && tlsKey != null && tlsAuthority != null) {
            tls = new AgentConfig.Tls(tlsCertificate, tlsKey, tlsAuthority);
        } else if (tlsCertificate != null || tlsKey != null || tlsAuthority != null) {
            mistakes.add("--tls-cert, --tls-key and --tls-ca must come together");
        }
        String idText = agentId;
        var config = new AgentConfig[1];
        long size = parsed(mistakes, 1L << 28, () -> Quantity.bytes(spoolSize));
        var age = parsed(mistakes, Duration.ofDays(1), () -> Quantity.duration(spoolAge));
        String every = interval;
        var wanted =
                parsed(
                        mistakes,
                        Duration.ZERO,
                        () -> every == null ? Duration.ZERO : Quantity.duration(every));
        Set<ActionType> allowed = parsed(mistakes, ALL, () -> actions(allow));
        UUID id = idText == null ? null : parsed(mistakes, new UUID(0, 0), () -> uuid(idText));
        AgentConfig.Tls files = tls;
        try {
            config[0] =
                    new AgentConfig(
                            host,
                            port,
                            spool,
                            size,
                            age,
                            wanted,
                            libvirt,
                            proc,
                            sys,
                            Map.copyOf(parsedLabels),
                            allowed,
                            id,
                            hostName,
                            files);
        } catch (IllegalArgumentException e) {
            mistakes.add(String.valueOf(e.getMessage()));
        }
        var problems = new ConfigProblems();
        mistakes.forEach(mistake -> problems.check(false, "%s", mistake));
        problems.throwIfAny();
        return config[0];
    }

    private int port(int colon) {
        String text = colon < 0 ? "" : daemon.substring(colon + 1);
        if (!text.matches("\\d{1,5}")) {
            throw new IllegalArgumentException(
                    "daemon=%s must be HOST:PORT. Maybe 127.0.0.1:7070?".formatted(daemon));
        }
        return Integer.parseInt(text);
    }

    private static UUID uuid(String text) {
        try {
            return UUID.fromString(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "agent-id=%s must be a UUID. Maybe leave it out, to take the machine id?"
                            .formatted(text),
                    e);
        }
    }

    static Set<ActionType> actions(String text) {
        var actions = EnumSet.noneOf(ActionType.class);
        for (String word : text.strip().split(",", -1)) {
            switch (word.strip().toLowerCase(Locale.ROOT)) {
                case "set-vcpus" -> actions.add(ActionType.SET_VCPUS);
                case "set-memory" -> actions.add(ActionType.SET_MEMORY);
                case "live-migrate" -> actions.add(ActionType.LIVE_MIGRATE);
                case "set-cpu-quota" -> actions.add(ActionType.SET_CPU_QUOTA);
                case "set-cpu-shares" -> actions.add(ActionType.SET_CPU_SHARES);
                case "pin-vcpus" -> actions.add(ActionType.PIN_VCPUS);
                case "start" -> actions.add(ActionType.START);
                case "stop" -> actions.add(ActionType.STOP);
                case "scale-out" -> actions.add(ActionType.SCALE_OUT);
                case "scale-in" -> actions.add(ActionType.SCALE_IN);
                case "none", "" -> {}
                default ->
                        throw new IllegalArgumentException(
                                ("allow=%s must name set-vcpus, set-memory, live-migrate, set-cpu-quota,"
                                                + " set-cpu-shares, pin-vcpus, start, stop, scale-out, scale-in or none."
                                                + " Maybe a typing mistake?")
                                        .formatted(word));
            }
        }
        return actions;
    }

    private static <T> T parsed(List<String> mistakes, T otherwise, Supplier<T> parser) {
        try {
            return parser.get();
        } catch (IllegalArgumentException e) {
            mistakes.add(String.valueOf(e.getMessage()));
            return otherwise;
        }
    }
}
