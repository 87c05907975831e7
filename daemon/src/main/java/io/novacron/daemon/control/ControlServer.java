package io.novacron.daemon.control;

import com.linecorp.armeria.common.TlsKeyPair;
import com.linecorp.armeria.common.util.EventLoopGroups;
import com.linecorp.armeria.server.DecoratingHttpServiceFunction;
import com.linecorp.armeria.server.Server;
import com.linecorp.armeria.server.ServerBuilder;
import com.linecorp.armeria.server.docs.DocService;
import com.linecorp.armeria.server.grpc.GrpcService;
import com.linecorp.armeria.server.grpc.HttpJsonTranscodingOptions;
import io.grpc.BindableService;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.ssl.ClientAuth;
import io.novacron.daemon.security.OriginGate;
import io.novacron.daemon.security.TlsFiles;
import io.novacron.daemon.security.Token;
import io.novacron.daemon.security.TokenGate;
import io.novacron.daemon.view.FleetCommands;
import io.novacron.daemon.view.FleetQueries;
import io.novacron.grpc.FleetGrpc;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.hotspot.DefaultExports;
import java.time.InstantSource;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The control port. Requests pass, from outside in: counting, the origin gate, the bound on
/// requests in work, the token gate; then a service.
public final class ControlServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ControlServer.class);
    private static final int EVENT_LOOPS = 2;
    private static final int MAX_REQUEST_LENGTH = 1 << 20;
    private static final String EVENTS = "/api/v1/events";
    private static final String WRITE = "/api/v1/write";
    private static final String HEALTH = "/health";
    private static final String ENGINE_PROPERTY = "com.linecorp.armeria.tlsEngineType";

    private final ControlConfig config;
    private final Server server;
    private final EventFeed events;
    private final BusyGate busyGate;
    private final VirtualThreads threads;
    private final EventLoopGroup loops;

    private ControlServer(
            ControlConfig config,
            Server server,
            EventFeed events,
            BusyGate busyGate,
            VirtualThreads threads,
            EventLoopGroup loops) {
        this.config = config;
        this.server = server;
        this.events = events;
        this.busyGate = busyGate;
        this.threads = threads;
        this.loops = loops;
    }

    /// Opens the port and serves until [#close].
    ///
    /// @param registry what `/metrics` shows; the collectors of the JVM, of the fleet and of this
    ///   port are added to it
    /// @param clock for browser sessions
    /// @throws IllegalStateException when the address cannot be bound
    public static ControlServer start(
            ControlConfig config,
            FleetQueries queries,
            FleetCommands commands,
            CollectorRegistry registry,
            InstantSource clock) {
        return start(config, queries, commands, registry, clock, null);
    }

    /// The same with a door for Prometheus.
    public static ControlServer start(
            ControlConfig config,
            FleetQueries queries,
            FleetCommands commands,
            CollectorRegistry registry,
            InstantSource clock,
            @Nullable RemoteWriteEndpoint remoteWrite) {
        chooseEngine(config.tls() != null);
        DefaultExports.register(registry);
        registry.register(new FleetCollector(queries));
        var metrics = new ControlMetrics(registry);
        var threads = new VirtualThreads();
        var loops = EventLoopGroups.newEventLoopGroup(EVENT_LOOPS, "control");
        var events = new EventFeed(queries, threads, config.maxSubscribers(), metrics);
        var busyGate = new BusyGate(config.maxRequests(), EVENTS::equals, metrics.refusal("busy"));
        @Nullable Token token = config.token() == null ? null : new Token(config.token(), clock);
        var builder = Server.builder();
        configure(builder, config, threads, loops);
        addServices(builder, queries, commands, registry, metrics, events);
        if (remoteWrite != null) {
            builder.route()
                    .path(WRITE)
                    .maxRequestLength(remoteWrite.maxBodyLength())
                    .build(new RemoteWriteService(remoteWrite));
        }
        @Nullable TokenGate gate =
                token == null
                        ? null
                        : new TokenGate(
                                token,
                                path -> Dashboard.isOpen(path) || path.equals(HEALTH),
                                metrics.refusal("token"));
        addSignIn(builder, config, queries, metrics, token, gate);
        addGates(builder, metrics, busyGate, gate);
        var server = builder.build();
        try {
            server.start().join();
        } catch (CompletionException e) {
            threads.shutdownNow();
            loops.shutdownGracefully();
            throw new IllegalStateException(
                    "control.listen=%s cannot be opened: %s. Maybe another daemon is running?"
                            .formatted(config.listen(), e.getCause()),
                    e);
        }
        var control = new ControlServer(config, server, events, busyGate, threads, loops);
        LOG.info("Control port listens at {}", control.url(config.listen().host()));
        return control;
    }

    /// Builds a server that serves nothing, and opens no port. The first time in a JVM the classes
    /// of HTTP, gRPC and its transcoding are loaded and linked for that, a second that a start can
    /// spend while it reads its state. Any thread.
    ///
    /// @param tls whether the port will be secured
    public static void warmUp(boolean tls) {
        chooseEngine(tls);
        Server.builder()
                .service(grpc(new FleetGrpc.FleetImplBase() {}))
                .serviceUnder("/docs", new DocService())
                .build();
    }

    /// The port in use; the chosen one when configuration said 0.
    public int port() {
        return server.activeLocalPort();
    }

    /// The dashboard's address, seen from `host`.
    public String url(String host) {
        String bracketed = host.contains(":") ? "[" + host + "]" : host;
        return "%s://%s:%d/".formatted(config.tls() == null ? "http" : "https", bracketed, port());
    }

    /// Tells event streams at once that a new view is published; without it they see it within a
    /// quarter of a second.
    public void viewPublished() {
        events.look();
    }

    /// Ends event streams, lets requests in work finish, then closes the port. The sockets' threads
    /// end on their own within a few seconds.
    @Override
    public void close() {
        events.close();
        if (!busyGate.drain(config.shutdownGrace())) {
            LOG.warn("Requests were still in work after {}", config.shutdownGrace());
        }
        var _ =
                server.stop()
                        .whenComplete((_, _) -> {
                            threads.shutdownNow();
                            loops.shutdownGracefully();
                        });
    }

    private static void configure(
            ServerBuilder builder,
            ControlConfig config,
            VirtualThreads threads,
            EventLoopGroup loops) {
        builder.workerGroup(loops, false)
                .blockingTaskExecutor(threads, false)
                .maxNumConnections(config.maxConnections())
                .maxRequestLength(MAX_REQUEST_LENGTH)
                .requestTimeout(config.requestTimeout())
                .disableServerHeader();
        var address = config.listen().toSocketAddress();
        TlsFiles tls = config.tls();
        if (tls == null) {
            builder.http(address);
            return;
        }
        builder.https(address).tls(TlsKeyPair.of(tls.key().toFile(), tls.certificate().toFile()));
        if (tls.authorities() != null) {
            var authorities = tls.authorities().toFile();
            builder.tlsCustomizer(
                    context -> context.trustManager(authorities).clientAuth(ClientAuth.REQUIRE));
        }
    }

    private static void addServices(
            ServerBuilder builder,
            FleetQueries queries,
            FleetCommands commands,
            CollectorRegistry registry,
            ControlMetrics metrics,
            EventFeed events) {
        builder.service(grpc(new FleetService(queries, commands, metrics)))
                .service(EVENTS, events)
                .service("/metrics", new MetricsService(registry))
                .serviceUnder("/docs", new DocService());
    }

    /// Armeria looks once in a JVM which engine of TLS there is, and loads OpenSSL to see. A port
    /// without TLS need not wait for that. A later one with TLS then takes the JDK's engine.
    private static void chooseEngine(boolean tls) {
        if (!tls && System.getProperty(ENGINE_PROPERTY) == null) {
            System.setProperty(ENGINE_PROPERTY, "jdk");
        }
    }

    private static GrpcService grpc(BindableService fleet) {
        return GrpcService.builder()
                .addService(fleet)
                .addService(ProtoReflectionServiceV1.newInstance())
                .enableHttpJsonTranscoding(
                        HttpJsonTranscodingOptions.builder().errorHandler(Refusals.REST).build())
                .jsonMarshallerFactory(_ -> new ProtoJson())
                .maxRequestMessageLength(MAX_REQUEST_LENGTH)
                .useBlockingTaskExecutor(true)
                .build();
    }

    private static void addSignIn(
            ServerBuilder builder,
            ControlConfig config,
            FleetQueries queries,
            ControlMetrics metrics,
            @Nullable Token token,
            @Nullable TokenGate gate) {
        var login = new Login(token, config.tls() != null, metrics.refusal("token"));
        builder.route().post("/login").build(login::signIn);
        builder.route().post("/logout").build(login::signOut);
        builder.route().get("/session").build(login::session);
        builder.service(
                HEALTH,
                new HealthService(queries, request -> gate == null || gate.isKnown(request)));
        Dashboard.addTo(builder);
    }

    /// Each gate is made once, so that its bound holds for the whole port; the last is outermost.
    private static void addGates(
            ServerBuilder builder,
            ControlMetrics metrics,
            BusyGate busyGate,
            @Nullable TokenGate tokenGate) {
        var originGate = new OriginGate(tokenGate == null, metrics.refusal("origin"));
        DecoratingHttpServiceFunction counting =
                (delegate, ctx, request) -> {
                    ctx.log().whenComplete().thenAccept(metrics::onComplete);
                    return delegate.serve(ctx, request);
                };
        builder.decorator(service -> {
            var guarded = tokenGate == null ? service : service.decorate(tokenGate);
            return guarded.decorate(busyGate).decorate(originGate).decorate(counting);
        });
    }
}
