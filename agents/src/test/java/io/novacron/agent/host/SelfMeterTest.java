package io.novacron.agent.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SelfMeterTest {
    @TempDir private Path proc = Path.of("");

    @Test
    void readsCpuAndMemoryInTheKernelsUnits() throws IOException {
        Files.createDirectories(proc.resolve("self"));
        Files.writeString(
                proc.resolve("self/stat"),
                "42 (java (x) y) S 1 42 42 0 -1 4194560 9 0 0 0 150 50 0 0 20 0 12 0 100 1 1\n");
        Files.writeString(proc.resolve("self/statm"), "5000 1000 300 1 0 700 0\n");
        var auxv = ByteBuffer.allocate(48).order(ByteOrder.nativeOrder());
        auxv.putLong(6).putLong(16_384).putLong(17).putLong(250).putLong(0).putLong(0);
        Files.write(proc.resolve("self/auxv"), auxv.array());

        try (var meter = new SelfMeter(proc)) {
            assertThat(meter.cpuNs()).isEqualTo(200 * 4_000_000L);
            assertThat(meter.rssBytes()).isEqualTo(1000 * 16_384L);
        }
    }

    @Test
    void saysWhenItCannotTell() {
        try (var meter = new SelfMeter(proc)) {
            assertThat(meter.cpuNs()).isEqualTo(-1);
            assertThat(meter.rssBytes()).isEqualTo(-1);
        }
    }
}
