package io.novacron.daemon.security;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Locale;

/// Where a port listens. Only a literal loopback address or `localhost` counts as loopback: any
/// other name is asked of a resolver, which somebody else may control.
public record ListenAddress(String host, int port) {
    private static final int MAX_PORT = 65_535;

    public ListenAddress {
        if (host.isBlank()) {
            throw new IllegalArgumentException(
                    "listen host=\"%s\" is empty. Maybe 127.0.0.1?".formatted(host));
        }
        if (port < 0 || port > MAX_PORT) {
            throw new IllegalArgumentException(
                    "listen port=%d must be in [0, %d]; 0 picks a free one"
                            .formatted(port, MAX_PORT));
        }
    }

    /// Reads `127.0.0.1:7070`, `localhost:7070` or `[::1]:7070`.
    public static ListenAddress parse(String text) {
        int colon = text.lastIndexOf(':');
        if (colon <= 0) {
            throw new IllegalArgumentException(
                    "listen address=\"%s\" must be host:port. Maybe 127.0.0.1:7070?"
                            .formatted(text));
        }
        String host = text.substring(0, colon);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        } else if (host.contains(":")) {
            throw new IllegalArgumentException(
                    "listen address=\"%s\" is ambiguous. Maybe [%s]:%s?"
                            .formatted(text, host, text.substring(colon + 1)));
        }
        try {
            return new ListenAddress(host, Integer.parseInt(text.substring(colon + 1)));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "listen address=\"%s\" has no port number after the last colon".formatted(text),
                    e);
        }
    }

    /// Whether nothing outside this machine can reach the address.
    public boolean isLoopback() {
        return isLoopback(host);
    }

    /// Whether `host`, a name or a literal with or without brackets, is this machine alone.
    static boolean isLoopback(String host) {
        String bare =
                host.startsWith("[") && host.endsWith("]")
                        ? host.substring(1, host.length() - 1)
                        : host;
        if (bare.toLowerCase(Locale.ROOT).equals("localhost")) {
            return true;
        }
        try {
            return InetAddress.ofLiteral(bare).isLoopbackAddress();
        } catch (IllegalArgumentException _) {
            return false; // a name
        }
    }

    /// The address to bind; `localhost` is the loopback address whatever a hosts file says.
    public InetSocketAddress toSocketAddress() {
        return host.toLowerCase(Locale.ROOT).equals("localhost")
                ? new InetSocketAddress(InetAddress.getLoopbackAddress(), port)
                : new InetSocketAddress(host, port);
    }

    @Override
    public String toString() {
        return host.contains(":") ? "[%s]:%d".formatted(host, port) : host + ":" + port;
    }
}
