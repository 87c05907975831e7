package io.novacron.wire.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.novacron.wire.Framing;
import io.novacron.wire.Golden;
import io.novacron.wire.WireException;
import io.novacron.wire.sbe.ConnectionKind;
import io.novacron.wire.sbe.EntityKind;
import io.novacron.wire.sbe.EntityState;
import io.novacron.wire.sbe.ErrorCode;
import io.novacron.wire.sbe.LifecycleState;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.agrona.ExpandableArrayBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class MessagesTest {
    private static final UUID ZERO = new UUID(0, 0);

    private final Messages messages = new Messages();
    private final Framing framing = new Framing();

    static Iterable<Map.Entry<String, Message>> examples() {
        return Examples.all().entrySet();
    }

    @ParameterizedTest
    @MethodSource("examples")
    void bytesAreAsTheyEverWere(Map.Entry<String, Message> example) {
        var buffer = new ExpandableArrayBuffer();
        int length = messages.encode(example.getValue(), buffer, 0);
        Golden.assertFrame(example.getKey(), buffer, 0, length);
        framing.checkCrc(buffer, 0, length);
        assertThat(messages.decode(buffer, 0, length)).isEqualTo(example.getValue());
    }

    @Test
    void everyMessageHasAnExample() {
        var types = new HashSet<Class<?>>();
        Examples.all().values().forEach(message -> types.add(message.getClass()));
        assertThat(types).containsExactlyInAnyOrder(Message.class.getPermittedSubclasses());
    }

    @Property(tries = 2_000)
    void everyMessageRoundTrips(
            @ForAll("messages") Message message, @ForAll @IntRange(max = 65) int offset) {
        var expandable = new ExpandableArrayBuffer(128);
        int length = messages.encode(message, expandable, offset);
        assertThat(Framing.checkHeader(expandable, offset, length, Framing.MAX_FRAME_LENGTH))
                .isEqualTo(length);
        assertRoundTrip(message, new UnsafeBuffer(new byte[offset + length]), offset);
        assertRoundTrip(
                message, new UnsafeBuffer(ByteBuffer.allocateDirect(offset + length)), offset);
    }

    @Provide
    Arbitrary<Message> messages() {
        return MessageArbitraries.messages();
    }

    private void assertRoundTrip(Message message, MutableDirectBuffer buffer, int offset) {
        int length = messages.encode(message, buffer, offset);
        assertThat(length).isEqualTo(buffer.capacity() - offset);
        framing.checkCrc(buffer, offset, length);
        assertThat(messages.decode(buffer, offset, length)).isEqualTo(message);
    }

    @Test
    void cutsTextAtACharactersEdge() {
        String text = "x".repeat(Bounds.TEXT - 1) + "é";
        var decoded = (ErrorMessage) reread(new ErrorMessage(ErrorCode.NONE, 0, text));
        assertThat(decoded.text()).isEqualTo("x".repeat(Bounds.TEXT - 1));
    }

    @Test
    void cutsTheLongestTextWithinTheSchemasBound() {
        String text = "€".repeat(30_000);
        var decoded = (PlaceReply) reread(new PlaceReply(1, 2, List.of(), text));
        assertThat(decoded.rejections()).isEqualTo("€".repeat(Bounds.LONG_TEXT / 3));
    }

    @Test
    void refusesNamesThatAreTooLong() {
        assertRefused(ErrorCode.OUT_OF_RANGE, () -> reread(hello("n".repeat(256), 1)));
        assertThat(((Hello) reread(hello("n".repeat(255), 1))).hostName()).hasSize(255);
    }

    @Test
    void refusesWhatTheSchemaCannotCarry() {
        assertRefused(ErrorCode.OUT_OF_RANGE, () -> reread(hello("n", 255)));
        assertRefused(ErrorCode.OUT_OF_RANGE, () -> reread(hello("n", -1)));
        assertRefused(ErrorCode.OUT_OF_RANGE, () -> reread(new ForecastRequest(1, ZERO, 65_535)));
        assertRefused(ErrorCode.OUT_OF_RANGE, () -> reread(inventory(-1)));
        assertRefused(
                ErrorCode.OUT_OF_RANGE,
                () -> reread(new Acknowledgement(ConnectionKind.NULL_VAL, 1, 1)));
        assertRefused(
                ErrorCode.OUT_OF_RANGE,
                () ->
                        reread(
                                new ApproveReply(
                                        1, 1, LifecycleState.SBE_UNKNOWN, ErrorCode.NONE, "")));
        assertRefused(
                ErrorCode.TOO_MANY_ENTITIES,
                () ->
                        reread(
                                new PlaceRequest(
                                        1, 1, 1, 1, Collections.nCopies(65_535, ZERO), List.of())));
    }

    @Test
    void refusesABufferThatIsTooSmall() {
        var buffer = new UnsafeBuffer(new byte[40]);
        assertRefused(
                ErrorCode.FRAME_TOO_LARGE, () -> messages.encode(hello("node", 1), buffer, 3));
    }

    @Test
    void refusesAMessageAboveTheFrameLimit() {
        var labels = Map.of("k", "v".repeat(4_096));
        var entity =
                new EntityDescription(
                        1, EntityKind.VM, EntityState.RUNNING, ZERO, 1, 1, 1, 1, 1, labels, "vm");
        var inventory = new Inventory(1, 1, 1, Collections.nCopies(4_096, entity));
        assertRefused(
                ErrorCode.FRAME_TOO_LARGE,
                () -> messages.encode(inventory, new ExpandableArrayBuffer(), 0));
    }

    @Test
    void keepsTheOrderOfLabels() {
        var inventory = (Inventory) reread(Examples.named("inventory"));
        assertThat(inventory.entities().get(1).labels().keySet()).containsExactly("tier", "équipe");
    }

    @Test
    void recordsCopyTheirArrays() {
        var signature = new byte[] {1, 2};
        var example = (Action) Examples.named("action");
        var action =
                new Action(
                        1,
                        example.actionType(),
                        ZERO,
                        1,
                        2,
                        3,
                        4,
                        5,
                        ZERO,
                        6,
                        7,
                        ZERO,
                        "",
                        signature);
        signature[0] = 9;
        action.signature()[1] = 9;
        assertThat(action.signature()).containsExactly(1, 2);
    }

    private Message reread(Message message) {
        var buffer = new ExpandableArrayBuffer();
        int length = messages.encode(message, buffer, 5);
        return messages.decode(buffer, 5, length);
    }

    private static Hello hello(String hostName, int protocolMax) {
        return new Hello(
                ZERO, 1, ConnectionKind.DATA, 1, protocolMax, 0, 0, 0, 0, hostName, "0.1.0");
    }

    private static Inventory inventory(int entityId) {
        return new Inventory(
                1,
                1,
                1,
                List.of(
                        new EntityDescription(
                                entityId,
                                EntityKind.VM,
                                EntityState.RUNNING,
                                ZERO,
                                1,
                                1,
                                1,
                                1,
                                1,
                                Map.of(),
                                "vm")));
    }

    private static void assertRefused(ErrorCode code, ThrowingCallable call) {
        assertThatExceptionOfType(WireException.class)
                .isThrownBy(call)
                .satisfies(e -> assertThat(e.code()).isEqualTo(code));
    }
}
