package io.novacron.agent.libvirt;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;

/// A disk that begins as another one and keeps what is written for itself: a qcow2 file (version 2,
/// `docs/interop/qcow2` of QEMU) with a backing file and nothing in it yet. So that no program but
/// libvirt is needed on the host.
///
/// ```text
///  cluster 0  header, format of the backing file, its name
///          1  reference counts' table      2  reference counts, 16 bits each
///          3… L1 table, all zero: every read goes to the backing file
/// ```
final class OverlayDisk {
    private static final int CLUSTER_BITS = 16;
    private static final int CLUSTER = 1 << CLUSTER_BITS;
    private static final int MAGIC = 0x514649fb; // "QFI" and 0xfb
    private static final int SIZE_OFFSET = 24;
    private static final int HEADER_LENGTH = 72; // of version 2
    private static final int BACKING_FORMAT = 0xe2792aca;
    private static final int NAME_LIMIT = 1_023;
    private static final long L2_COVERS = (long) CLUSTER * (CLUSTER / Long.BYTES);

    private OverlayDisk() {}

    /// Makes the file; it must not be there yet.
    ///
    /// @param format of the backing file: `raw` or `qcow2`
    /// @throws IOException when the backing file cannot be read, or the overlay not written
    static void create(Path overlay, Path backing, String format) throws IOException {
        long size = size(backing, format);
        byte[] name = backing.toString().getBytes(StandardCharsets.UTF_8);
        if (name.length > NAME_LIMIT) {
            throw new IOException(
                    "name of %d bytes must be at most %d".formatted(name.length, NAME_LIMIT));
        }
        int l1Entries = (int) Math.max(1, (size + L2_COVERS - 1) / L2_COVERS);
        int l1Clusters = (l1Entries * Long.BYTES + CLUSTER - 1) / CLUSTER;
        int clusters = 3 + l1Clusters;
        byte[] formatName = format.getBytes(StandardCharsets.US_ASCII);
        var file = ByteBuffer.allocate(clusters * CLUSTER); // big-endian, as the format is
        int nameAt = HEADER_LENGTH + Integer.BYTES * 2 + padded(formatName.length) + 8;
        file.putInt(MAGIC)
                .putInt(2)
                .putLong(nameAt)
                .putInt(name.length)
                .putInt(CLUSTER_BITS)
                .putLong(size)
                .putInt(0) // not encrypted
                .putInt(l1Entries)
                .putLong(3L * CLUSTER)
                .putLong(CLUSTER)
                .putInt(1)
                .putInt(0) // no snapshots
                .putLong(0);
        file.putInt(BACKING_FORMAT).putInt(formatName.length).put(formatName);
        file.position(HEADER_LENGTH + Integer.BYTES * 2 + padded(formatName.length));
        file.putLong(0); // end of the extensions
        file.put(name);
        file.putLong(CLUSTER, 2L * CLUSTER);
        for (int cluster = 0; cluster < clusters; cluster++) {
            file.putShort(2 * CLUSTER + cluster * Short.BYTES, (short) 1);
        }
        file.rewind();
        try (var channel =
                FileChannel.open(
                        overlay, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            while (file.hasRemaining()) {
                channel.write(file);
            }
            channel.force(true);
        } catch (IOException e) {
            Files.deleteIfExists(overlay);
            throw e;
        }
    }

    private static int padded(int length) {
        return (length + 7) / 8 * 8;
    }

    private static long size(Path backing, String format) throws IOException {
        long bytes = Files.size(backing);
        if (format.equals("raw")) {
            return (bytes + 511) / 512 * 512;
        }
        if (!format.equals("qcow2")) {
            throw new IOException(
                    "format %s must be raw or qcow2".formatted(format.toLowerCase(Locale.ROOT)));
        }
        var header = ByteBuffer.allocate(SIZE_OFFSET + Long.BYTES);
        try (var channel = FileChannel.open(backing, StandardOpenOption.READ)) {
            while (header.hasRemaining() && channel.read(header) >= 0) {}
        }
        if (header.hasRemaining() || header.getInt(0) != MAGIC) {
            throw new IOException("%s is no qcow2 file".formatted(backing));
        }
        return header.getLong(SIZE_OFFSET);
    }
}
