package io.novacron.ingest.journal;

import io.novacron.ingest.journal.Generations.CycleFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Deletes the journal's oldest files, on a thread of its own: those older than the age that is
/// kept, and as many more as keep the journal within its bytes, but none with a record that a
/// restart still needs, and never the newest.
///
/// What is in a file is tallied before it goes ([Retired]), so that a verification stays right.
/// Bounded: one file's records are read at a time; at work only when woken.
final class Retention implements AutoCloseable {
    private static final Logger LOGGER = LoggerFactory.getLogger(Retention.class);

    private record Stored(Path generation, CycleFile file, long bytes) {}

    private final JournalConfig config;
    private final InstantSource clock;
    private final Thread thread;
    // Written by any thread, read by this one, and the other way round: volatile pairs them.
    private volatile long retainFrom;
    private volatile boolean woken;
    private volatile boolean closed;
    private volatile long filesDeleted;

    Retention(JournalConfig config, InstantSource clock) {
        this.config = config;
        this.clock = clock;
        thread = Thread.ofPlatform().name("novacron-journal-retention").daemon().start(this::run);
    }

    /// Records from this one on are still needed.
    void retainFrom(long ordinal) {
        retainFrom = ordinal;
        wake();
    }

    void wake() {
        woken = true;
        LockSupport.unpark(thread);
    }

    long filesDeleted() {
        return filesDeleted;
    }

    private void run() {
        while (!closed) {
            if (!woken) {
                LockSupport.park(this);
                continue;
            }
            woken = false;
            try {
                retire();
            } catch (IOException | RuntimeException e) {
                LOGGER.error("old files of journal {} could not be deleted", config.directory(), e);
            }
        }
    }

    private void retire() throws IOException {
        List<Stored> files = files();
        long bytes = files.stream().mapToLong(Stored::bytes).sum();
        long before = clock.millis() - config.retentionAge().toMillis();
        int count = 0;
        long firstKept = 0;
        while (count < files.size() - 1 && !closed) {
            Stored next = files.get(count + 1);
            long[] start = start(next);
            boolean due = start[1] < before || bytes > config.retentionBytes();
            if (start[0] == 0 || start[0] > retainFrom || !due) {
                break;
            }
            firstKept = start[0];
            bytes -= files.get(count).bytes();
            count++;
        }
        if (count > 0 && tally(firstKept)) {
            delete(files.subList(0, count), firstKept);
        }
    }

    /// First ordinal and time of a file; zeros when they cannot be read.
    private static long[] start(Stored stored) throws IOException {
        try (JournalCursor cursor = JournalCursor.ofGeneration(stored.generation())) {
            return cursor.start(stored.file().cycle());
        }
    }

    private boolean tally(long firstKept) throws IOException {
        Retired retired = Retired.read(config.directory());
        try (JournalCursor cursor = JournalCursor.open(config.directory())) {
            while (cursor.lastOrdinal() < firstKept - 1) {
                if (closed || cursor.read(retired.tally(), 1) == 0) {
                    return false; // the daemon stops, or a damaged end: nothing is deleted unread
                }
            }
        }
        new Retired(firstKept, retired.tally()).write(config.directory());
        return true;
    }

    private void delete(List<Stored> files, long firstKept) throws IOException {
        long bytes = 0;
        for (Stored stored : files) {
            Files.deleteIfExists(stored.file().path());
            bytes += stored.bytes();
            if (Generations.cycles(stored.generation()).isEmpty()) {
                Generations.delete(stored.generation());
            }
            filesDeleted = filesDeleted + 1; // one writer
        }
        LOGGER.info(
                "journal begins at record {} now: {} old files, {} bytes, are deleted",
                firstKept,
                files.size(),
                bytes);
    }

    private List<Stored> files() throws IOException {
        var files = new ArrayList<Stored>();
        for (Path generation : Generations.list(config.directory())) {
            for (CycleFile file : Generations.cycles(generation)) {
                files.add(new Stored(generation, file, NativeFile.allocatedBytes(file.path())));
            }
        }
        return files;
    }

    /// What the journal's files take up on disk, preallocated space included. Any thread.
    long bytesOnDisk() {
        try {
            return files().stream().mapToLong(Stored::bytes).sum();
        } catch (NoSuchFileException e) {
            return 0; // a folder was deleted meanwhile, or there is none yet
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
