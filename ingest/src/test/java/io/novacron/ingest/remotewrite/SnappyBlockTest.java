package io.novacron.ingest.remotewrite;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Blocks written by hand from google/snappy's `format_description.txt`.
class SnappyBlockTest {
    private static final int LIMIT = 1 << 20;

    @ParameterizedTest
    @CsvSource({
        "00, ''", // nothing
        "03 08 616263, abc", // a literal
        "0a 04 6162 1102, ababababab", // a copy with one byte of offset, which overlaps itself
        "0a 04 6162 1e0200, ababababab", // the same with two bytes
        "0a 04 6162 1f02000000, ababababab", // and with four
        "05 f0 04 6162636465, abcde", // a literal whose length is in a byte of its own
        "05 f4 0400 6162636465, abcde", // in two
    })
    void decodesEveryElement(String hex, String text) {
        assertThat(new String(decode(bytes(hex)), US_ASCII)).isEqualTo(text);
    }

    @Test
    void copiesByEightStayRightWhereTheyDoNotOverlap() {
        // 16 bytes, then 20 bytes from 10 bytes back: the copy reads what it has just written.
        byte[] out = decode(bytes("24 3c 30313233343536373839616263646566 4e0a00"));
        assertThat(new String(out, US_ASCII))
                .isEqualTo("0123456789abcdef" + "6789abcdef6789abcdef");
    }

    @ParameterizedTest
    @CsvSource({
        "'', does not begin with a length",
        "ffffffffff, does not begin with a length",
        "ff ff ff ff 07, claims 2147483647 bytes",
        "ff ff ff ff 0f, claims 4294967295 bytes",
        "05 08 616263, makes 3 bytes",
        "03 08 6162, ends in the middle",
        "03 fc 61, ends in the middle",
        "03 fc ffffffff 61, ends in the middle",
        "02 08 616263, makes more than the 2 bytes",
        "06 04 6162 0903, goes back 3 bytes",
        "06 04 6162 0900, goes back 0 bytes",
        "06 04 6162 0e, ends in the middle",
        "06 04 6162 0fffffffff, goes back 4294967295 bytes",
    })
    void refusesWhatIsNoBlock(String hex, String problem) {
        assertThatThrownBy(() -> decode(bytes(hex)))
                .isInstanceOf(RemoteWriteException.class)
                .hasMessageContaining(problem)
                .hasMessageContaining("Maybe");
    }

    @Test
    void damageIsRefusedOrStaysInsideTheBlock() {
        byte[] good = WriteRequests.block("0123456789".repeat(20).getBytes(US_ASCII));
        var random = new Random(7);
        for (int round = 0; round < 20_000; round++) {
            byte[] damaged = Arrays.copyOf(good, 1 + random.nextInt(good.length));
            for (int i = 0; i < 3; i++) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
            }
            try {
                int size = SnappyBlock.decodedLength(damaged, damaged.length, LIMIT);
                byte[] out = new byte[size + SnappyBlock.SLACK + 1];
                out[out.length - 1] = 77;
                SnappyBlock.decode(damaged, damaged.length, out, size);
                assertThat(out[out.length - 1]).isEqualTo((byte) 77);
            } catch (RemoteWriteException e) {
                assertThat(e).hasMessageContaining("snappy");
            }
        }
    }

    private static byte[] decode(byte[] block) {
        int size = SnappyBlock.decodedLength(block, block.length, LIMIT);
        byte[] out = new byte[size + SnappyBlock.SLACK];
        SnappyBlock.decode(block, block.length, out, size);
        return Arrays.copyOf(out, size);
    }

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }
}
