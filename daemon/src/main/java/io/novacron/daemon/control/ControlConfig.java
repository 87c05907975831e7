package io.novacron.daemon.control;

import io.novacron.daemon.security.ListenAddress;
import io.novacron.daemon.security.SecurityRules;
import io.novacron.daemon.security.TlsFiles;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Where the control port listens, who may use it, and its bounds.
///
/// @param token the bearer token; null: none is asked for, which only loopback may do
/// @param maxConnections open connections; more are closed at once
/// @param maxRequests requests in work at a time; more are refused with 503
/// @param maxSubscribers open event streams; more are refused with 503
/// @param requestTimeout longest wait for an answer, commands included
/// @param shutdownGrace how long `close` waits for requests in work
public record ControlConfig(
        ListenAddress listen,
        @Nullable TlsFiles tls,
        @Nullable String token,
        int maxConnections,
        int maxRequests,
        int maxSubscribers,
        Duration requestTimeout,
        Duration shutdownGrace) {
    private static final int MAX_CONNECTIONS = 1024;
    private static final int MAX_REQUESTS = 256;
    private static final int MAX_SUBSCRIBERS = 64;

    public ControlConfig {
        check("maxConnections", maxConnections);
        check("maxRequests", maxRequests);
        check("maxSubscribers", maxSubscribers);
        var problems =
                SecurityRules.problems(
                        "control", listen, SecurityRules.Audience.PEOPLE, tls, token);
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(String.join("\n", problems));
        }
    }

    /// The default bounds.
    public static ControlConfig of(
            ListenAddress listen, @Nullable TlsFiles tls, @Nullable String token) {
        return new ControlConfig(
                listen,
                tls,
                token,
                MAX_CONNECTIONS,
                MAX_REQUESTS,
                MAX_SUBSCRIBERS,
                Duration.ofSeconds(10),
                Duration.ofSeconds(5));
    }

    private static void check(String name, int value) {
        if (value <= 0) {
            throw new IllegalArgumentException(
                    "control.%s=%d must be positive".formatted(name, value));
        }
    }

    @Override
    public String toString() {
        return "ControlConfig[listen=%s, tls=%s, token=%s]"
                .formatted(listen, tls, token == null ? "none" : "(set)");
    }
}
