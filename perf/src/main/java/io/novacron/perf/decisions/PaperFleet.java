package io.novacron.perf.decisions;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Hosts and vms that are a list of what was done to them: each thing done is one line at the end
/// of a file, which is there or not there whenever its writer is killed, and says for which action
/// it was done. Without a file they live in memory. Thread-safe.
///
/// ```text
/// 17 DO   00000000-0000-0072-0000-000000000003 00000000-0000-0071-0000-000000000001 4 8589934592
/// 18 SKIP …                                     nothing was done, and nothing will be
/// 19 UNDO …                                     what was done for it is undone
/// ```
final class PaperFleet implements AutoCloseable {
    static final long GIB = 1L << 30;
    static final int MAX_VCPUS = 16;
    private static final long HOSTS = 0x71;
    private static final long VMS = 0x72;
    private static final int FIRST_VCPUS = 4;

    private final int hosts;
    private final @Nullable FileChannel file;
    private final Map<UUID, Place> places = new LinkedHashMap<>();

    /// Where a vm is and how large.
    record Place(UUID host, int vcpus, long memoryBytes) {}

    /// What was done, in the order of the file.
    enum Step {
        DO,
        SKIP,
        UNDO
    }

    /// One line.
    record Line(long actionId, Step step, UUID vm, Place after) {}

    private PaperFleet(int hosts, @Nullable FileChannel file) {
        this.hosts = hosts;
        this.file = file;
    }

    /// A fleet that is forgotten.
    static PaperFleet inMemory(int hosts, int vms) {
        var fleet = new PaperFleet(hosts, null);
        fleet.place(vms);
        return fleet;
    }

    /// The fleet as the lines of a file leave it.
    static PaperFleet open(Path path, int hosts, int vms) throws IOException {
        var fleet =
                new PaperFleet(
                        hosts,
                        FileChannel.open(
                                path, StandardOpenOption.CREATE, StandardOpenOption.APPEND));
        fleet.place(vms);
        read(path).forEach(line -> fleet.places.put(line.vm(), line.after()));
        return fleet;
    }

    private void place(int vms) {
        for (int i = 0; i < vms; i++) {
            places.put(vm(i), new Place(host(i % hosts), FIRST_VCPUS, 4 * GIB));
        }
    }

    static UUID host(int index) {
        return new UUID(HOSTS, index + 1L);
    }

    static UUID vm(int index) {
        return new UUID(VMS, index + 1L);
    }

    static int index(UUID vmOrHost) {
        return Math.toIntExact(vmOrHost.getLeastSignificantBits()) - 1;
    }

    static List<Line> read(Path path) throws IOException {
        var lines = new ArrayList<Line>();
        if (!Files.exists(path)) {
            return lines;
        }
        for (String text : Files.readAllLines(path)) {
            String[] words = text.split(" ");
            lines.add(
                    new Line(
                            Long.parseLong(words[0]),
                            Step.valueOf(words[1]),
                            UUID.fromString(words[2]),
                            new Place(
                                    UUID.fromString(words[3]),
                                    Integer.parseInt(words[4]),
                                    Long.parseLong(words[5]))));
        }
        return lines;
    }

    int hosts() {
        return hosts;
    }

    synchronized Map<UUID, Place> placedOn(UUID host) {
        var on = new LinkedHashMap<UUID, Place>();
        places.forEach((vm, place) -> {
            if (place.host().equals(host)) {
                on.put(vm, place);
            }
        });
        return on;
    }

    synchronized @Nullable Place find(UUID vm) {
        return places.get(vm);
    }

    /// Does something to a vm; from the moment this returns it is done.
    synchronized void put(long actionId, Step step, UUID vm, Place after) {
        FileChannel channel = file;
        if (channel != null) {
            String line =
                    "%d %s %s %s %d %d%n"
                            .formatted(
                                    actionId,
                                    step,
                                    vm,
                                    after.host(),
                                    after.vcpus(),
                                    after.memoryBytes());
            try {
                channel.write(ByteBuffer.wrap(line.getBytes(StandardCharsets.US_ASCII)));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        places.put(vm, after);
    }

    @Override
    public void close() throws IOException {
        FileChannel channel = file;
        if (channel != null) {
            channel.close();
        }
    }
}
