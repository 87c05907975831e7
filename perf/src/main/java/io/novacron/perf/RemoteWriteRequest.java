package io.novacron.perf;

import com.google.protobuf.CodedOutputStream;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.compression.Snappy;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// One remote-write request that is sent again and again with other values and times: the message
/// is encoded once, then patched and compressed. One thread owns it.
final class RemoteWriteRequest {
    /// A series: its labels, name first, and how its value goes.
    record Series(List<String> labels, double start, double step) {}

    private static final int SLICE = 32 * 1024; // what Netty's encoder can look back on
    private static final int TIME_LENGTH = 6; // of milliseconds from 2004 to 2109 as a varint

    private final byte[] message;
    private final int[] places;
    private final double[] starts;
    private final double[] steps;
    private final Snappy snappy = new Snappy();
    private final ByteBuf slice = Unpooled.buffer(2 * SLICE);
    private final ByteBuf body = Unpooled.buffer(2 * SLICE);

    RemoteWriteRequest(List<Series> series, boolean version2) throws IOException {
        places = new int[series.size()];
        starts = series.stream().mapToDouble(Series::start).toArray();
        steps = series.stream().mapToDouble(Series::step).toArray();
        message = version2 ? version2(series) : version1(series);
    }

    int samples() {
        return places.length;
    }

    private byte[] version1(List<Series> series) throws IOException {
        var out = new ByteArrayOutputStream();
        for (int i = 0; i < series.size(); i++) {
            var one = new ByteArrayOutputStream();
            List<String> labels = series.get(i).labels();
            for (int label = 0; label < labels.size(); label += 2) {
                var pair = new ByteArrayOutputStream();
                field(pair, 1, labels.get(label).getBytes(StandardCharsets.UTF_8));
                field(pair, 2, labels.get(label + 1).getBytes(StandardCharsets.UTF_8));
                field(one, 1, pair.toByteArray());
            }
            addSeries(out, 1, one, i, new byte[0]);
        }
        return out.toByteArray();
    }

    private byte[] version2(List<Series> series) throws IOException {
        Map<String, Integer> symbols = new LinkedHashMap<>();
        symbols.put("", 0);
        for (Series one : series) {
            one.labels().forEach(text -> symbols.putIfAbsent(text, symbols.size()));
        }
        var out = new ByteArrayOutputStream();
        for (String symbol : symbols.keySet()) {
            field(out, 4, symbol.getBytes(StandardCharsets.UTF_8));
        }
        for (int i = 0; i < series.size(); i++) {
            var references = new ByteArrayOutputStream();
            var numbers = CodedOutputStream.newInstance(references);
            for (String text : series.get(i).labels()) {
                numbers.writeUInt32NoTag(symbols.getOrDefault(text, 0));
            }
            numbers.flush();
            var one = new ByteArrayOutputStream();
            field(one, 1, references.toByteArray());
            addSeries(out, 5, one, i, new byte[] {0x2a, 2, 8, 1}); // metadata: a counter
        }
        return out.toByteArray();
    }

    private void addSeries(
            ByteArrayOutputStream out,
            int number,
            ByteArrayOutputStream one,
            int index,
            byte[] behind)
            throws IOException {
        byte[] sample = new byte[1 + Double.BYTES + 1 + TIME_LENGTH];
        sample[0] = 1 << 3 | 1;
        sample[1 + Double.BYTES] = 2 << 3;
        field(one, 2, sample);
        one.writeBytes(behind);
        field(out, number, one.toByteArray());
        places[index] = out.size() - behind.length - sample.length + 1;
    }

    private static void field(ByteArrayOutputStream out, int number, byte[] content)
            throws IOException {
        var coded = CodedOutputStream.newInstance(out);
        coded.writeByteArray(number, content);
        coded.flush();
    }

    /// The body of a round; valid until the next.
    ByteBuf body(long round, long timeMs) {
        var bytes = ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < places.length; i++) {
            bytes.putDouble(places[i], starts[i] + round * steps[i]);
            int at = places[i] + Double.BYTES + 1;
            for (int digit = 0; digit < TIME_LENGTH; digit++) {
                int more = digit < TIME_LENGTH - 1 ? 0x80 : 0;
                message[at + digit] = (byte) (timeMs >>> 7 * digit & 0x7F | more);
            }
        }
        body.clear();
        writeVarint(body, message.length);
        for (int from = 0; from < message.length; from += SLICE) {
            int length = Math.min(SLICE, message.length - from);
            slice.clear();
            snappy.reset();
            snappy.encode(Unpooled.wrappedBuffer(message, from, length), slice, length);
            while (slice.readByte() < 0) {
                // the slice's own length
            }
            body.writeBytes(slice);
        }
        return body;
    }

    private static void writeVarint(ByteBuf out, int value) {
        int rest = value;
        while (rest > 0x7F) {
            out.writeByte(rest & 0x7F | 0x80);
            rest >>>= 7;
        }
        out.writeByte(rest);
    }

    /// What one host's node_exporter exposes, as Prometheus sends it: 603 series, of which 132 make
    /// our metrics.
    static List<Series> nodeExporter(int host) {
        String instance = "node-%05d.example.net:9100".formatted(host);
        List<Series> all = new ArrayList<>();
        for (int cpu = 0; cpu < 8; cpu++) {
            for (String mode :
                    new String[] {
                        "idle", "iowait", "irq", "nice", "softirq", "steal", "system", "user"
                    }) {
                double share = mode.equals("idle") ? 0.6 : 0.4 / 7;
                add(
                        all,
                        instance,
                        "node_cpu_seconds_total",
                        1e6,
                        60 * share,
                        "cpu",
                        Integer.toString(cpu),
                        "mode",
                        mode);
            }
        }
        for (int i = 0; i < 8; i++) {
            for (String name :
                    new String[] {
                        "discard_time_seconds",
                        "discarded_sectors",
                        "discards_completed",
                        "io_time_seconds",
                        "read_bytes",
                        "read_time_seconds",
                        "reads_completed",
                        "reads_merged",
                        "write_time_seconds",
                        "writes_completed",
                        "written_bytes"
                    }) {
                add(
                        all,
                        instance,
                        "node_disk_%s_total".formatted(name),
                        1e9,
                        512 * i,
                        "device",
                        i < 2 ? "nvme%dn1".formatted(i) : "dm-" + i);
            }
        }
        for (int i = 0; i < 10; i++) {
            for (String name :
                    new String[] {
                        "receive_bytes",
                        "receive_compressed",
                        "receive_drop",
                        "receive_errs",
                        "receive_fifo",
                        "receive_frame",
                        "receive_multicast",
                        "receive_packets",
                        "transmit_bytes",
                        "transmit_carrier",
                        "transmit_colls",
                        "transmit_compressed",
                        "transmit_drop",
                        "transmit_errs",
                        "transmit_fifo",
                        "transmit_packets"
                    }) {
                add(
                        all,
                        instance,
                        "node_network_%s_total".formatted(name),
                        1e9,
                        1_500 * i,
                        "device",
                        i < 2 ? "eth" + i : "vnet" + i);
            }
        }
        add(all, instance, "node_memory_MemTotal_bytes", 256e9, 0);
        add(all, instance, "node_memory_MemAvailable_bytes", 128e9, 1_024);
        add(all, instance, "node_load1", 3, 0.01);
        for (String name :
                new String[] {"pgmajfault", "pswpin", "pswpout", "pgfault", "oom_kill"}) {
            add(all, instance, "node_vmstat_" + name, 1e6, 3);
        }
        for (String name :
                new String[] {"cpu_waiting", "io_stalled", "io_waiting", "memory_waiting"}) {
            add(all, instance, "node_pressure_%s_seconds_total".formatted(name), 1e4, 0.3);
        }
        for (int i = 0; i < 10; i++) {
            for (String name :
                    new String[] {
                        "avail_bytes", "files", "files_free", "free_bytes", "readonly", "size_bytes"
                    }) {
                add(
                        all,
                        instance,
                        "node_filesystem_" + name,
                        1e11,
                        -1e4,
                        "device",
                        "/dev/mapper/vg-lv" + i,
                        "fstype",
                        "ext4",
                        "mountpoint",
                        "/srv/data/" + i);
            }
        }
        for (int i = 0; i < 200; i++) {
            add(all, instance, "node_other_quantity_%03d_total".formatted(i), i, i);
        }
        return all;
    }

    private static void add(
            List<Series> all,
            String instance,
            String name,
            double start,
            double step,
            String... labels) {
        var sorted = new java.util.TreeMap<String, String>();
        for (int i = 0; i < labels.length; i += 2) {
            sorted.put(labels[i], labels[i + 1]);
        }
        sorted.put("instance", instance);
        sorted.put("job", "node");
        List<String> flat = new ArrayList<>(List.of("__name__", name));
        sorted.forEach((key, value) -> {
            flat.add(key);
            flat.add(value);
        });
        all.add(new Series(flat, start, step));
    }
}
