package io.novacron.daemon.config;

import io.novacron.daemon.security.ListenAddress;
import io.novacron.daemon.security.SecurityRules;
import io.novacron.daemon.security.SecurityRules.Audience;
import io.novacron.daemon.security.TlsFiles;
import io.novacron.inference.ModelTrust;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Everything an operator may set, with defaults that work on one machine. The keys are in
/// `docs/operations.md`.
public record DaemonConfig(
        Path dataDirectory,
        TickConfig tick,
        AgentPortConfig agents,
        PeoplePortConfig control,
        QueryPortConfig query,
        JournalConfig journal,
        CheckpointConfig checkpoint,
        AuditConfig audit,
        StoreConfig store,
        ModelConfig models,
        ForecastSettings forecast,
        PolicyConfig policy,
        AutomationConfig automation,
        ScalingConfig scaling,
        PrometheusConfig prometheus,
        BudgetConfig budget) {

    public static final DaemonConfig DEFAULT =
            new DaemonConfig(
                    Path.of("/var/lib/novacron"),
                    TickConfig.DEFAULT,
                    AgentPortConfig.DEFAULT,
                    PeoplePortConfig.DEFAULT,
                    QueryPortConfig.DEFAULT,
                    JournalConfig.DEFAULT,
                    CheckpointConfig.DEFAULT,
                    AuditConfig.DEFAULT,
                    StoreConfig.DEFAULT,
                    ModelConfig.DEFAULT,
                    ForecastSettings.DEFAULT,
                    PolicyConfig.DEFAULT,
                    AutomationConfig.DEFAULT,
                    ScalingConfig.DEFAULT,
                    PrometheusConfig.DEFAULT,
                    BudgetConfig.DEFAULT);

    /// Reads the file.
    ///
    /// @throws ConfigException listing every mistake, with lines; the file's name is in front
    public static DaemonConfig load(Path file) {
        try {
            return parse(Files.readString(file));
        } catch (ConfigException e) {
            List<String> problems = new ArrayList<>();
            problems.add(
                    "%s has %d %s:"
                            .formatted(
                                    file,
                                    e.problems().size(),
                                    e.problems().size() == 1 ? "mistake" : "mistakes"));
            e.problems().forEach(problem -> problems.add("  " + problem));
            throw new ConfigException(problems);
        } catch (IOException e) {
            throw new ConfigException(
                    List.of(
                            "--config=%s cannot be read: %s. Maybe the path is wrong?"
                                    .formatted(file, e)));
        }
    }

    /// Reads a document.
    ///
    /// @throws ConfigException listing every mistake, with lines
    public static DaemonConfig parse(String yaml) {
        List<String> problems = new ArrayList<>();
        var document = YamlDocument.parse(yaml, problems);
        var config = new RecordBinder(problems).bind(document, "", DEFAULT);
        problems.sort(Comparator.comparingInt(DaemonConfig::line)); // stable: file order
        new ConfigProblems().addAll(problems).throwIfAny();
        return config;
    }

    /// The same with one property changed, for a what-if.
    ///
    /// @param assignment `policy.confidence=0.5`
    /// @throws ConfigException when there is no such property, or not with that value
    public DaemonConfig with(String assignment) {
        int equals = assignment.indexOf('=');
        if (equals < 1) {
            throw new ConfigException(
                    List.of(
                            "--what-if=%s must be property=value. Maybe policy.confidence=0.5?"
                                    .formatted(assignment)));
        }
        var yaml = new StringBuilder();
        String[] path = assignment.substring(0, equals).strip().split("\\.");
        for (int depth = 0; depth < path.length; depth++) {
            yaml.append("  ".repeat(depth)).append(path[depth]).append(":");
            yaml.append(
                    depth + 1 < path.length
                            ? "\n"
                            : " " + assignment.substring(equals + 1).strip() + "\n");
        }
        List<String> problems = new ArrayList<>();
        var document = YamlDocument.parse(yaml.toString(), problems);
        var changed = new RecordBinder(problems).bind(document, "", this);
        new ConfigProblems()
                .addAll(problems.stream().map(one -> "--what-if: " + one).toList())
                .throwIfAny();
        return changed;
    }

    private static int line(String problem) {
        int end = problem.indexOf(':');
        return problem.startsWith("line ") && end > 0
                ? Integer.parseInt(problem.substring("line ".length(), end))
                : Integer.MAX_VALUE;
    }

    /// One analysis cycle.
    public record TickConfig(Duration interval) {
        public static final TickConfig DEFAULT = new TickConfig(Duration.ofSeconds(60));

        public TickConfig {
            new ConfigProblems()
                    .check(
                            Durations.between(interval, Duration.ofSeconds(1), Duration.ofHours(1)),
                            "tick.interval=%s must be in [1s, 1h]. Maybe 60s?",
                            Durations.format(interval))
                    .throwIfAny();
        }
    }

    /// Certificates of a port, as PEM files; empty paths mean no TLS.
    public record TlsConfig(Path certificate, Path key, Path authorities) {
        public static final TlsConfig NONE = new TlsConfig(Path.of(""), Path.of(""), Path.of(""));

        /// Null when the port has no TLS.
        public @Nullable TlsFiles files() {
            boolean configured = isSet(certificate) || isSet(key) || isSet(authorities);
            return configured
                    ? new TlsFiles(certificate, key, isSet(authorities) ? authorities : null)
                    : null;
        }

        private static boolean isSet(Path path) {
            return !path.toString().isEmpty();
        }
    }

    /// The port that agents connect to.
    public record AgentPortConfig(
            ListenAddress listen,
            TlsConfig tls,
            int maxAgents,
            int maxConnections,
            int maxEntitiesPerAgent,
            ByteSize maxFrame,
            Duration sampleInterval,
            Duration heartbeatInterval,
            int acknowledgeFrames,
            Duration gather) {
        public static final AgentPortConfig DEFAULT =
                new AgentPortConfig(
                        new ListenAddress("127.0.0.1", 7071),
                        TlsConfig.NONE,
                        10_000,
                        24_000,
                        4_096,
                        ByteSize.ofMebibytes(1),
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(5),
                        1,
                        Duration.ofMillis(4));

        public AgentPortConfig {
            new ConfigProblems()
                    .addAll(
                            SecurityRules.problems(
                                    "agents", listen, Audience.AGENTS, tls.files(), null))
                    .check(
                            maxAgents > 0 && maxAgents <= 100_000,
                            "agents.max-agents=%d must be in [1, 100000]",
                            maxAgents)
                    .check(
                            maxConnections >= maxAgents,
                            "agents.max-connections=%d must be at least agents.max-agents=%d. An agent has two connections.",
                            maxConnections,
                            maxAgents)
                    .check(
                            maxEntitiesPerAgent > 0 && maxEntitiesPerAgent <= 65_534,
                            "agents.max-entities-per-agent=%d must be in [1, 65534]",
                            maxEntitiesPerAgent)
                    .check(
                            maxFrame.bytes() >= 4_096 && maxFrame.bytes() <= 16L << 20,
                            "agents.max-frame=%s must be in [4KiB, 16MiB]",
                            maxFrame)
                    .check(
                            Durations.between(
                                    sampleInterval, Duration.ofSeconds(1), Duration.ofSeconds(60)),
                            "agents.sample-interval=%s must be in [1s, 60s]",
                            Durations.format(sampleInterval))
                    .check(
                            Durations.between(
                                    heartbeatInterval,
                                    Duration.ofSeconds(1),
                                    Duration.ofSeconds(60)),
                            "agents.heartbeat-interval=%s must be in [1s, 60s]",
                            Durations.format(heartbeatInterval))
                    .check(
                            acknowledgeFrames > 0 && acknowledgeFrames <= 1_024,
                            "agents.acknowledge-frames=%d must be in [1, 1024]",
                            acknowledgeFrames)
                    .check(
                            Durations.between(gather, Duration.ZERO, Duration.ofMillis(10)),
                            "agents.gather=%s must be in [0s, 10ms]",
                            Durations.format(gather))
                    .throwIfAny();
        }
    }

    /// The port for people: gRPC, REST, dashboard, metrics.
    public record PeoplePortConfig(ListenAddress listen, TlsConfig tls, Path tokenFile) {
        public static final PeoplePortConfig DEFAULT =
                new PeoplePortConfig(
                        new ListenAddress("127.0.0.1", 7070), TlsConfig.NONE, Path.of(""));

        public PeoplePortConfig {
            new ConfigProblems()
                    .addAll(
                            SecurityRules.problems(
                                    "control",
                                    listen,
                                    Audience.PEOPLE,
                                    tls.files(),
                                    read("control.token-file", tokenFile)))
                    .throwIfAny();
        }

        /// Null when people need no token.
        public @Nullable String token() {
            return read("control.token-file", tokenFile);
        }

        private static @Nullable String read(String property, Path file) {
            if (file.toString().isEmpty()) {
                return null;
            }
            try {
                return Files.readString(file).strip();
            } catch (IOException e) {
                throw new ConfigException(
                        List.of(
                                "%s=%s cannot be read: %s. Maybe the path or the permissions are wrong?"
                                        .formatted(property, file, e)));
            }
        }
    }

    /// The binary port of schedulers.
    public record QueryPortConfig(ListenAddress listen, TlsConfig tls) {
        public static final QueryPortConfig DEFAULT =
                new QueryPortConfig(new ListenAddress("127.0.0.1", 7072), TlsConfig.NONE);

        public QueryPortConfig {
            new ConfigProblems()
                    .addAll(
                            SecurityRules.problems(
                                    "query", listen, Audience.SCHEDULERS, tls.files(), null))
                    .throwIfAny();
        }
    }

    /// The journal and the ring in front of it.
    ///
    /// @param retentionAge what is older may be deleted once a checkpoint has it
    /// @param retentionBytes what the journal may take up on disk, on the same terms
    public record JournalConfig(
            ByteSize ring, Duration syncInterval, Duration retentionAge, ByteSize retentionBytes) {
        public static final JournalConfig DEFAULT =
                new JournalConfig(
                        ByteSize.ofMebibytes(32),
                        Duration.ofSeconds(1),
                        Duration.ofDays(7),
                        ByteSize.ofMebibytes(20 * 1024));

        public JournalConfig {
            new ConfigProblems()
                    .check(
                            ring.bytes() >= 4L << 20 && ring.bytes() <= 1L << 30,
                            "journal.ring=%s must be in [4MiB, 1GiB]",
                            ring)
                    .check(
                            Durations.between(
                                    syncInterval, Duration.ofMillis(10), Duration.ofSeconds(60)),
                            "journal.sync-interval=%s must be in [10ms, 60s]",
                            Durations.format(syncInterval))
                    .check(
                            Durations.between(
                                    retentionAge, Duration.ofHours(1), Duration.ofDays(3650)),
                            "journal.retention-age=%s must be in [1h, 3650d]",
                            Durations.format(retentionAge))
                    .check(
                            retentionBytes.bytes() >= 64L << 20,
                            "journal.retention-bytes=%s must be at least 64MiB",
                            retentionBytes)
                    .throwIfAny();
        }
    }

    /// Checkpoints beside the journal; an interval of 0 means none.
    public record CheckpointConfig(Duration interval, int keep) {
        public static final CheckpointConfig DEFAULT =
                new CheckpointConfig(Duration.ofMinutes(10), 2);

        public CheckpointConfig {
            new ConfigProblems()
                    .check(
                            interval.isZero()
                                    || Durations.between(
                                            interval, Duration.ofSeconds(10), Duration.ofDays(1)),
                            "checkpoint.interval=%s must be in [10s, 1d], or 0s for none. Maybe"
                                    + " 10m?",
                            Durations.format(interval))
                    .check(
                            keep >= 1 && keep <= 100,
                            "checkpoint.keep=%d must be in [1, 100]. Maybe 2?",
                            keep)
                    .throwIfAny();
        }
    }

    /// The fleet store.
    public record StoreConfig(int maxEntities, Duration forgetAfter) {
        public static final StoreConfig DEFAULT = new StoreConfig(110_000, Duration.ofHours(24));

        public StoreConfig {
            new ConfigProblems()
                    .check(
                            maxEntities >= 64 && maxEntities <= 1_000_000,
                            "store.max-entities=%d must be in [64, 1000000]",
                            maxEntities)
                    .check(
                            Durations.between(
                                    forgetAfter, Duration.ofMinutes(1), Duration.ofDays(35)),
                            "store.forget-after=%s must be in [1m, 35d]",
                            Durations.format(forgetAfter))
                    .throwIfAny();
        }
    }

    /// Models; an empty directory means the model that ships with the daemon.
    ///
    /// @param trustedKeys public keys, in base64, that packages may be signed by
    /// @param allowUnsigned whether packages without a signature serve
    public record ModelConfig(
            Path directory,
            Duration timeLimit,
            boolean onnx,
            List<String> trustedKeys,
            boolean allowUnsigned) {
        public static final ModelConfig DEFAULT =
                new ModelConfig(Path.of(""), Duration.ofSeconds(2), true, List.of(), false);

        public ModelConfig {
            trustedKeys = List.copyOf(trustedKeys);
            new ConfigProblems()
                    .check(
                            directory.toString().isEmpty() || Files.isDirectory(directory),
                            "models.directory=%s is not a folder. Maybe `novacron train --out` has not been run?",
                            directory)
                    .check(
                            Durations.between(
                                    timeLimit, Duration.ofMillis(10), Duration.ofMinutes(1)),
                            "models.time-limit=%s must be in [10ms, 1m]",
                            Durations.format(timeLimit))
                    .addAll(ModelTrust.problems("models.trusted-keys", trustedKeys))
                    .throwIfAny();
        }
    }
}
