package io.novacron.daemon.query;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.DecoderException;
import io.novacron.daemon.view.CommandException;
import io.novacron.daemon.view.DecisionRow;
import io.novacron.wire.Framing;
import io.novacron.wire.WireException;
import io.novacron.wire.message.ApproveRequest;
import io.novacron.wire.message.ErrorMessage;
import io.novacron.wire.message.ForecastRequest;
import io.novacron.wire.message.Hello;
import io.novacron.wire.message.Message;
import io.novacron.wire.message.PlaceRequest;
import io.novacron.wire.message.RecommendationsRequest;
import io.novacron.wire.message.Welcome;
import io.novacron.wire.sbe.ConnectionKind;
import io.novacron.wire.sbe.ErrorCode;
import java.io.IOException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One connection of a scheduler: a hello, then requests. Reads are answered in order; approvals
/// when they are done, which may be after later reads.
///
/// Runs on the port's event loop alone. A caller that does not read its answers is not read from
/// either.
final class QueryHandler extends SimpleChannelInboundHandler<Message> {
    private static final Logger LOG = LoggerFactory.getLogger(QueryHandler.class);

    private final QueryServer.Shared shared;
    private boolean welcomed;
    private int pendingCommands;

    QueryHandler(QueryServer.Shared shared) {
        this.shared = shared;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        long timeoutMs = shared.config().helloTimeout().toMillis();
        ctx.executor()
                .schedule(
                        () -> {
                            if (!welcomed && ctx.channel().isActive()) {
                                shared.metrics().connectionsRefused.labels("hello_timeout").inc();
                                ctx.close();
                            }
                        },
                        timeoutMs,
                        TimeUnit.MILLISECONDS);
        ctx.fireChannelActive();
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, Message message) {
        shared.metrics().onRequest(message);
        if (!welcomed) {
            welcome(ctx, message);
            return;
        }
        switch (message) {
            case PlaceRequest place ->
                    read(ctx, place.requestId(), () -> shared.answers().place(place));
            case ForecastRequest forecast ->
                    read(ctx, forecast.requestId(), () -> shared.answers().forecast(forecast));
            case RecommendationsRequest recommendations ->
                    read(
                            ctx,
                            recommendations.requestId(),
                            () -> shared.answers().recommendations(recommendations));
            case ApproveRequest approve -> decide(ctx, approve);
            default ->
                    fail(
                            ctx,
                            ErrorCode.UNEXPECTED_MESSAGE,
                            "%s is not a request of a query connection"
                                    .formatted(message.getClass().getSimpleName()));
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        ctx.channel().config().setAutoRead(ctx.channel().isWritable());
        ctx.fireChannelWritabilityChanged();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable failure) {
        Throwable cause =
                failure instanceof DecoderException && failure.getCause() != null
                        ? failure.getCause()
                        : failure;
        switch (cause) {
            case WireException e -> fail(ctx, e.code(), String.valueOf(e.getMessage()));
            case SSLException e -> {
                shared.metrics().connectionsRefused.labels("tls").inc();
                LOG.debug("TLS with {} failed", ctx.channel().remoteAddress(), e);
                ctx.close();
            }
            case IOException _ -> ctx.close(); // the caller is gone
            default -> {
                LOG.error("Query connection {} failed", ctx.channel().remoteAddress(), cause);
                ctx.close();
            }
        }
    }

    private void welcome(ChannelHandlerContext ctx, Message message) {
        if (!(message instanceof Hello hello) || hello.connection() != ConnectionKind.QUERY) {
            fail(
                    ctx,
                    ErrorCode.UNEXPECTED_MESSAGE,
                    "the first message must be a hello of a query connection. Maybe this is the port for schedulers, and agents have another?");
            return;
        }
        int version = Framing.PROTOCOL_VERSION;
        if (hello.protocolMin() > version || hello.protocolMax() < version) {
            fail(
                    ctx,
                    ErrorCode.UNSUPPORTED_VERSION,
                    "protocol versions [%d, %d] must include %d"
                            .formatted(hello.protocolMin(), hello.protocolMax(), version));
            return;
        }
        welcomed = true;
        write(
                ctx,
                hello.lastSequence(),
                new Welcome(
                        shared.nextSessionId(),
                        version,
                        0,
                        0,
                        shared.clock().millis(),
                        0,
                        0,
                        shared.config().maxFrameLength(),
                        shared.version()));
    }

    private void read(ChannelHandlerContext ctx, long requestId, Supplier<Message> answer) {
        var timer = shared.metrics().seconds.startTimer();
        Message message;
        try {
            message = answer.get();
        } catch (RuntimeException e) {
            LOG.error("Query {} of {} failed", requestId, ctx.channel().remoteAddress(), e);
            message =
                    new ErrorMessage(
                            ErrorCode.NOT_READY, requestId, "the daemon failed; its log says why");
        }
        write(ctx, requestId, message);
        timer.observeDuration();
    }

    private void decide(ChannelHandlerContext ctx, ApproveRequest request) {
        if (pendingCommands >= shared.config().maxPendingCommands()) {
            answerVerdict(
                    ctx,
                    request,
                    null,
                    new CommandException(
                            CommandException.Kind.OVERLOADED,
                            "%d verdicts of this connection wait, which is the limit"
                                    .formatted(pendingCommands)));
            return;
        }
        pendingCommands++;
        CompletionStage<DecisionRow> stage;
        try {
            stage =
                    request.approve()
                            ? shared.commands()
                                    .approve(request.id(), request.who(), request.reason())
                            : shared.commands()
                                    .reject(request.id(), request.who(), request.reason());
        } catch (RuntimeException e) {
            pendingCommands--;
            answerVerdict(ctx, request, null, e);
            return;
        }
        stage.whenComplete((row, failure) ->
                ctx.executor()
                        .execute(() -> {
                            pendingCommands--;
                            answerVerdict(ctx, request, row, failure);
                        }));
    }

    private void answerVerdict(
            ChannelHandlerContext ctx,
            ApproveRequest request,
            @Nullable DecisionRow row,
            @Nullable Throwable failure) {
        if (row != null) {
            write(ctx, request.requestId(), Answers.decided(request.requestId(), row));
            return;
        }
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null
                        ? failure.getCause()
                        : failure;
        if (cause instanceof CommandException refusal) {
            var reply = Answers.notDecided(request.requestId(), request.id(), refusal);
            shared.metrics().errors.labels(reply.code().name()).inc();
            write(ctx, request.requestId(), reply);
        } else {
            LOG.error("Verdict on decision {} failed", request.id(), cause);
            write(
                    ctx,
                    request.requestId(),
                    new ErrorMessage(
                            ErrorCode.NOT_READY,
                            request.requestId(),
                            "the daemon failed; its log says why"));
        }
    }

    private void write(ChannelHandlerContext ctx, long requestId, Message message) {
        if (message instanceof ErrorMessage error) {
            shared.metrics().errors.labels(error.code().name()).inc();
        }
        ByteBuf frame;
        try {
            frame = shared.encode(message, ctx.alloc());
        } catch (WireException e) {
            write(
                    ctx,
                    requestId,
                    new ErrorMessage(e.code(), requestId, "the answer: " + e.getMessage()));
            return;
        }
        ctx.writeAndFlush(frame, ctx.voidPromise());
    }

    /// Says why, and closes the connection: after a framing error nothing more can be read.
    private void fail(ChannelHandlerContext ctx, ErrorCode code, String text) {
        shared.metrics().errors.labels(code.name()).inc();
        shared.logOnce(code, text, ctx.channel().remoteAddress());
        ctx.channel().config().setAutoRead(false);
        ctx.writeAndFlush(shared.encode(new ErrorMessage(code, 0, text), ctx.alloc()))
                .addListener(ChannelFutureListener.CLOSE);
    }
}
