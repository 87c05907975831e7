package io.novacron.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import org.agrona.DirectBuffer;

/// Compares what the code makes with the file that is kept in the repository.
///
/// A difference in golden bytes is a change of the wire: old peers and old journals no longer read
/// it. Only when that is meant, regenerate with the command in the message.
public final class Golden {
    private static final String REGENERATE = "mvn -pl ipc-protocol/wire test -Dregenerate=true";
    private static final int BYTES_PER_LINE = 32;

    private Golden() {}

    /// Compares a frame with `src/test/resources/golden/NAME.hex`.
    public static void assertFrame(String name, DirectBuffer buffer, int offset, int length) {
        var bytes = new byte[length];
        buffer.getBytes(offset, bytes);
        var text = new StringBuilder();
        for (int start = 0; start < length; start += BYTES_PER_LINE) {
            int end = Math.min(length, start + BYTES_PER_LINE);
            text.append(HexFormat.ofDelimiter(" ").formatHex(bytes, start, end)).append('\n');
        }
        assertText(Path.of("src/test/resources/golden", name + ".hex"), text.toString());
    }

    /// Compares text with a file, whose path is relative to this module.
    public static void assertText(Path file, String text) {
        try {
            if (Boolean.getBoolean("regenerate")) {
                Files.createDirectories(file.toAbsolutePath().getParent());
                Files.writeString(file, text);
            }
            assertThat(file)
                    .as("%s as the code makes it; if the change is meant: %s", file, REGENERATE)
                    .exists();
            assertThat(Files.readString(file))
                    .as("%s as the code makes it; if the change is meant: %s", file, REGENERATE)
                    .isEqualTo(text);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
