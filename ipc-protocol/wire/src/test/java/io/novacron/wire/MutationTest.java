package io.novacron.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.novacron.wire.message.Message;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Feeds two hundred thousand damaged and random frames to every decoder. [WireFuzzTest] looks for
/// worse with coverage guidance, for as long as one likes.
class MutationTest {
    private static final long SEED = 20_261_121;
    private static final int INPUTS = 200_000;

    private final Random random = new Random(SEED);
    private final List<byte[]> seeds = new ArrayList<>(Seeds.frames().values());
    private final FrameReading reading = new FrameReading();

    @Test
    void noBytesMakeADecoderReadOutsideItsFrameOrThrowAnythingElse() {
        Map<String, Integer> outcomes = new HashMap<>();
        for (int i = 0; i < INPUTS; i++) {
            byte[] frame = next();
            try {
                for (Object outcome : reading.read(frame)) {
                    String kind = outcome instanceof Message ? "message" : outcome.toString();
                    outcomes.merge(kind.split(" ", 2)[0], 1, Integer::sum);
                }
            } catch (RuntimeException e) {
                fail(
                        "input %d of seed %d: %s"
                                .formatted(i, SEED, HexFormat.of().formatHex(frame)),
                        e);
            }
        }
        assertThat(outcomes)
                .as("the inputs reach the depth of the decoders")
                .containsKeys(
                        "batch",
                        "message",
                        "frame",
                        "BAD_MAGIC",
                        "UNSUPPORTED_VERSION",
                        "FRAME_TOO_LARGE",
                        "FRAME_TRUNCATED",
                        "BAD_CRC",
                        "BAD_MESSAGE",
                        "UNKNOWN_TEMPLATE",
                        "UNKNOWN_CODEC",
                        "TOO_MANY_ENTITIES");
    }

    private byte[] next() {
        if (random.nextInt(50) == 0) {
            var noise = new byte[random.nextInt(200)];
            random.nextBytes(noise);
            return noise;
        }
        byte[] frame = seeds.get(random.nextInt(seeds.size())).clone();
        for (int change = random.nextInt(4); change >= 0; change--) {
            frame = changed(frame);
        }
        return frame;
    }

    private byte[] changed(byte[] frame) {
        if (frame.length == 0) {
            return frame;
        }
        int at = random.nextInt(4) == 0 ? random.nextInt(frame.length) : bodyIndex(frame.length);
        switch (random.nextInt(7)) {
            case 0 -> frame[at] ^= (byte) (1 << random.nextInt(8));
            case 1 -> frame[at] = (byte) random.nextInt();
            case 2 -> frame[at] = (byte) (random.nextBoolean() ? 0 : 0xFF);
            case 3 -> frame[at] += (byte) (random.nextBoolean() ? 1 : -1);
            case 4 -> {
                return Arrays.copyOf(frame, at); // cut
            }
            case 5 -> {
                return Arrays.copyOf(frame, frame.length + random.nextInt(40)); // longer, by zeros
            }
            default -> {
                int to = random.nextInt(frame.length);
                int length = random.nextInt(1 + frame.length - Math.max(at, to));
                System.arraycopy(frame, at, frame, to, length); // a piece moved
            }
        }
        return frame;
    }

    /// Lengths and counts come first in each part: damage does most there.
    private int bodyIndex(int length) {
        return Math.min(length - 1, Framing.HEADER_LENGTH + random.nextInt(80));
    }
}
