package io.novacron.wire.message;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.novacron.wire.Framing;
import io.novacron.wire.WireException;
import io.novacron.wire.sbe.ErrorCode;
import io.novacron.wire.sbe.MessageHeaderDecoder;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Map;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// A later version only adds: longer blocks, and more at the end. An old reader skips it.
class SchemaEvolutionTest {
    private static final int SBE = Framing.HEADER_LENGTH;
    private static final int OURS = MessageHeaderDecoder.SCHEMA_VERSION;
    private static final int LATER = OURS + 1;
    private static final int BODY = SBE + MessageHeaderDecoder.ENCODED_LENGTH;

    private final Messages messages = new Messages();

    static Iterable<Map.Entry<String, Message>> examples() {
        return Examples.all().entrySet();
    }

    @ParameterizedTest
    @MethodSource("examples")
    void skipsALongerBlockAndMoreAtTheEndOfALaterVersion(Map.Entry<String, Message> example) {
        byte[] later = grown(Examples.frame(example.getKey()), LATER, 24, 33);
        assertThat(messages.decode(new UnsafeBuffer(later), 0, later.length))
                .isEqualTo(example.getValue());
    }

    @ParameterizedTest
    @MethodSource("examples")
    void refusesMoreThanItsOwnVersionHas(Map.Entry<String, Message> example) {
        assertRefused(grown(Examples.frame(example.getKey()), OURS, 8, 0));
        assertRefused(grown(Examples.frame(example.getKey()), OURS, 0, 1));
    }

    @ParameterizedTest
    @MethodSource("examples")
    void refusesAShorterBlockAndEveryTruncation(Map.Entry<String, Message> example) {
        byte[] frame = Examples.frame(example.getKey());
        for (int length = 0; length < frame.length; length++) {
            assertRefused(Arrays.copyOf(frame, length));
        }
        for (int version = OURS; version <= LATER; version++) {
            byte[] shorter = grown(frame, version, 0, 0);
            var buffer = new UnsafeBuffer(shorter);
            int blockLength = buffer.getShort(SBE, LITTLE_ENDIAN);
            buffer.putShort(SBE, (short) (blockLength - 1), LITTLE_ENDIAN);
            assertRefused(shorter);
        }
    }

    @Test
    void skipsLongerGroupEntriesOfALaterVersion() {
        byte[] frame = Examples.frame("place-request");
        int group = BODY + new UnsafeBuffer(frame).getShort(SBE, LITTLE_ENDIAN);
        var later = new ByteArrayOutputStream();
        later.write(frame, 0, group);
        later.writeBytes(new byte[] {18, 0, 1, 0}); // affinity entries of 18 bytes, not 16
        later.write(frame, group + 4, 16);
        later.writeBytes(new byte[] {-1, -1});
        later.write(frame, group + 20, frame.length - group - 20);
        byte[] bytes = later.toByteArray();
        new UnsafeBuffer(bytes).putShort(SBE + 6, (short) LATER, LITTLE_ENDIAN);
        assertThat(messages.decode(new UnsafeBuffer(bytes), 0, bytes.length))
                .isEqualTo(Examples.named("place-request"));
    }

    @Test
    void readsAnActionOfVersionOneWithoutSettings() {
        var action = (Action) Examples.named("action");
        byte[] ours = Examples.frame("action");
        int settings = 4 + action.expectedSetting().length() + action.targetSetting().length();
        byte[] first = grown(Arrays.copyOf(ours, ours.length - settings), 1, 0, 0);
        var read = (Action) messages.decode(new UnsafeBuffer(first), 0, first.length);
        assertThat(read.expectedSetting()).isEmpty();
        assertThat(read.targetSetting()).isEmpty();
        assertThat(read.targetUri()).isEqualTo(action.targetUri());
        assertThat(read.signature()).isEqualTo(action.signature());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 5, 22, 99, 65_535})
    void namesAnUnknownTemplate(int templateId) {
        byte[] frame = Examples.frame("heartbeat");
        var buffer = new UnsafeBuffer(frame);
        buffer.putShort(SBE + 2, (short) templateId, LITTLE_ENDIAN);
        assertThatExceptionOfType(WireException.class)
                .isThrownBy(() -> messages.decode(buffer, 0, frame.length))
                .withMessageContaining("templateId=" + templateId)
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.UNKNOWN_TEMPLATE));
    }

    @Test
    void refusesAnotherSchemaAndVersionZero() {
        byte[] frame = Examples.frame("heartbeat");
        new UnsafeBuffer(frame).putShort(SBE + 4, (short) 1, LITTLE_ENDIAN);
        assertRefused(frame);
        frame = Examples.frame("heartbeat");
        new UnsafeBuffer(frame).putShort(SBE + 6, (short) 0, LITTLE_ENDIAN);
        assertRefused(frame);
    }

    @ParameterizedTest
    @ValueSource(ints = {12, 200, 255})
    void refusesEnumValuesOfALaterVersion(int value) {
        byte[] frame = grown(Examples.frame("outcome"), LATER, 0, 0);
        frame[BODY + 16] = (byte) value; // state
        assertRefused(frame);
    }

    @Test
    void refusesAnApprovalThatIsNeitherYesNorNo() {
        byte[] frame = Examples.frame("approve-request");
        frame[BODY + 16] = 2;
        assertRefused(frame);
    }

    @Test
    void refusesALabelGivenTwice() {
        byte[] frame = Examples.frame("inventory");
        String text = new String(frame, ISO_8859_1);
        int second = text.indexOf("Ã©quipe"); // 7 bytes; becomes "tier" by the lengths before it
        byte[] same =
                text.replace("\u0007\0Ã©quipe\0\0", "\u0004\0tier\3\0abc").getBytes(ISO_8859_1);
        assertThat(second).isPositive();
        assertThat(same).hasSize(frame.length);
        assertThatExceptionOfType(WireException.class)
                .isThrownBy(() -> messages.decode(new UnsafeBuffer(same), 0, same.length))
                .withMessageContaining("label key=tier must be unique");
    }

    /// The frame as another schema version would send it, with `more` bytes at the end of its block
    /// and `trailing` bytes at the end of the message. Its CRC is left wrong: that is checked
    /// before.
    private static byte[] grown(byte[] frame, int version, int more, int trailing) {
        int blockLength = new UnsafeBuffer(frame).getShort(SBE, LITTLE_ENDIAN);
        int block = BODY + blockLength;
        var later = new byte[frame.length + more + trailing];
        Arrays.fill(later, (byte) 0xEE);
        System.arraycopy(frame, 0, later, 0, block);
        System.arraycopy(frame, block, later, block + more, frame.length - block);
        var buffer = new UnsafeBuffer(later);
        buffer.putShort(SBE, (short) (blockLength + more), LITTLE_ENDIAN);
        buffer.putShort(SBE + 6, (short) version, LITTLE_ENDIAN);
        return later;
    }

    private void assertRefused(byte[] frame) {
        assertThatExceptionOfType(WireException.class)
                .isThrownBy(() -> messages.decode(new UnsafeBuffer(frame), 0, frame.length));
    }
}
