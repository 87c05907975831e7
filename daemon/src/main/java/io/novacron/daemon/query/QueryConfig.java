package io.novacron.daemon.query;

import io.novacron.daemon.security.ListenAddress;
import io.novacron.daemon.security.SecurityRules;
import io.novacron.daemon.security.TlsFiles;
import io.novacron.wire.Framing;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Where the binary query port listens, and its bounds.
///
/// @param maxConnections open connections; more are closed at once
/// @param maxFrameLength longest frame taken from a caller
/// @param maxPendingCommands approvals of one connection that wait for their answer
/// @param helloTimeout how long a connection may stay silent before its hello
public record QueryConfig(
        ListenAddress listen,
        @Nullable TlsFiles tls,
        int maxConnections,
        int maxFrameLength,
        int maxPendingCommands,
        Duration helloTimeout) {
    public QueryConfig {
        if (maxConnections <= 0 || maxPendingCommands <= 0) {
            throw new IllegalArgumentException(
                    "query.maxConnections=%d and query.maxPendingCommands=%d must be positive"
                            .formatted(maxConnections, maxPendingCommands));
        }
        if (maxFrameLength < Framing.MIN_FRAME_LENGTH
                || maxFrameLength > Framing.MAX_FRAME_LENGTH) {
            throw new IllegalArgumentException(
                    "query.maxFrameLength=%d must be in [%d, %d]"
                            .formatted(
                                    maxFrameLength,
                                    Framing.MIN_FRAME_LENGTH,
                                    Framing.MAX_FRAME_LENGTH));
        }
        var problems =
                SecurityRules.problems(
                        "query", listen, SecurityRules.Audience.SCHEDULERS, tls, null);
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(String.join("\n", problems));
        }
    }

    /// The default bounds.
    public static QueryConfig of(ListenAddress listen, @Nullable TlsFiles tls) {
        return new QueryConfig(listen, tls, 256, 64 * 1024, 64, Duration.ofSeconds(5));
    }
}
