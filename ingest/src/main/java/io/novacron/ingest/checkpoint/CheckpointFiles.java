package io.novacron.ingest.checkpoint;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The folder of checkpoints beside the journal: `checkpoints/0000000000000012345.checkpoint`,
/// named after the last journal record whose effect each one holds. A file appears there whole or
/// not at all: it is written under another name, forced to the device and renamed.
public final class CheckpointFiles {
    private static final String FOLDER = "checkpoints";
    private static final String ASIDE = "aside";
    private static final Pattern NAME = Pattern.compile("(\\d{19})\\.checkpoint");

    private final Path folder;

    /// One file.
    ///
    /// @param ordinal of the last journal record whose effect it holds
    public record Entry(Path path, long ordinal) {}

    private CheckpointFiles(Path folder) {
        this.folder = folder;
    }

    /// The checkpoints of the journal in this directory; nothing is made yet.
    public static CheckpointFiles of(Path journal) {
        return new CheckpointFiles(journal.resolve(FOLDER));
    }

    public Path folder() {
        return folder;
    }

    /// All that are there, the newest first.
    public List<Entry> newestFirst() throws IOException {
        var entries = new ArrayList<Entry>();
        if (Files.isDirectory(folder)) {
            try (Stream<Path> files = Files.list(folder)) {
                for (Path path : files.toList()) {
                    Matcher name = NAME.matcher(path.getFileName().toString());
                    if (name.matches()) {
                        entries.add(new Entry(path, Long.parseLong(name.group(1))));
                    }
                }
            }
        }
        entries.sort(Comparator.comparingLong(Entry::ordinal).reversed());
        return entries;
    }

    /// Where the next one is written.
    public Path aside() throws IOException {
        Files.createDirectories(folder);
        return folder.resolve(ASIDE);
    }

    /// Gives the file that was written aside its name, and deletes all but the newest `keep`.
    ///
    /// @return the ordinal of the oldest that is kept: the journal is needed from the next one on
    public long publish(long ordinal, int keep) throws IOException {
        Path file = folder.resolve("%019d.checkpoint".formatted(ordinal));
        Files.move(
                folder.resolve(ASIDE),
                file,
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
        try (FileChannel directory = FileChannel.open(folder, StandardOpenOption.READ)) {
            directory.force(true);
        }
        long oldest = ordinal;
        List<Entry> entries = newestFirst();
        for (int i = 0; i < entries.size(); i++) {
            if (i < keep) {
                oldest = Math.min(oldest, entries.get(i).ordinal());
            } else {
                Files.deleteIfExists(entries.get(i).path());
            }
        }
        return oldest;
    }

    /// Deletes what a write left that did not come to its end.
    public void discardAside() throws IOException {
        Files.deleteIfExists(folder.resolve(ASIDE));
    }
}
