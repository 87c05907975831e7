package io.novacron.agent;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;

/// Opens a connection to the daemon.
@FunctionalInterface
public interface Dialer {

    /// Connects, and with TLS shakes hands, within a bounded time.
    Socket dial() throws IOException;

    /// The time a connection or a handshake may take.
    int TIMEOUT_MS = 10_000;

    /// Plain TCP. The name is looked up at each attempt, for addresses change.
    static Dialer plain(String host, int port) {
        return () -> {
            var socket = new Socket();
            try {
                socket.setTcpNoDelay(true);
                socket.setKeepAlive(true);
                socket.connect(new InetSocketAddress(host, port), TIMEOUT_MS);
                return socket;
            } catch (IOException | RuntimeException e) {
                socket.close();
                throw e;
            }
        };
    }
}
