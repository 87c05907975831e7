package io.novacron.perf.ingest;

import io.novacron.wire.message.Acknowledgement;
import io.novacron.wire.message.Messages;
import io.novacron.wire.sbe.ConnectionKind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Objects;
import org.agrona.ExpandableArrayBuffer;
import org.jspecify.annotations.Nullable;

/// A server in C that only reads frames and acknowledges them: the floor that the kernel sets.
final class BareEpoll {
    private BareEpoll() {}

    /// Compiles it with the machine's own compiler.
    ///
    /// @return the program, or null when there is no compiler
    static @Nullable Path compile(Path folder) throws IOException {
        Path source = folder.resolve("bare-epoll.c");
        Path program = folder.resolve("bare-epoll");
        try (InputStream text = BareEpoll.class.getResourceAsStream("bare-epoll.c")) {
            Files.copy(Objects.requireNonNull(text), source);
        }
        try {
            var compiler =
                    new ProcessBuilder("cc", "-O2", "-o", program.toString(), source.toString());
            return compiler.inheritIO().start().waitFor() == 0 ? program : null;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        } catch (IOException e) {
            return null; // there is none
        }
    }

    static ServerProcess start(Path program, int acknowledgeFrames) throws IOException {
        var frame = new ExpandableArrayBuffer();
        var acknowledgement = new Acknowledgement(ConnectionKind.DATA, 0, 0);
        int length = new Messages().encode(acknowledgement, frame, 0);
        return ServerProcess.of(
                program.toString(),
                Integer.toString(acknowledgeFrames),
                HexFormat.of().formatHex(frame.byteArray(), 0, length),
                Integer.toString(AgentLoad.JOURNALED_OFFSET));
    }
}
