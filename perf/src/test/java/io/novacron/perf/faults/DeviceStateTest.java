package io.novacron.perf.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeviceStateTest {
    private static final int PAGE = 4_096;
    private static final int PAGES = 64;

    @TempDir private Path folder;

    @Test
    void onlyWhatWasWrittenSinceIsLostOrTorn() throws Exception {
        Path file = folder.resolve("file");
        var bytes = new byte[PAGES * PAGE];
        Arrays.fill(bytes, (byte) 1);
        Files.write(file, bytes);
        var state = DeviceState.of(folder);
        Arrays.fill(bytes, PAGES / 2 * PAGE, bytes.length, (byte) 2);
        Files.write(file, bytes);

        long lost = state.losePower(new SplittableRandom(7));

        byte[] left = Files.readAllBytes(file);
        assertThat(left).hasSameSizeAs(bytes);
        assertThat(Arrays.copyOf(left, PAGES / 2 * PAGE)).containsOnly(1);
        long changed = 0;
        for (int page = PAGES / 2; page < PAGES; page++) {
            byte[] content = Arrays.copyOfRange(left, page * PAGE, (page + 1) * PAGE);
            assertThat(content).containsAnyOf(1, 2).doesNotContain(0);
            for (byte value : content) {
                if (value == 1) {
                    changed++;
                    break;
                }
            }
        }
        assertThat(changed).isEqualTo(lost).isPositive();
    }
}
