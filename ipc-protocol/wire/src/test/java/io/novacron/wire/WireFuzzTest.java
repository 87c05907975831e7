package io.novacron.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Replays the kept inputs as an ordinary test. To look for new ones, coverage-guided:
/// `JAZZER_FUZZ=1 mvn -pl ipc-protocol/wire test -Dtest=WireFuzzTest#decodersStayInsideTheirFrame`;
/// what it finds it keeps beside the others, where it stays as a regression test.
class WireFuzzTest {
    private static final Path INPUTS =
            Path.of(
                    "src/test/resources/io/novacron/wire/WireFuzzTestInputs",
                    "decodersStayInsideTheirFrame");

    private final FrameReading reading = new FrameReading();

    @FuzzTest(maxDuration = "5m")
    void decodersStayInsideTheirFrame(byte[] frame) {
        reading.read(frame);
    }

    @Test
    void theKeptInputsHaveAGoodFrameOfEveryKind() throws IOException {
        for (Map.Entry<String, byte[]> seed : Seeds.frames().entrySet()) {
            Path file = INPUTS.resolve(seed.getKey());
            if (Boolean.getBoolean("regenerate")) {
                Files.createDirectories(INPUTS);
                Files.write(file, seed.getValue());
            }
            assertThat(file).hasBinaryContent(seed.getValue());
        }
    }
}
