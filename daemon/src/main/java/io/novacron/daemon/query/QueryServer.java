package io.novacron.daemon.query;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.novacron.daemon.security.Tls;
import io.novacron.daemon.view.FleetCommands;
import io.novacron.daemon.view.FleetQueries;
import io.novacron.wire.message.Message;
import io.novacron.wire.message.Messages;
import io.novacron.wire.sbe.ErrorCode;
import io.prometheus.client.CollectorRegistry;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.agrona.ExpandableArrayBuffer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The binary query port. One event loop serves all connections.
public final class QueryServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(QueryServer.class);
    private static final int CLOSE_TIMEOUT_S = 5;

    private final EventLoopGroup loop;
    private final Channel channel;
    private final ChannelGroup connections;

    private QueryServer(EventLoopGroup loop, Channel channel, ChannelGroup connections) {
        this.loop = loop;
        this.channel = channel;
        this.connections = connections;
    }

    /// Opens the port and serves until [#close].
    ///
    /// @param version the daemon's, said in every welcome
    /// @throws IllegalStateException when the address cannot be bound
    public static QueryServer start(
            QueryConfig config,
            FleetQueries queries,
            FleetCommands commands,
            CollectorRegistry registry,
            InstantSource clock,
            String version) {
        var metrics = new QueryMetrics(registry);
        var shared = new Shared(config, new Answers(queries), commands, metrics, clock, version);
        @Nullable SslContext tls = config.tls() == null ? null : Tls.server(config.tls());
        var connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
        EventLoopGroup loop =
                new MultiThreadIoEventLoopGroup(
                        1, new DefaultThreadFactory("query"), NioIoHandler.newFactory());
        var bootstrap =
                new ServerBootstrap()
                        .group(loop)
                        .channel(NioServerSocketChannel.class)
                        .option(ChannelOption.SO_REUSEADDR, true)
                        .childOption(ChannelOption.TCP_NODELAY, true)
                        .childOption(ChannelOption.SO_KEEPALIVE, true)
                        .childHandler(new Connections(shared, connections, tls));
        var bound = bootstrap.bind(config.listen().toSocketAddress()).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            loop.shutdownGracefully(0, 0, TimeUnit.SECONDS);
            throw new IllegalStateException(
                    "query.listen=%s cannot be opened: %s. Maybe another daemon is running?"
                            .formatted(config.listen(), bound.cause()),
                    bound.cause());
        }
        var server = new QueryServer(loop, bound.channel(), connections);
        LOG.info("Query port listens at {}:{}", config.listen().host(), server.port());
        return server;
    }

    /// The port in use; the chosen one when configuration said 0.
    public int port() {
        return ((InetSocketAddress) channel.localAddress()).getPort();
    }

    @Override
    public void close() {
        channel.close().awaitUninterruptibly();
        connections.close().awaitUninterruptibly();
        loop.shutdownGracefully(0, CLOSE_TIMEOUT_S, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    /// Sets a new connection up, or closes it when there are too many.
    private static final class Connections extends ChannelInitializer<SocketChannel> {
        private final Shared shared;
        private final ChannelGroup open;
        private final @Nullable SslContext tls;

        Connections(Shared shared, ChannelGroup open, @Nullable SslContext tls) {
            this.shared = shared;
            this.open = open;
            this.tls = tls;
        }

        @Override
        protected void initChannel(SocketChannel connection) {
            var metrics = shared.metrics;
            if (open.size() >= shared.config.maxConnections()) {
                metrics.connectionsRefused.labels("full").inc();
                connection.close();
                return;
            }
            open.add(connection);
            metrics.connections.inc();
            connection.closeFuture().addListener(_ -> metrics.connections.dec());
            var pipeline = connection.pipeline();
            if (tls != null) {
                pipeline.addLast(tls.newHandler(connection.alloc()));
            }
            pipeline.addLast(new FrameDecoder(shared.config.maxFrameLength()));
            pipeline.addLast(new QueryHandler(shared));
        }
    }

    /// What all connections share. Used on the event loop alone, so nothing here is guarded.
    static final class Shared {
        private final QueryConfig config;
        private final Answers answers;
        private final FleetCommands commands;
        private final QueryMetrics metrics;
        private final InstantSource clock;
        private final String version;
        private final Messages messages = new Messages();
        private final ExpandableArrayBuffer scratch = new ExpandableArrayBuffer(8 * 1024);
        private final Set<ErrorCode> logged = EnumSet.noneOf(ErrorCode.class);
        private long lastSessionId;

        Shared(
                QueryConfig config,
                Answers answers,
                FleetCommands commands,
                QueryMetrics metrics,
                InstantSource clock,
                String version) {
            this.config = config;
            this.answers = answers;
            this.commands = commands;
            this.metrics = metrics;
            this.clock = clock;
            this.version = version;
        }

        QueryConfig config() {
            return config;
        }

        Answers answers() {
            return answers;
        }

        FleetCommands commands() {
            return commands;
        }

        QueryMetrics metrics() {
            return metrics;
        }

        InstantSource clock() {
            return clock;
        }

        String version() {
            return version;
        }

        long nextSessionId() {
            return ++lastSessionId;
        }

        ByteBuf encode(Message message, ByteBufAllocator allocator) {
            int length = messages.encode(message, scratch, 0);
            return allocator.buffer(length).writeBytes(scratch.byteArray(), 0, length);
        }

        /// Logs the first error of a kind; the counters tell of the others.
        void logOnce(ErrorCode code, String text, SocketAddress caller) {
            if (logged.add(code)) {
                LOG.warn("{} on the query port, from {}: {}", code, caller, text);
            }
        }
    }
}
