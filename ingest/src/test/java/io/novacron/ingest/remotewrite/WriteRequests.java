package io.novacron.ingest.remotewrite;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/// Writes remote-write messages by the field numbers of the two specifications, independent of the
/// reader. Labels are `name, value, name, value …`, the metric's name without a name before it.
public final class WriteRequests {
    private final boolean version2;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final List<String> symbols = new ArrayList<>(List.of(""));
    private final ByteArrayOutputStream series = new ByteArrayOutputStream();

    private WriteRequests(boolean version2) {
        this.version2 = version2;
    }

    public static WriteRequests version1() {
        return new WriteRequests(false);
    }

    public static WriteRequests version2() {
        return new WriteRequests(true);
    }

    public WriteRequests sample(long timestampMs, double value, String name, String... labels) {
        return sampleSince(0, timestampMs, value, name, labels);
    }

    WriteRequests sampleSince(
            long createdMs, long timestampMs, double value, String name, String... labels) {
        return bits(createdMs, timestampMs, Double.doubleToRawLongBits(value), name, labels);
    }

    WriteRequests stale(long timestampMs, String name, String... labels) {
        return bits(0, timestampMs, 0x7ff0000000000002L, name, labels);
    }

    private WriteRequests bits(
            long createdMs, long timestampMs, long bits, String name, String... labels) {
        var one = new ByteArrayOutputStream();
        writeLabels(one, name, labels);
        bytes(one, 2, sampleOf(bits, timestampMs));
        if (version2) {
            var metadata = new ByteArrayOutputStream();
            number(metadata, 1, createdMs > 0 ? 1 : 2);
            number(metadata, 3, symbol("what it is"));
            bytes(one, 5, metadata.toByteArray());
            if (createdMs > 0) {
                number(one, 6, createdMs);
            }
        }
        bytes(series, version2 ? 5 : 1, one.toByteArray());
        return this;
    }

    /// A series of these parts, in the order of field numbers.
    WriteRequests series(byte[]... fields) {
        var one = new ByteArrayOutputStream();
        for (byte[] field : fields) {
            one.writeBytes(field);
        }
        bytes(series, version2 ? 5 : 1, one.toByteArray());
        return this;
    }

    byte[] labels(String name, String... labels) {
        var one = new ByteArrayOutputStream();
        writeLabels(one, name, labels);
        return one.toByteArray();
    }

    static byte[] sampleField(long timestampMs, double value) {
        var one = new ByteArrayOutputStream();
        bytes(one, 2, sampleOf(Double.doubleToRawLongBits(value), timestampMs));
        return one.toByteArray();
    }

    /// A native histogram or an exemplar, as far as the reader looks into it: not at all.
    static byte[] opaqueField(int field) {
        var one = new ByteArrayOutputStream();
        var inner = new ByteArrayOutputStream();
        number(inner, 15, 1_700_000_000_000L);
        bytes(one, field, inner.toByteArray());
        return one.toByteArray();
    }

    private void writeLabels(ByteArrayOutputStream one, String name, String... labels) {
        String[] all = new String[labels.length + 2];
        all[0] = "__name__";
        all[1] = name;
        System.arraycopy(labels, 0, all, 2, labels.length);
        var references = new ByteArrayOutputStream();
        for (int i = 0; i < all.length; i += 2) {
            if (version2) {
                varint(references, symbol(all[i]));
                varint(references, symbol(all[i + 1]));
            } else {
                var label = new ByteArrayOutputStream();
                bytes(label, 1, all[i].getBytes(UTF_8));
                bytes(label, 2, all[i + 1].getBytes(UTF_8));
                bytes(one, 1, label.toByteArray());
            }
        }
        if (version2) {
            bytes(one, 1, references.toByteArray());
        }
    }

    private int symbol(String text) {
        int known = symbols.indexOf(text);
        if (known < 0) {
            symbols.add(text);
            known = symbols.size() - 1;
        }
        return known;
    }

    private static byte[] sampleOf(long bits, long timestampMs) {
        var sample = new ByteArrayOutputStream();
        varint(sample, 1 << 3 | 1);
        sample.writeBytes(
                ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(bits).array());
        number(sample, 2, timestampMs);
        return sample.toByteArray();
    }

    public byte[] message() {
        out.reset();
        if (version2) {
            for (String symbol : symbols) {
                bytes(out, 4, symbol.getBytes(UTF_8));
            }
        }
        out.writeBytes(series.toByteArray());
        return out.toByteArray();
    }

    /// The message in a snappy block.
    public byte[] body() {
        return block(message());
    }

    /// A snappy block of literals only.
    static byte[] block(byte[] content) {
        var block = new ByteArrayOutputStream();
        varint(block, content.length);
        for (int from = 0; from < content.length; from += 60) {
            int count = Math.min(60, content.length - from);
            block.write(count - 1 << 2);
            block.write(content, from, count);
        }
        return block.toByteArray();
    }

    static void bytes(ByteArrayOutputStream out, int field, byte[] content) {
        varint(out, (long) field << 3 | 2);
        varint(out, content.length);
        out.writeBytes(content);
    }

    static void number(ByteArrayOutputStream out, int field, long value) {
        varint(out, (long) field << 3);
        varint(out, value);
    }

    static void varint(ByteArrayOutputStream out, long value) {
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            out.write((int) (rest & 0x7F | 0x80));
            rest >>>= 7;
        }
        out.write((int) rest);
    }
}
