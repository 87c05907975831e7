package io.novacron.agent;

import io.novacron.wire.Framing;
import io.novacron.wire.message.Message;
import io.novacron.wire.message.Messages;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.util.Arrays;
import org.agrona.ExpandableArrayBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/// A connected socket that carries frames. One thread reads and one writes.
final class FrameSocket implements AutoCloseable {
    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;
    private final Framing framing = new Framing();
    private final Messages decoder = new Messages();
    private final Messages encoder = new Messages();
    private final ExpandableArrayBuffer sendBuffer = new ExpandableArrayBuffer();
    private final UnsafeBuffer receiveBuffer = new UnsafeBuffer(new byte[0]);
    private byte[] receiveBytes = new byte[4096];

    FrameSocket(Socket socket) throws IOException {
        this.socket = socket;
        in = socket.getInputStream();
        out = socket.getOutputStream();
        receiveBuffer.wrap(receiveBytes);
    }

    /// Waits for the next message.
    ///
    /// @throws io.novacron.wire.WireException when the bytes are no message
    Message receive() throws IOException {
        readFully(0, 8);
        int length = Framing.checkHeader(receiveBuffer, 0, 8, Framing.MAX_FRAME_LENGTH);
        if (length < 0) {
            length = Framing.length(receiveBuffer, 0);
        }
        if (length > receiveBytes.length) {
            receiveBytes = Arrays.copyOf(receiveBytes, length);
            receiveBuffer.wrap(receiveBytes);
        }
        readFully(8, length);
        framing.checkCrc(receiveBuffer, 0, length);
        return decoder.decode(receiveBuffer, 0, length);
    }

    private void readFully(int from, int to) throws IOException {
        for (int at = from; at < to; ) {
            int count = in.read(receiveBytes, at, to - at);
            if (count < 0) {
                throw new EOFException("the daemon closed the connection");
            }
            at += count;
        }
    }

    void send(Message message) throws IOException {
        int length = encoder.encode(message, sendBuffer, 0);
        out.write(sendBuffer.byteArray(), 0, length);
    }

    void send(byte[] frame, int length) throws IOException {
        out.write(frame, 0, length);
    }

    /// How long [#receive] waits at most; 0 is for ever.
    void receiveTimeout(int timeoutMs) throws IOException {
        socket.setSoTimeout(timeoutMs);
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            // it is gone either way
        }
    }
}
