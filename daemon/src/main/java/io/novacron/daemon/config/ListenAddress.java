package io.novacron.daemon.config;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/// Where a port listens: `127.0.0.1:7070`, `[::1]:7070`, `0.0.0.0:7070`. Port 0 asks the system
/// for a free one.
public record ListenAddress(String host, int port) {
    /// @throws IllegalArgumentException when the text is not `host:port`
    public static ListenAddress parse(String text) {
        int colon = text.lastIndexOf(':');
        if (colon <= 0) {
            throw new IllegalArgumentException(
                    "is not an address. Maybe the port is missing, e.g. 127.0.0.1:7070?");
        }
        String host = text.substring(0, colon);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        }
        try {
            int port = Integer.parseInt(text.substring(colon + 1));
            if (port < 0 || port > 65_535) {
                throw new IllegalArgumentException("must have a port in [0, 65535]");
            }
            return new ListenAddress(host, port);
        } catch (NumberFormatException _) {
            throw new IllegalArgumentException("must end with a port, e.g. 127.0.0.1:7070");
        }
    }

    /// Whether only this machine can reach the address. A name that does not resolve cannot.
    public boolean isLoopback() {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException _) {
            return false;
        }
    }

    public InetSocketAddress toSocketAddress() {
        return new InetSocketAddress(host, port);
    }

    @Override
    public String toString() {
        return host.indexOf(':') < 0 ? host + ":" + port : "[" + host + "]:" + port;
    }
}
