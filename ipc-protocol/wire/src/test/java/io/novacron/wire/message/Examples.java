package io.novacron.wire.message;

import io.novacron.wire.sbe.ActionType;
import io.novacron.wire.sbe.ConnectionKind;
import io.novacron.wire.sbe.EntityKind;
import io.novacron.wire.sbe.EntityState;
import io.novacron.wire.sbe.ErrorCode;
import io.novacron.wire.sbe.LifecycleState;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.agrona.ExpandableArrayBuffer;

/// One example of each message, every field with a value of its own.
public final class Examples {
    private static final UUID HOST = UUID.fromString("00112233-4455-6677-8899-aabbccddeeff");
    private static final UUID OTHER = UUID.fromString("8f14e45f-ceea-467f-a0e6-1b2c3d4e5f60");
    private static final UUID VM = UUID.fromString("c9f0f895-fb98-4b91-99f5-1fd0297e236d");

    private Examples() {}

    /// @return examples by the name of their golden file
    public static Map<String, Message> all() {
        Map<String, Message> all = new LinkedHashMap<>();
        all.put(
                "hello",
                new Hello(
                        HOST,
                        3,
                        ConnectionKind.DATA,
                        1,
                        2,
                        0x1F,
                        100,
                        164,
                        1_700_000_000_000L,
                        "node-7.example",
                        "0.1.0"));
        all.put(
                "welcome",
                new Welcome(77, 1, 120, 110, 1_700_000_000_001L, 10_000, 5_000, 1 << 20, "0.1.1"));
        all.put(
                "heartbeat",
                new Heartbeat(
                        1_700_000_000_002L,
                        1_700_000_000_003L,
                        4_000_000,
                        5_000_000,
                        39_000_000,
                        6_000,
                        7,
                        8_000_000));
        all.put(
                "error",
                new ErrorMessage(ErrorCode.UNKNOWN_AGENT, 9, "agentId is not registered ✗"));
        all.put("inventory", inventory());
        all.put("acknowledgement", new Acknowledgement(ConnectionKind.CONTROL, 130, 128));
        all.put(
                "action",
                new Action(
                        5,
                        ActionType.PIN_VCPUS,
                        VM,
                        1_700_000_000_004L,
                        1_700_000_060_004L,
                        30_000,
                        2,
                        2L << 30,
                        HOST,
                        4,
                        4L << 30,
                        OTHER,
                        "qemu+tls://node-8.example/system",
                        new byte[] {1, -2, 3, -4},
                        "0-1;0-1",
                        "2;3"));
        all.put(
                "outcome",
                new Outcome(
                        12,
                        5,
                        LifecycleState.KEPT,
                        ErrorCode.NONE,
                        1_700_000_000_005L,
                        1_700_000_000_006L,
                        4,
                        4L << 30,
                        OTHER,
                        "vcpus=4 read back"));
        all.put("place-request", new PlaceRequest(1, 4, 8L << 30, 3, List.of(VM), List.of(OTHER)));
        all.put(
                "place-reply",
                new PlaceReply(
                        1,
                        42,
                        List.of(
                                new PlaceReply.Host(HOST, 0.75f, 0.9f, "node-7", "most head-room"),
                                new PlaceReply.Host(OTHER, 0.5f, 0.8f, "node-8", "")),
                        "3 hosts full"));
        all.put("forecast-request", new ForecastRequest(2, VM, 1));
        all.put(
                "forecast-reply",
                new ForecastReply(
                        2,
                        42,
                        1_700_000_000_007L,
                        0.83f,
                        List.of(
                                new ForecastReply.Point(
                                        900, new float[] {1, 2, 3, 4, 5, 6, 7, 8, 9}),
                                new ForecastReply.Point(
                                        3_600,
                                        new float[] {-1, 0, 0.5f, 4, 5, 6, 7, 8, Float.NaN})),
                        "holt-winters"));
        all.put("recommendations-request", new RecommendationsRequest(3, 10));
        all.put(
                "recommendations-reply",
                new RecommendationsReply(
                        3,
                        List.of(
                                new RecommendationsReply.Recommendation(
                                        5,
                                        ActionType.SET_VCPUS,
                                        LifecycleState.PROPOSED,
                                        VM,
                                        0.91f,
                                        1_700_000_000_008L,
                                        "2 → 4 vCPUs"))));
        all.put("approve-request", new ApproveRequest(4, 5, true, "ops@example", "go"));
        all.put(
                "approve-reply",
                new ApproveReply(4, 5, LifecycleState.APPROVED, ErrorCode.NONE, "approved"));
        return all;
    }

    /// @return the example with this golden file
    public static Message named(String name) {
        return Objects.requireNonNull(all().get(name), name);
    }

    /// @return the frame of the example with this golden file
    public static byte[] frame(String name) {
        var buffer = new ExpandableArrayBuffer();
        int length = new Messages().encode(named(name), buffer, 0);
        return Arrays.copyOf(buffer.byteArray(), length);
    }

    private static Inventory inventory() {
        Map<String, String> labels = new LinkedHashMap<>();
        labels.put("tier", "web");
        labels.put("équipe", "");
        return new Inventory(
                14,
                2,
                1_700_000_000_009L,
                List.of(
                        new EntityDescription(
                                0,
                                EntityKind.HOST,
                                EntityState.RUNNING,
                                HOST,
                                16,
                                16,
                                64L << 30,
                                64L << 30,
                                1L << 40,
                                Map.of(),
                                "node-7"),
                        new EntityDescription(
                                17,
                                EntityKind.VM,
                                EntityState.PAUSED,
                                VM,
                                2,
                                8,
                                2L << 30,
                                8L << 30,
                                20L << 30,
                                labels,
                                "web-1")));
    }
}
