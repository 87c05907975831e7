package io.novacron.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.novacron.wire.sbe.ErrorCode;
import java.nio.ByteBuffer;
import java.util.Random;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FramingTest {
    private static final int OFFSET = 7;

    private final Framing framing = new Framing();

    @ParameterizedTest
    @ValueSource(ints = {8, 9, 100, 8_191, 8_192, 8_193, 20_000})
    void checksumIsTheSameOnAndOffHeap(int messageLength) {
        var onHeap = frame(new UnsafeBuffer(new byte[OFFSET + 20_020]), messageLength);
        var offHeap =
                frame(new UnsafeBuffer(ByteBuffer.allocateDirect(OFFSET + 20_020)), messageLength);

        int length = messageLength + Framing.HEADER_LENGTH;
        for (int i = 0; i < length; i++) {
            assertThat(offHeap.getByte(OFFSET + i)).isEqualTo(onHeap.getByte(OFFSET + i));
        }
        framing.checkCrc(onHeap, OFFSET, length);
        framing.checkCrc(offHeap, OFFSET, length);
    }

    @Test
    void needsMoreBytesUntilTheFrameIsWhole() {
        var buffer = frame(new UnsafeBuffer(new byte[64]), 40);
        for (int available = 0; available < 52; available++) {
            assertThat(Framing.checkHeader(buffer, OFFSET, available, 1_024)).isEqualTo(-1);
        }
        assertThat(Framing.checkHeader(buffer, OFFSET, 52, 1_024)).isEqualTo(52);
        assertThat(Framing.checkHeader(buffer, OFFSET, 57, 1_024)).isEqualTo(52);
        assertThat(Framing.length(buffer, OFFSET)).isEqualTo(52);
    }

    @Test
    void findsEveryFlippedBit() {
        var buffer = frame(new UnsafeBuffer(new byte[64]), 30);
        for (int bit = 0; bit < 42 * 8; bit++) {
            int index = OFFSET + bit / 8;
            buffer.putByte(index, (byte) (buffer.getByte(index) ^ 1 << bit % 8));
            assertThatExceptionOfType(WireException.class)
                    .as("bit %d", bit)
                    .isThrownBy(() -> framing.checkCrc(buffer, OFFSET, 42));
            buffer.putByte(index, (byte) (buffer.getByte(index) ^ 1 << bit % 8));
        }
        framing.checkCrc(buffer, OFFSET, 42);
    }

    @Test
    void refusesAStrangerByItsFirstEightBytes() {
        var buffer = new UnsafeBuffer("GET / HTTP/1.1\r\n".getBytes());
        assertRefused(ErrorCode.BAD_MAGIC, () -> Framing.checkHeader(buffer, 0, 8, 1_024));
    }

    @Test
    void refusesAnotherVersionAndUnknownFlags() {
        var buffer = frame(new UnsafeBuffer(new byte[64]), 30);
        buffer.putByte(OFFSET + 6, (byte) 2);
        assertRefused(
                ErrorCode.UNSUPPORTED_VERSION,
                () -> Framing.checkHeader(buffer, OFFSET, 42, 1_024));
        buffer.putByte(OFFSET + 6, (byte) 1);
        buffer.putByte(OFFSET + 7, (byte) 1);
        assertRefused(
                ErrorCode.UNSUPPORTED_VERSION,
                () -> Framing.checkHeader(buffer, OFFSET, 42, 1_024));
    }

    @ParameterizedTest
    @ValueSource(ints = {Integer.MIN_VALUE, -1, 0, 12, 19})
    void refusesLengthsTooSmallForAMessage(int length) {
        var buffer = frame(new UnsafeBuffer(new byte[64]), 30);
        buffer.putInt(OFFSET, length);
        assertRefused(
                ErrorCode.FRAME_TRUNCATED, () -> Framing.checkHeader(buffer, OFFSET, 42, 1_024));
        assertRefused(ErrorCode.FRAME_TRUNCATED, () -> framing.checkCrc(buffer, OFFSET, length));
    }

    @ParameterizedTest
    @ValueSource(ints = {1_025, Framing.MAX_FRAME_LENGTH + 1, 2_000_000_000, Integer.MAX_VALUE})
    void refusesLengthsAboveTheLimit(int length) {
        var buffer = frame(new UnsafeBuffer(new byte[64]), 30);
        buffer.putInt(OFFSET, length);
        assertRefused(
                ErrorCode.FRAME_TOO_LARGE, () -> Framing.checkHeader(buffer, OFFSET, 8, 1_024));
    }

    @Test
    void capsTheReceiversLimit() {
        var buffer = frame(new UnsafeBuffer(new byte[64]), 30);
        buffer.putInt(OFFSET, Framing.MAX_FRAME_LENGTH + 1);
        assertRefused(
                ErrorCode.FRAME_TOO_LARGE,
                () -> Framing.checkHeader(buffer, OFFSET, 8, Integer.MAX_VALUE));
    }

    @Test
    void refusesToFinishWhatNoReceiverTakes() {
        var buffer = new UnsafeBuffer(new byte[64]);
        assertRefused(
                ErrorCode.FRAME_TOO_LARGE,
                () -> framing.finish(buffer, 0, Framing.MAX_FRAME_LENGTH));
        assertRefused(ErrorCode.FRAME_TOO_LARGE, () -> framing.finish(buffer, 0, 7));
    }

    @Test
    void errorsCarryNoStackTrace() {
        assertThat(new WireException(ErrorCode.BAD_CRC, "text").getStackTrace()).isEmpty();
    }

    private MutableDirectBuffer frame(MutableDirectBuffer buffer, int messageLength) {
        var bytes = new byte[messageLength];
        new Random(1).nextBytes(bytes);
        buffer.putBytes(OFFSET + Framing.HEADER_LENGTH, bytes);
        assertThat(framing.finish(buffer, OFFSET, messageLength))
                .isEqualTo(Framing.HEADER_LENGTH + messageLength);
        return buffer;
    }

    private static void assertRefused(ErrorCode code, ThrowingCallable call) {
        assertThatExceptionOfType(WireException.class)
                .isThrownBy(call)
                .satisfies(e -> assertThat(e.code()).isEqualTo(code));
    }
}
