package io.novacron.perf;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.net.Socket;
import java.util.Locale;

/// One kept-alive HTTP connection to `/api/v1/write`, with no thread of its own, so that the cost
/// of sending stays with the caller.
final class RemoteWriteConnection implements AutoCloseable {
    private static final String SAMPLES = "x-prometheus-remote-write-samples-written:";

    private final Socket socket;
    private final BufferedInputStream in;
    private final String contentType;
    private int expected;

    RemoteWriteConnection(int port, boolean version2) throws IOException {
        socket = new Socket("127.0.0.1", port);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(30_000);
        in = new BufferedInputStream(socket.getInputStream());
        contentType =
                "application/x-protobuf"
                        + (version2 ? ";proto=io.prometheus.write.v2.Request" : "");
    }

    void send(ByteBuf body, int samples) throws IOException {
        expected = samples;
        byte[] head =
                ("POST /api/v1/write HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: novacron-bench\r\n"
                                + "Content-Encoding: snappy\r\nContent-Type: "
                                + contentType
                                + "\r\nX-Prometheus-Remote-Write-Version: 0.1.0\r\nContent-Length: "
                                + body.readableBytes()
                                + "\r\n\r\n")
                        .getBytes(US_ASCII);
        byte[] all = new byte[head.length + body.readableBytes()];
        System.arraycopy(head, 0, all, 0, head.length);
        body.getBytes(body.readerIndex(), all, head.length, body.readableBytes());
        socket.getOutputStream().write(all);
    }

    /// Reads the answer to what was sent.
    ///
    /// @return how many samples were not written
    long readRejected() throws IOException {
        String status = line();
        long written = 0;
        int length = 0;
        for (String line = line(); !line.isEmpty(); line = line()) {
            String lower = line.toLowerCase(Locale.ROOT);
            if (lower.startsWith(SAMPLES)) {
                written = Long.parseLong(lower.substring(SAMPLES.length()).strip());
            } else if (lower.startsWith("content-length:")) {
                length = Integer.parseInt(lower.substring("content-length:".length()).strip());
            }
        }
        String text = new String(in.readNBytes(length), US_ASCII);
        if (!status.startsWith("HTTP/1.1 204") && !status.startsWith("HTTP/1.1 400")) {
            throw new IOException("%s: %s".formatted(status, text));
        }
        return expected - written;
    }

    private String line() throws IOException {
        var line = new StringBuilder();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                throw new IOException("the daemon closed the connection");
            }
            if (next != '\r') {
                line.append((char) next);
            }
        }
        return line.toString();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
