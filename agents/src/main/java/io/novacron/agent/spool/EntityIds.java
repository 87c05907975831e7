package io.novacron.agent.spool;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Short numbers for entities in metric batches, given once and never again within a spool epoch.
///
/// The file is a line with the epoch and a line for each id, appended as they are given; a last
/// line without its end is cut off. [#sync] comes before a frame that names new ids. Bounded by
/// [#MAX_IDS]. Thread-safe.
public final class EntityIds implements AutoCloseable {
    public static final int MAX_IDS = 1_000_000;

    /// What [#idOf] returns when there are no more.
    public static final int NONE = -1;

    private static final String NAME = "entities";
    private static final Pattern LINE = Pattern.compile("(\\d{1,9}) ([0-9a-f-]{36})");

    private final Map<UUID, Integer> ids = new HashMap<>();
    private final @Nullable FileChannel channel;
    private boolean dirty;
    private long idsRefused;

    private EntityIds(@Nullable FileChannel channel) {
        this.channel = channel;
    }

    /// Ids that last as long as the process.
    public static EntityIds inMemory() {
        return new EntityIds(null);
    }

    /// @return null when the folder has no ids of this epoch
    static @Nullable EntityIds open(Path folder, long epoch) throws IOException {
        Path path = folder.resolve(NAME);
        if (!Files.exists(path)) {
            return null;
        }
        String text = Files.readString(path, US_ASCII);
        int end = text.lastIndexOf('\n') + 1;
        String[] lines = text.substring(0, end).split("\n", -1);
        if (!lines[0].equals("epoch " + epoch)) {
            return null;
        }
        var channel = FileChannel.open(path, StandardOpenOption.WRITE);
        var entityIds = new EntityIds(channel);
        for (int i = 1; i < lines.length - 1; i++) {
            Matcher line = LINE.matcher(lines[i]);
            if (!line.matches() || Integer.parseInt(line.group(1)) != i - 1) {
                channel.close();
                return null; // damaged: an id could be given twice
            }
            entityIds.ids.put(UUID.fromString(line.group(2)), i - 1);
        }
        channel.truncate(end);
        channel.position(end);
        return entityIds;
    }

    static EntityIds create(Path folder, long epoch) throws IOException {
        var channel =
                FileChannel.open(
                        folder.resolve(NAME),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE);
        var entityIds = new EntityIds(channel);
        entityIds.write("epoch " + epoch + "\n");
        channel.force(true);
        return entityIds;
    }

    /// The entity's id, given now if it had none; [#NONE] past the bound or when the disk refuses.
    public synchronized int idOf(UUID entity) {
        Integer known = ids.get(entity);
        if (known != null) {
            return known;
        }
        int id = ids.size();
        if (id >= MAX_IDS) {
            idsRefused++;
            return NONE;
        }
        try {
            write(id + " " + entity + "\n");
        } catch (IOException e) {
            idsRefused++;
            return NONE;
        }
        ids.put(entity, id);
        return id;
    }

    /// The entity's id, or [#NONE] when it was never given one.
    public synchronized int knownIdOf(UUID entity) {
        return ids.getOrDefault(entity, NONE);
    }

    /// Waits until all ids given so far are on disk.
    public synchronized void sync() throws IOException {
        if (dirty && channel != null) {
            channel.force(false);
            dirty = false;
        }
    }

    public synchronized int size() {
        return ids.size();
    }

    /// How often an entity was left without an id.
    public synchronized long idsRefused() {
        return idsRefused;
    }

    private void write(String line) throws IOException {
        if (channel == null) {
            return;
        }
        long start = channel.position();
        var bytes = ByteBuffer.wrap(line.getBytes(US_ASCII));
        try {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (IOException e) {
            channel.truncate(start);
            throw e;
        }
        dirty = true;
    }

    @Override
    public synchronized void close() throws IOException {
        if (channel != null) {
            sync();
            channel.close();
        }
    }
}
