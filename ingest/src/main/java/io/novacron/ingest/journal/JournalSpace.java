package io.novacron.ingest.journal;

import java.nio.file.Path;

/// Asks how much room the journal has: the file system, or a test.
@FunctionalInterface
public interface JournalSpace {
    long usableBytes();

    /// What the file system of this directory says.
    static JournalSpace of(Path directory) {
        return () -> directory.toFile().getUsableSpace();
    }
}
