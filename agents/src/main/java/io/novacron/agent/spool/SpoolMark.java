package io.novacron.agent.spool;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// What a spool must remember beyond its segments, in one short line of text with a CRC, written
/// aside and renamed.
///
/// @param epoch the epoch its sequences belong to
/// @param floor sequences up to here were given out, though no segment may show it any more
/// @param reserved no sequence above it was given out before this mark was on disk
/// @param bootId the boot of the machine in which the spool was opened
/// @param clean whether the spool was closed in order
record SpoolMark(long epoch, long floor, long reserved, String bootId, boolean clean) {
    private static final String NAME = "mark";

    void write(Path folder, boolean sync) throws IOException {
        String line = "%d %d %d %s %b".formatted(epoch, floor, reserved, bootId, clean);
        byte[] bytes = (line + " " + checksum(line) + "\n").getBytes(UTF_8);
        Path aside = folder.resolve(NAME + ".new");
        try (var channel =
                FileChannel.open(
                        aside,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE)) {
            var buffer = ByteBuffer.wrap(bytes);
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            if (sync) {
                channel.force(true);
            }
        }
        Files.move(aside, folder.resolve(NAME), StandardCopyOption.ATOMIC_MOVE);
        if (sync) {
            try (var directory = FileChannel.open(folder, StandardOpenOption.READ)) {
                directory.force(true); // or the rename itself could be lost
            }
        }
    }

    /// @return null when there is none, or none that can be believed
    static @Nullable SpoolMark read(Path folder) throws IOException {
        Path path = folder.resolve(NAME);
        if (!Files.exists(path)) {
            return null;
        }
        List<String> words = Arrays.asList(Files.readString(path).strip().split(" ", -1));
        if (words.size() != 6
                || !words.getLast().equals(checksum(String.join(" ", words.subList(0, 5))))) {
            return null;
        }
        return new SpoolMark(
                Long.parseLong(words.get(0)),
                Long.parseLong(words.get(1)),
                Long.parseLong(words.get(2)),
                words.get(3),
                Boolean.parseBoolean(words.get(4)));
    }

    private static String checksum(String line) {
        var crc = new CRC32C();
        crc.update(line.getBytes(UTF_8));
        return Long.toHexString(crc.getValue());
    }
}
