package io.novacron.wire.message;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.novacron.wire.sbe.ActionType;
import io.novacron.wire.sbe.ConnectionKind;
import io.novacron.wire.sbe.EntityKind;
import io.novacron.wire.sbe.EntityState;
import io.novacron.wire.sbe.ErrorCode;
import io.novacron.wire.sbe.LifecycleState;
import java.util.List;
import java.util.UUID;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/// Any message within its bounds. Each record's fields are drawn from one list of raw values.
final class MessageArbitraries {
    private MessageArbitraries() {}

    static Arbitrary<Message> messages() {
        return Arbitraries.oneOf(
                sources().map(MessageArbitraries::hello),
                sources()
                        .map(s ->
                                new Welcome(
                                        s.l(), s.u8(), s.l(), s.l(), s.l(), s.i(), s.i(), s.i(),
                                        s.who())),
                sources()
                        .map(s ->
                                new Heartbeat(
                                        s.l(), s.l(), s.l(), s.l(), s.l(), s.l(), s.l(), s.l())),
                sources().map(s -> new ErrorMessage(s.of(ErrorCode.class), s.l(), s.text())),
                Combinators.combine(sources(), entities().list().ofMaxSize(6))
                        .as((s, entities) -> new Inventory(s.l(), s.l(), s.l(), entities)),
                sources().map(s -> new Acknowledgement(s.of(ConnectionKind.class), s.l(), s.l())),
                sources()
                        .map(s ->
                                new Action(
                                        s.l(),
                                        s.of(ActionType.class),
                                        s.uuid(),
                                        s.l(),
                                        s.l(),
                                        s.i(),
                                        s.i(),
                                        s.l(),
                                        s.uuid(),
                                        s.i(),
                                        s.l(),
                                        s.uuid(),
                                        s.text(),
                                        s.bytes(),
                                        s.text(),
                                        s.text())),
                sources()
                        .map(s ->
                                new Outcome(
                                        s.l(),
                                        s.l(),
                                        s.of(LifecycleState.class),
                                        s.of(ErrorCode.class),
                                        s.l(),
                                        s.l(),
                                        s.i(),
                                        s.l(),
                                        s.uuid(),
                                        s.text())),
                sources()
                        .map(s ->
                                new PlaceRequest(s.l(), s.i(), s.l(), s.i(), s.uuids(), s.uuids())),
                Combinators.combine(
                                sources(),
                                sources()
                                        .map(s ->
                                                new PlaceReply.Host(
                                                        s.uuid(), s.f(), s.f(), s.name(), s.text()))
                                        .list()
                                        .ofMaxSize(5))
                        .as((s, hosts) -> new PlaceReply(s.l(), s.l(), hosts, s.text())),
                sources().map(s -> new ForecastRequest(s.l(), s.uuid(), s.u8() * 257 % 65_535)),
                Combinators.combine(
                                sources(),
                                sources().map(MessageArbitraries::point).list().ofMaxSize(5))
                        .as((s, points) ->
                                new ForecastReply(s.l(), s.l(), s.l(), s.f(), points, s.name())),
                sources().map(s -> new RecommendationsRequest(s.l(), s.i())),
                Combinators.combine(
                                sources(),
                                sources()
                                        .map(MessageArbitraries::recommendation)
                                        .list()
                                        .ofMaxSize(5))
                        .as((s, rows) -> new RecommendationsReply(s.l(), rows)),
                sources().map(s -> new ApproveRequest(s.l(), s.l(), s.i() > 0, s.who(), s.text())),
                sources()
                        .map(s ->
                                new ApproveReply(
                                        s.l(),
                                        s.l(),
                                        s.of(LifecycleState.class),
                                        s.of(ErrorCode.class),
                                        s.text())));
    }

    private static Message hello(Source s) {
        return new Hello(
                s.uuid(),
                s.l(),
                s.of(ConnectionKind.class),
                s.u8(),
                s.u8(),
                s.l(),
                s.l(),
                s.l(),
                s.l(),
                s.name(),
                s.who());
    }

    private static ForecastReply.Point point(Source s) {
        var quantiles = new float[ForecastReply.QUANTILES];
        for (int i = 0; i < quantiles.length; i++) {
            quantiles[i] = s.f();
        }
        return new ForecastReply.Point(s.i(), quantiles);
    }

    private static RecommendationsReply.Recommendation recommendation(Source s) {
        return new RecommendationsReply.Recommendation(
                s.l(),
                s.of(ActionType.class),
                s.of(LifecycleState.class),
                s.uuid(),
                s.f(),
                s.l(),
                s.text());
    }

    private static Arbitrary<EntityDescription> entities() {
        var labels = Arbitraries.maps(strings(60), strings(90)).ofMaxSize(4);
        return Combinators.combine(sources(), labels)
                .as((s, map) ->
                        new EntityDescription(
                                s.i() & Integer.MAX_VALUE,
                                s.of(EntityKind.class),
                                s.of(EntityState.class),
                                s.uuid(),
                                s.i(),
                                s.i(),
                                s.l(),
                                s.l(),
                                s.l(),
                                map,
                                s.name()));
    }

    private static Arbitrary<Source> sources() {
        return Combinators.combine(
                        Arbitraries.longs().list().ofSize(24), strings(32).list().ofSize(3))
                .as(Source::new);
    }

    /// No lone surrogates: UTF-8 has no bytes for them, and Java writes `?` instead.
    private static Arbitrary<String> strings(int maxLength) {
        return Arbitraries.oneOf(
                Arbitraries.strings().withCharRange('\0', '\uD7FF').ofMaxLength(maxLength),
                Arbitraries.strings().ascii().ofMaxLength(maxLength),
                Arbitraries.just("𝒱ℳ-😀"));
    }

    /// A stream of raw values that fields take in turn; wraps round when it is used up.
    private static final class Source {
        private final List<Long> longs;
        private final List<String> strings;
        private int nextLong;
        private int nextString;

        Source(List<Long> longs, List<String> strings) {
            this.longs = longs;
            this.strings = strings;
        }

        long l() {
            return longs.get(nextLong++ % longs.size());
        }

        int i() {
            return (int) l();
        }

        int u8() {
            return (int) Math.floorMod(l(), 255L);
        }

        float f() {
            return Float.intBitsToFloat(i());
        }

        UUID uuid() {
            return new UUID(l(), l());
        }

        List<UUID> uuids() {
            return u8() % 2 == 0 ? List.of() : List.of(uuid(), uuid());
        }

        byte[] bytes() {
            return text().getBytes(UTF_8);
        }

        String text() {
            return strings.get(nextString++ % strings.size());
        }

        String name() {
            return text();
        }

        String who() {
            return text();
        }

        <E extends Enum<E>> E of(Class<E> type) {
            E[] values = type.getEnumConstants();
            return values[(int) Math.floorMod(l(), values.length - 2L)];
        }
    }
}
