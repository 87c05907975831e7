package io.novacron.ingest.journal;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import net.openhft.chronicle.queue.RollCycles;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueueBuilder;

/// The folders inside a journal's directory: `0000000001`, `0000000002`, … one per start.
///
/// A start never appends to what an earlier one wrote, so that a torn tail is only ever read: it is
/// cut by a small file in its folder, `cut`, which holds the first ordinal that does not count.
final class Generations {
    private static final int NAME_LENGTH = 10;
    private static final String CUT = "cut";

    private static final String FILE_SUFFIX = "F.cq4";
    private static final DateTimeFormatter HOUR = DateTimeFormatter.ofPattern("uuuuMMdd-HH");

    private Generations() {}

    /// One file of the queue.
    ///
    /// @param cycle hours since 1970 of the daemon's clock
    record CycleFile(Path path, int cycle) {
        static CycleFile of(Path path) {
            String name = path.getFileName().toString();
            String hour = name.substring(0, name.length() - FILE_SUFFIX.length());
            long seconds = LocalDateTime.parse(hour, HOUR).toEpochSecond(ZoneOffset.UTC);
            return new CycleFile(path, Math.toIntExact(TimeUnit.SECONDS.toHours(seconds)));
        }
    }

    /// The files of a generation from the oldest on; none when it has been deleted meanwhile.
    static List<CycleFile> cycles(Path generation) throws IOException {
        try (Stream<Path> files = Files.list(generation)) {
            return files.filter(file -> file.toString().endsWith(FILE_SUFFIX))
                    .map(CycleFile::of)
                    .sorted(Comparator.comparingInt(CycleFile::cycle))
                    .toList();
        } catch (NoSuchFileException e) {
            return List.of();
        }
    }

    /// Deletes a folder that has no more files of the queue.
    static void delete(Path generation) throws IOException {
        List<Path> files;
        try (Stream<Path> entries = Files.list(generation)) {
            files = entries.toList();
        }
        for (Path file : files) {
            Files.delete(file);
        }
        Files.delete(generation);
    }

    static List<Path> list(Path directory) throws IOException {
        var generations = new ArrayList<Path>();
        if (Files.isDirectory(directory)) {
            try (Stream<Path> entries = Files.list(directory)) {
                entries.filter(Generations::isGeneration).sorted().forEach(generations::add);
            }
        }
        return generations;
    }

    static Path create(Path directory) throws IOException {
        List<Path> existing = list(directory);
        long last =
                existing.isEmpty()
                        ? 0
                        : Long.parseLong(existing.getLast().getFileName().toString());
        Path path = directory.resolve("%010d".formatted(last + 1));
        Files.createDirectories(path);
        syncDirectory(directory);
        return path;
    }

    /// Records from this ordinal on do not count, `Long.MAX_VALUE` when nothing is cut.
    static long cut(Path generation) throws IOException {
        Path file = generation.resolve(CUT);
        return Files.exists(file) ? Long.parseLong(Files.readString(file).strip()) : Long.MAX_VALUE;
    }

    static void cut(Path generation, long ordinal) throws IOException {
        Path aside = generation.resolve(CUT + ".new");
        Files.writeString(aside, ordinal + "\n");
        try (FileChannel channel = FileChannel.open(aside, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        Files.move(aside, generation.resolve(CUT), StandardCopyOption.ATOMIC_MOVE);
        syncDirectory(generation);
    }

    static void syncDirectory(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    static SingleChronicleQueueBuilder queue(Path generation) {
        return SingleChronicleQueueBuilder.single(generation.toFile())
                .rollCycle(RollCycles.FAST_HOURLY);
    }

    private static boolean isGeneration(Path path) {
        String name = path.getFileName().toString();
        return name.length() == NAME_LENGTH
                && name.chars().allMatch(c -> c >= '0' && c <= '9')
                && Files.isDirectory(path);
    }
}
