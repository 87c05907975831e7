package io.novacron.ingest.journal;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/// The file `retired`: where the journal begins since older files were deleted, and what was in
/// them. It is on the device before the first of them goes.
///
/// ```text
/// novacron-retired 1
/// first 123457
/// … lines of the tally …
/// crc32c 89abcdef
/// ```
///
/// @param firstOrdinal the first record that is kept, 1 when nothing was retired
record Retired(long firstOrdinal, JournalTally tally) {
    static final String NAME = "retired";

    private static final String TITLE = "novacron-retired 1";
    private static final String FIRST = "first ";
    private static final String CRC = "crc32c ";
    private static final int FRAMING_LINES = 3;

    static Retired read(Path directory) throws IOException {
        Path path = directory.resolve(NAME);
        var tally = new JournalTally();
        if (!Files.exists(path)) {
            return new Retired(1, tally);
        }
        List<String> lines = Files.readAllLines(path);
        List<String> covered = lines.subList(0, Math.max(0, lines.size() - 1));
        if (lines.size() < FRAMING_LINES
                || !lines.getFirst().equals(TITLE)
                || !lines.getLast().equals(CRC + crc(covered))) {
            throw new IOException(
                    "%s is damaged, or of another version. Maybe restore it from a backup?"
                            .formatted(path));
        }
        tally.restore(covered.subList(2, covered.size()));
        return new Retired(Long.parseLong(covered.get(1).substring(FIRST.length())), tally);
    }

    void write(Path directory) throws IOException {
        var lines = new ArrayList<String>();
        lines.add(TITLE);
        lines.add(FIRST + firstOrdinal);
        lines.addAll(tally.lines());
        lines.add(CRC + crc(lines));
        Path aside = directory.resolve(NAME + ".new");
        Files.write(aside, lines);
        try (FileChannel channel = FileChannel.open(aside, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        Files.move(aside, directory.resolve(NAME), StandardCopyOption.ATOMIC_MOVE);
        Generations.syncDirectory(directory);
    }

    private static String crc(List<String> lines) {
        var crc = new CRC32C();
        for (String line : lines) {
            crc.update(line.getBytes(StandardCharsets.UTF_8));
            crc.update('\n');
        }
        return "%08x".formatted(crc.getValue());
    }
}
