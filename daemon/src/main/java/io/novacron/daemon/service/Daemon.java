package io.novacron.daemon.service;

import io.netty.handler.ssl.SslContext;
import io.novacron.daemon.budget.CpuTimes;
import io.novacron.daemon.budget.Governor;
import io.novacron.daemon.config.DaemonConfig;
import io.novacron.daemon.control.ControlConfig;
import io.novacron.daemon.control.ControlServer;
import io.novacron.daemon.control.RemoteWriteEndpoint;
import io.novacron.daemon.decision.AdviceStage;
import io.novacron.daemon.decision.DecisionLoop;
import io.novacron.daemon.query.QueryConfig;
import io.novacron.daemon.query.QueryServer;
import io.novacron.daemon.scaling.WebhookExecutor;
import io.novacron.daemon.security.Tls;
import io.novacron.daemon.tick.Analysis;
import io.novacron.daemon.tick.PublishedView;
import io.novacron.daemon.tick.RegistryStack;
import io.novacron.daemon.tick.StackSource;
import io.novacron.daemon.tick.TickPipeline;
import io.novacron.inference.ForecastConfig;
import io.novacron.inference.ForecastService;
import io.novacron.inference.ModelPackage;
import io.novacron.inference.ModelSlot;
import io.novacron.inference.ModelTrust;
import io.novacron.inference.OnnxLibrary;
import io.novacron.ingest.Ingest;
import io.novacron.ingest.checkpoint.CheckpointConfig;
import io.novacron.ingest.fleet.FleetConfig;
import io.novacron.ingest.fleet.Resolution;
import io.novacron.ingest.journal.JournalConfig;
import io.novacron.ingest.journal.RecordType;
import io.novacron.ingest.remotewrite.RemoteWriteConfig;
import io.novacron.ingest.remotewrite.RemoteWriteReceiver;
import io.prometheus.client.CollectorRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The whole daemon. [#start] replays the journal, then opens the ports; [#close] stops in reverse
/// order, so that what was acknowledged is on disk.
public final class Daemon implements AutoCloseable {
    private static final Logger LOGGER = LoggerFactory.getLogger(Daemon.class);

    private static final String JOURNAL = "journal";
    private static final Duration WEBHOOK_PAUSE = Duration.ofSeconds(1);

    private final Ingest ingest;
    private final DecisionLoop decisions;
    private final TickClock ticks;
    private final ControlServer control;
    private final QueryServer query;
    private final OpenParts parts;

    private Daemon(
            Ingest ingest,
            DecisionLoop decisions,
            TickClock ticks,
            ControlServer control,
            QueryServer query,
            OpenParts parts) {
        this.ingest = ingest;
        this.decisions = decisions;
        this.ticks = ticks;
        this.control = control;
        this.query = query;
        this.parts = parts;
    }

    /// Builds and starts everything.
    ///
    /// @throws IOException when a folder cannot be written or the journal cannot be read
    public static Daemon start(DaemonConfig config, InstantSource clock, String version)
            throws IOException {
        return start(config, clock, version, AdviceStage.NONE);
    }

    /// The same, with something between the analysis and the decisions.
    public static Daemon start(
            DaemonConfig config, InstantSource clock, String version, AdviceStage stage)
            throws IOException {
        var parts = new OpenParts();
        try {
            return start(config, clock, version, stage, parts);
        } catch (Throwable failure) {
            // an Error too: a thread left behind would keep a daemon alive that serves nobody
            parts.closeAfter(failure);
            throw failure;
        }
    }

    private static Daemon start(
            DaemonConfig config,
            InstantSource clock,
            String version,
            AdviceStage stage,
            OpenParts parts)
            throws IOException {
        long startedAtMs = clock.millis();
        Files.createDirectories(config.dataDirectory());
        // Meanwhile, in the order in which they are needed; unpacking and opening the model takes a
        // second or two.
        WarmUp.journal(config.dataDirectory().resolve(JOURNAL));
        var loading = CompletableFuture.supplyAsync(() -> model(config));
        var settings = CompletableFuture.supplyAsync(() -> utf8(config.toString()));
        WarmUp.ports(config.control().tls().files() != null);
        var wiring = new Wiring(stage);
        var decisions =
                new DecisionLoop(
                        config.policy(),
                        config.automation(),
                        config.audit(),
                        config.scaling(),
                        config.tick().interval(),
                        wiring,
                        wiring,
                        config.dataDirectory().resolve("audit.jsonl"),
                        wiring::changed);
        wiring.connect(decisions);
        decisions.start();
        parts.add(decisions);
        wiring.connect(
                parts.add(
                        new WebhookExecutor(config.scaling(), WEBHOOK_PAUSE, decisions::onReport)));
        var ingest =
                parts.add(
                        Ingest.open(
                                ingestConfig(config, version), clock, wiring, agentTls(config)));
        wiring.connect(ingest);
        decisions.onReplayed();
        var presence =
                new IngestPresence(
                        ingest,
                        decisions::rows,
                        decisions::draining,
                        clock,
                        config.agents().heartbeatInterval());
        ModelSlot model = loading.join();
        wiring.append(RecordType.CONFIGURATION, settings.join());
        wiring.append(RecordType.MODEL_SWITCH, utf8(model.detail()));
        var forecasts =
                new ForecastService(
                        new ForecastConfig(
                                config.models().timeLimit(),
                                ForecastConfig.DEFAULT.pauseCalls(),
                                ForecastConfig.DEFAULT.backtestOrigins(),
                                ForecastConfig.DEFAULT.backtestStrideSteps()),
                        model,
                        System::nanoTime);
        var firsts = new Firsts(clock, startedAtMs);
        var governor =
                new Governor(
                        config.budget(),
                        CpuTimes.ofThisProcess(),
                        Runtime.getRuntime().availableProcessors());
        var pipeline =
                new TickPipeline(
                        ingest.store(),
                        presence,
                        Analysis.of(
                                forecasts,
                                config.forecast(),
                                stack(config, wiring, model.detail()),
                                config.policy(),
                                config.scaling(),
                                governor),
                        governor,
                        config.tick().interval(),
                        new TickPipeline.Listener() {
                            @Override
                            public void onView(PublishedView view) {
                                firsts.onView(view);
                                wiring.changed();
                            }

                            @Override
                            public boolean onAdvice(TickPipeline.AnalysedTick tick) {
                                return wiring.journal(tick);
                            }
                        });
        wiring.connect(pipeline);
        var status =
                new StatusSource(
                        version,
                        clock,
                        startedAtMs,
                        ingest,
                        pipeline,
                        decisions,
                        firsts,
                        config.budget().cpu());
        var queries =
                new DaemonQueries(
                        ingest.store(),
                        pipeline,
                        decisions,
                        status::status,
                        config.forecast().calendar(),
                        clock);
        var registry = new CollectorRegistry();
        @Nullable RemoteWriteReceiver receiver = remoteWrite(config, ingest, clock);
        registry.register(new DaemonCollector(ingest, pipeline, decisions, receiver));
        pipeline.start();
        parts.add(pipeline);
        ingest.start(); // agents have waited longest
        var query =
                parts.add(
                        QueryServer.start(
                                queryConfig(config), queries, decisions, registry, clock, version));
        var control =
                parts.add(
                        ControlServer.start(
                                controlConfig(config),
                                queries,
                                decisions,
                                registry,
                                clock,
                                receiver == null ? null : endpoint(config, receiver)));
        wiring.connect(control);
        var ticks =
                parts.add(
                        new TickClock(ingest, clock, config.tick().interval(), wiring.lastTick()));
        ticks.start();
        if (receiver != null) {
            parts.add(new RemoteWriteUpkeep(receiver)).start();
        }
        LOGGER.info(
                "NovaCron {} serves: agents {}:{}, people {}, schedulers port {}",
                version,
                config.agents().listen().host(),
                ingest.port(),
                control.url(config.control().listen().host()),
                query.port());
        return new Daemon(ingest, decisions, ticks, control, query, parts);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static ModelSlot model(DaemonConfig config) {
        if (!config.models().onnx()) {
            return ModelSlot.none();
        }
        OnnxLibrary.keepIn(config.dataDirectory().resolve("native"));
        Path directory = config.models().directory();
        boolean own = Files.isDirectory(directory.resolve(ModelPackage.FORECAST_MODEL));
        ModelSlot slot =
                directory.toString().isEmpty() || !own
                        ? ModelSlot.bundled()
                        : ModelSlot.load(directory, trust(config));
        LOGGER.info("forecast model: {}", slot.detail());
        return slot;
    }

    private static ModelTrust trust(DaemonConfig config) {
        return new ModelTrust(config.models().trustedKeys(), config.models().allowUnsigned());
    }

    private static StackSource stack(DaemonConfig config, Wiring wiring, String tiers) {
        var models = config.models();
        if (!models.onnx() || models.directory().toString().isEmpty()) {
            return StackSource.NONE;
        }
        return new RegistryStack(
                models.directory(),
                trust(config),
                models.timeLimit(),
                Resolution.FIVE_MINUTES.stepMs() / 1_000,
                System::nanoTime,
                task -> Thread.ofVirtual().name("novacron-model").start(task),
                detail ->
                        wiring.append(
                                RecordType.MODEL_SWITCH, utf8(tiers + "; stacked: " + detail)));
    }

    private static @Nullable SslContext agentTls(DaemonConfig config) {
        var tls = config.agents().tls();
        var files = tls.files();
        return files == null ? null : Tls.server(files);
    }

    private static io.novacron.ingest.IngestConfig ingestConfig(
            DaemonConfig config, String version) {
        var agents = config.agents();
        var fleet =
                new FleetConfig(
                        agents.maxAgents(),
                        config.store().maxEntities(),
                        agents.maxEntitiesPerAgent(),
                        FleetConfig.DEFAULT.vanishedGrace(),
                        config.store().forgetAfter());
        var journal =
                JournalConfig.in(config.dataDirectory().resolve(JOURNAL))
                        .withSyncInterval(config.journal().syncInterval())
                        .withRetention(
                                config.journal().retentionAge(),
                                config.journal().retentionBytes().bytes());
        var defaults = io.novacron.ingest.IngestConfig.defaults(journal, fleet);
        return new io.novacron.ingest.IngestConfig(
                agents.listen().host(),
                agents.listen().port(),
                Math.toIntExact(agents.maxFrame().bytes()),
                agents.maxConnections(),
                defaults.helloTimeout(),
                defaults.frameTimeout(),
                defaults.idleTimeout(),
                Math.toIntExact(config.journal().ring().bytes()),
                defaults.ringSlots(),
                defaults.commandQueueBytes(),
                defaults.spin(),
                agents.gather(),
                agents.sampleInterval(),
                agents.heartbeatInterval(),
                version,
                agents.acknowledgeFrames(),
                defaults.journal(),
                fleet,
                new CheckpointConfig(config.checkpoint().interval(), config.checkpoint().keep()));
    }

    private static @Nullable RemoteWriteReceiver remoteWrite(
            DaemonConfig config, Ingest ingest, InstantSource clock) {
        var prometheus = config.prometheus();
        if (!prometheus.enabled()) {
            return null;
        }
        var defaults = RemoteWriteConfig.DEFAULT;
        return new RemoteWriteReceiver(
                new RemoteWriteConfig(
                        Math.toIntExact(prometheus.maxDecompressed().bytes()),
                        prometheus.maxSeries(),
                        prometheus.maxLabels(),
                        config.agents().maxAgents(),
                        config.agents().maxEntitiesPerAgent(),
                        Math.toIntExact(config.agents().maxFrame().bytes()),
                        config.journal().ring().bytes(),
                        prometheus.roundTimeout(),
                        defaults.seriesTimeout(),
                        prometheus.hostTimeout()),
                prometheus.mapping(),
                ingest,
                clock);
    }

    private static RemoteWriteEndpoint endpoint(DaemonConfig config, RemoteWriteReceiver receiver) {
        var prometheus = config.prometheus();
        return new RemoteWriteEndpoint(
                receiver,
                Math.toIntExact(prometheus.maxBody().bytes()),
                prometheus.maxRequests(),
                prometheus.confirmTimeout());
    }

    private static ControlConfig controlConfig(DaemonConfig config) {
        var control = config.control();
        return ControlConfig.of(control.listen(), control.tls().files(), control.token());
    }

    private static QueryConfig queryConfig(DaemonConfig config) {
        var query = config.query();
        return QueryConfig.of(query.listen(), query.tls().files());
    }

    /// Whether every stage is at work; false asks for a restart.
    public boolean isAlive() {
        return ingest.problem() == null || !ingest.problem().startsWith("a stage");
    }

    /// The decisions, as the ports see them.
    public DecisionLoop decisions() {
        return decisions;
    }

    /// Closes a tick soon, besides those of the clock. Any thread.
    public void closeTick() {
        ticks.closeSoon();
    }

    public int agentPort() {
        return ingest.port();
    }

    public int controlPort() {
        return control.port();
    }

    public int queryPort() {
        return query.port();
    }

    /// Ports first, so that nothing new comes in; the journal and its last checkpoint (which asks
    /// the decisions) once all of it is applied; the decisions last: the reverse of the start.
    /// Idempotent.
    @Override
    public void close() {
        if (parts.close()) {
            LOGGER.info("stopped");
        }
    }
}
