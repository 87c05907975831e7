package io.novacron.perf.faults;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/// What a device holds for certain: a folder's files at a moment when all of them were synced.
/// Later writes are in the page cache, which a `kill -9` leaves alone and a power loss does not.
final class DeviceState {
    private static final int PAGE = 4_096;
    private static final int SECTOR = 512;
    private static final double[] SHARES_LOST = {0.05, 0.5, 0.95};

    /// The pages of a file that are not all zeros.
    private record Content(long length, Map<Long, byte[]> pages) {}

    private final Path folder;
    private final Map<Path, Content> files = new HashMap<>();

    private DeviceState(Path folder) {
        this.folder = folder;
    }

    static DeviceState of(Path folder) throws IOException {
        var state = new DeviceState(folder);
        for (Path file : state.list()) {
            state.files.put(file, read(file));
        }
        return state;
    }

    /// The queue's own files and the watermarks; the registry is a cache that a start rebuilds.
    private List<Path> list() throws IOException {
        try (var all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile)
                    .filter(file -> !file.getFileName().toString().startsWith("registry"))
                    .sorted()
                    .toList();
        }
    }

    private static Content read(Path file) throws IOException {
        var pages = new HashMap<Long, byte[]>();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            long length = channel.size();
            var zeros = new byte[PAGE];
            var page = ByteBuffer.allocate(PAGE);
            for (long at = 0; at < length; at += PAGE) {
                page.clear();
                Arrays.fill(page.array(), (byte) 0);
                while (page.hasRemaining() && channel.read(page, at + page.position()) > 0) {
                    // until it is full or the file ends
                }
                if (!Arrays.equals(page.array(), zeros)) {
                    pages.put(at / PAGE, page.array().clone());
                }
            }
            return new Content(length, pages);
        }
    }

    /// Loses, by chance, some of the pages that were written since; tears others between sectors.
    ///
    /// @return pages lost or torn
    long losePower(SplittableRandom random) throws IOException {
        double shareLost = SHARES_LOST[random.nextInt(SHARES_LOST.length)];
        long lost = 0;
        for (Path file : list()) {
            Content before = files.get(file);
            if (before != null) {
                lost += losePower(file, before, shareLost, random);
            }
        }
        return lost;
    }

    private static long losePower(
            Path file, Content before, double shareLost, SplittableRandom random)
            throws IOException {
        Content now = read(file);
        long lost = 0;
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            for (Map.Entry<Long, byte[]> page : now.pages().entrySet()) {
                byte[] old = before.pages().getOrDefault(page.getKey(), new byte[PAGE]);
                if (Arrays.equals(old, page.getValue()) || random.nextDouble() >= shareLost) {
                    continue;
                }
                byte[] left = old.clone();
                if (random.nextBoolean()) { // torn
                    int cut = SECTOR * random.nextInt(1, PAGE / SECTOR);
                    boolean head = random.nextBoolean();
                    int from = head ? 0 : cut;
                    int length = head ? cut : PAGE - cut;
                    System.arraycopy(page.getValue(), from, left, from, length);
                }
                long at = page.getKey() * PAGE;
                int length = (int) Math.min(PAGE, now.length() - at);
                channel.write(ByteBuffer.wrap(left, 0, length), at);
                lost++;
            }
            if (now.length() > before.length() && random.nextBoolean()) {
                channel.truncate(before.length());
            }
        }
        return lost;
    }
}
