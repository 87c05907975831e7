package io.novacron.wire.message;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.novacron.wire.WireException;
import io.novacron.wire.sbe.AcknowledgementEncoder;
import io.novacron.wire.sbe.ActionEncoder;
import io.novacron.wire.sbe.ApproveReplyEncoder;
import io.novacron.wire.sbe.ApproveRequestEncoder;
import io.novacron.wire.sbe.ErrorCode;
import io.novacron.wire.sbe.ErrorEncoder;
import io.novacron.wire.sbe.ForecastReplyEncoder;
import io.novacron.wire.sbe.ForecastRequestEncoder;
import io.novacron.wire.sbe.HeartbeatEncoder;
import io.novacron.wire.sbe.HelloEncoder;
import io.novacron.wire.sbe.InventoryEncoder;
import io.novacron.wire.sbe.MessageHeaderEncoder;
import io.novacron.wire.sbe.OutcomeEncoder;
import io.novacron.wire.sbe.PlaceReplyEncoder;
import io.novacron.wire.sbe.PlaceRequestEncoder;
import io.novacron.wire.sbe.RecommendationsReplyEncoder;
import io.novacron.wire.sbe.RecommendationsRequestEncoder;
import io.novacron.wire.sbe.UuidEncoder;
import io.novacron.wire.sbe.WelcomeEncoder;
import java.util.Arrays;
import java.util.Collection;
import java.util.UUID;
import org.agrona.MutableDirectBuffer;

/// Writes SBE header and body of one message. What the schema cannot say is checked here, so that
/// no peer has to refuse what this side sent.
final class MessageEncoder {
    private static final int MAX_UINT8 = 254;
    private static final int MAX_UINT16 = 65_534;

    private final MessageHeaderEncoder header = new MessageHeaderEncoder();
    private final HelloEncoder hello = new HelloEncoder();
    private final WelcomeEncoder welcome = new WelcomeEncoder();
    private final HeartbeatEncoder heartbeat = new HeartbeatEncoder();
    private final ErrorEncoder error = new ErrorEncoder();
    private final InventoryEncoder inventory = new InventoryEncoder();
    private final AcknowledgementEncoder acknowledgement = new AcknowledgementEncoder();
    private final ActionEncoder action = new ActionEncoder();
    private final OutcomeEncoder outcome = new OutcomeEncoder();
    private final PlaceRequestEncoder placeRequest = new PlaceRequestEncoder();
    private final PlaceReplyEncoder placeReply = new PlaceReplyEncoder();
    private final ForecastRequestEncoder forecastRequest = new ForecastRequestEncoder();
    private final ForecastReplyEncoder forecastReply = new ForecastReplyEncoder();
    private final RecommendationsRequestEncoder recommendationsRequest =
            new RecommendationsRequestEncoder();
    private final RecommendationsReplyEncoder recommendationsReply =
            new RecommendationsReplyEncoder();
    private final ApproveRequestEncoder approveRequest = new ApproveRequestEncoder();
    private final ApproveReplyEncoder approveReply = new ApproveReplyEncoder();

    /// @return the length of SBE header and body
    int encode(Message message, MutableDirectBuffer buffer, int offset) {
        int limit =
                switch (message) {
                    case Hello it -> encode(it, buffer, offset);
                    case Welcome it -> encode(it, buffer, offset);
                    case Heartbeat it -> encode(it, buffer, offset);
                    case ErrorMessage it -> encode(it, buffer, offset);
                    case Inventory it -> encode(it, buffer, offset);
                    case Acknowledgement it -> encode(it, buffer, offset);
                    case Action it -> encode(it, buffer, offset);
                    case Outcome it -> encode(it, buffer, offset);
                    case PlaceRequest it -> encode(it, buffer, offset);
                    case PlaceReply it -> encode(it, buffer, offset);
                    case ForecastRequest it -> encode(it, buffer, offset);
                    case ForecastReply it -> encode(it, buffer, offset);
                    case RecommendationsRequest it -> encode(it, buffer, offset);
                    case RecommendationsReply it -> encode(it, buffer, offset);
                    case ApproveRequest it -> encode(it, buffer, offset);
                    case ApproveReply it -> encode(it, buffer, offset);
                };
        return limit - offset;
    }

    private int encode(Hello it, MutableDirectBuffer buffer, int offset) {
        hello.wrapAndApplyHeader(buffer, offset, header)
                .spoolEpoch(it.spoolEpoch())
                .connection(known("connection", it.connection()))
                .protocolMin((short) ranged("protocolMin", it.protocolMin(), MAX_UINT8))
                .protocolMax((short) ranged("protocolMax", it.protocolMax(), MAX_UINT8))
                .firstSequence(it.firstSequence())
                .lastSequence(it.lastSequence())
                .clockMs(it.clockMs());
        buffer.putLong(
                hello.offset() + HelloEncoder.capabilitiesEncodingOffset(),
                it.capabilities(),
                HelloEncoder.BYTE_ORDER);
        put(hello.agentId(), it.agentId());
        byte[] name = name("hostName", it.hostName(), Bounds.NAME);
        hello.putHostName(name, 0, name.length);
        byte[] version = name("agentVersion", it.agentVersion(), Bounds.WHO);
        hello.putAgentVersion(version, 0, version.length);
        return hello.limit();
    }

    private int encode(Welcome it, MutableDirectBuffer buffer, int offset) {
        welcome.wrapAndApplyHeader(buffer, offset, header)
                .sessionId(it.sessionId())
                .protocolVersion((short) ranged("protocolVersion", it.protocolVersion(), MAX_UINT8))
                .journaledSequence(it.journaledSequence())
                .syncedSequence(it.syncedSequence())
                .clockMs(it.clockMs())
                .sampleIntervalMs(it.sampleIntervalMs())
                .heartbeatIntervalMs(it.heartbeatIntervalMs())
                .maxFrameLength(it.maxFrameLength());
        byte[] version = name("daemonVersion", it.daemonVersion(), Bounds.WHO);
        welcome.putDaemonVersion(version, 0, version.length);
        return welcome.limit();
    }

    private int encode(Heartbeat it, MutableDirectBuffer buffer, int offset) {
        heartbeat
                .wrapAndApplyHeader(buffer, offset, header)
                .clockMs(it.clockMs())
                .echoClockMs(it.echoClockMs())
                .agentCpuNs(it.agentCpuNs())
                .libvirtCpuNs(it.libvirtCpuNs())
                .agentRssBytes(it.agentRssBytes())
                .spoolBytes(it.spoolBytes())
                .framesDropped(it.framesDropped())
                .samplesSent(it.samplesSent());
        return heartbeat.limit();
    }

    private int encode(ErrorMessage it, MutableDirectBuffer buffer, int offset) {
        error.wrapAndApplyHeader(buffer, offset, header)
                .code(known("code", it.code()))
                .sequence(it.sequence());
        byte[] text = text(it.text(), Bounds.TEXT);
        error.putText(text, 0, text.length);
        return error.limit();
    }

    private int encode(Inventory it, MutableDirectBuffer buffer, int offset) {
        inventory
                .wrapAndApplyHeader(buffer, offset, header)
                .sequence(it.sequence())
                .revision(it.revision())
                .timestampMs(it.timestampMs());
        var group = inventory.entitiesCount(count("entities", it.entities()));
        for (EntityDescription entity : it.entities()) {
            group.next()
                    .entityId(ranged("entityId", entity.entityId(), Integer.MAX_VALUE))
                    .kind(known("kind", entity.kind()))
                    .state(known("state", entity.state()))
                    .vcpus(entity.vcpus())
                    .maxVcpus(entity.maxVcpus())
                    .memoryBytes(entity.memoryBytes())
                    .maxMemoryBytes(entity.maxMemoryBytes())
                    .diskBytes(entity.diskBytes());
            put(group.uuid(), entity.uuid());
            var labels = group.labelsCount(count("labels", entity.labels().entrySet()));
            for (var label : entity.labels().entrySet()) {
                byte[] key = name("label key", label.getKey(), Bounds.LABEL_KEY);
                byte[] value = name("label value", label.getValue(), Bounds.LABEL_VALUE);
                labels.next().putKey(key, 0, key.length).putValue(value, 0, value.length);
            }
            byte[] name = name("name", entity.name(), Bounds.NAME);
            group.putName(name, 0, name.length);
        }
        return inventory.limit();
    }

    private int encode(Acknowledgement it, MutableDirectBuffer buffer, int offset) {
        acknowledgement.wrapAndApplyHeader(buffer, offset, header).stream(
                        known("stream", it.stream()))
                .journaledSequence(it.journaledSequence())
                .syncedSequence(it.syncedSequence());
        return acknowledgement.limit();
    }

    private int encode(Action it, MutableDirectBuffer buffer, int offset) {
        action.wrapAndApplyHeader(buffer, offset, header)
                .actionId(it.actionId())
                .actionType(known("actionType", it.actionType()))
                .issuedAtMs(it.issuedAtMs())
                .expiresAtMs(it.expiresAtMs())
                .timeoutMs(it.timeoutMs())
                .expectedVcpus(it.expectedVcpus())
                .expectedMemoryBytes(it.expectedMemoryBytes())
                .targetVcpus(it.targetVcpus())
                .targetMemoryBytes(it.targetMemoryBytes());
        put(action.vm(), it.vm());
        put(action.expectedHost(), it.expectedHost());
        put(action.targetHost(), it.targetHost());
        byte[] uri = name("targetUri", it.targetUri(), Bounds.URI);
        action.putTargetUri(uri, 0, uri.length);
        byte[] signature = it.signature();
        ranged("signature length", signature.length, Bounds.SIGNATURE);
        action.putSignature(signature, 0, signature.length);
        byte[] expected = name("expectedSetting", it.expectedSetting(), Bounds.SETTING);
        action.putExpectedSetting(expected, 0, expected.length);
        byte[] target = name("targetSetting", it.targetSetting(), Bounds.SETTING);
        action.putTargetSetting(target, 0, target.length);
        return action.limit();
    }

    private int encode(Outcome it, MutableDirectBuffer buffer, int offset) {
        outcome.wrapAndApplyHeader(buffer, offset, header)
                .sequence(it.sequence())
                .actionId(it.actionId())
                .state(known("state", it.state()))
                .code(known("code", it.code()))
                .startedAtMs(it.startedAtMs())
                .finishedAtMs(it.finishedAtMs())
                .observedVcpus(it.observedVcpus())
                .observedMemoryBytes(it.observedMemoryBytes());
        put(outcome.observedHost(), it.observedHost());
        byte[] text = text(it.text(), Bounds.TEXT);
        outcome.putText(text, 0, text.length);
        return outcome.limit();
    }

    private int encode(PlaceRequest it, MutableDirectBuffer buffer, int offset) {
        placeRequest
                .wrapAndApplyHeader(buffer, offset, header)
                .requestId(it.requestId())
                .vcpus(it.vcpus())
                .memoryBytes(it.memoryBytes())
                .maxResults(it.maxResults());
        var affinity = placeRequest.affinityCount(count("affinity", it.affinity()));
        for (UUID vm : it.affinity()) {
            put(affinity.next().vm(), vm);
        }
        var antiAffinity = placeRequest.antiAffinityCount(count("antiAffinity", it.antiAffinity()));
        for (UUID vm : it.antiAffinity()) {
            put(antiAffinity.next().vm(), vm);
        }
        return placeRequest.limit();
    }

    private int encode(PlaceReply it, MutableDirectBuffer buffer, int offset) {
        placeReply
                .wrapAndApplyHeader(buffer, offset, header)
                .requestId(it.requestId())
                .tick(it.tick());
        var group = placeReply.hostsCount(count("hosts", it.hosts()));
        for (PlaceReply.Host host : it.hosts()) {
            group.next().score(host.score()).confidence(host.confidence());
            put(group.host(), host.host());
            byte[] name = name("name", host.name(), Bounds.NAME);
            byte[] reason = text(host.reason(), Bounds.TEXT);
            group.putName(name, 0, name.length).putReason(reason, 0, reason.length);
        }
        byte[] rejections = text(it.rejections(), Bounds.LONG_TEXT);
        placeReply.putRejections(rejections, 0, rejections.length);
        return placeReply.limit();
    }

    private int encode(ForecastRequest it, MutableDirectBuffer buffer, int offset) {
        forecastRequest
                .wrapAndApplyHeader(buffer, offset, header)
                .requestId(it.requestId())
                .metricId(ranged("metricId", it.metricId(), MAX_UINT16));
        put(forecastRequest.entity(), it.entity());
        return forecastRequest.limit();
    }

    private int encode(ForecastReply it, MutableDirectBuffer buffer, int offset) {
        forecastReply
                .wrapAndApplyHeader(buffer, offset, header)
                .requestId(it.requestId())
                .tick(it.tick())
                .issuedAtMs(it.issuedAtMs())
                .confidence(it.confidence());
        var group = forecastReply.pointsCount(count("points", it.points()));
        for (ForecastReply.Point point : it.points()) {
            group.next().horizonSeconds(point.horizonSeconds());
            float[] quantiles = point.quantiles();
            for (int i = 0; i < quantiles.length; i++) {
                group.quantiles(i, quantiles[i]);
            }
        }
        byte[] model = name("model", it.model(), Bounds.NAME);
        forecastReply.putModel(model, 0, model.length);
        return forecastReply.limit();
    }

    private int encode(RecommendationsRequest it, MutableDirectBuffer buffer, int offset) {
        recommendationsRequest
                .wrapAndApplyHeader(buffer, offset, header)
                .requestId(it.requestId())
                .maxResults(it.maxResults());
        return recommendationsRequest.limit();
    }

    private int encode(RecommendationsReply it, MutableDirectBuffer buffer, int offset) {
        recommendationsReply.wrapAndApplyHeader(buffer, offset, header).requestId(it.requestId());
        var group =
                recommendationsReply.recommendationsCount(
                        count("recommendations", it.recommendations()));
        for (RecommendationsReply.Recommendation row : it.recommendations()) {
            group.next()
                    .id(row.id())
                    .actionType(known("actionType", row.actionType()))
                    .state(known("state", row.state()))
                    .confidence(row.confidence())
                    .proposedAtMs(row.proposedAtMs());
            put(group.vm(), row.vm());
            byte[] summary = text(row.summary(), Bounds.TEXT);
            group.putSummary(summary, 0, summary.length);
        }
        return recommendationsReply.limit();
    }

    private int encode(ApproveRequest it, MutableDirectBuffer buffer, int offset) {
        approveRequest
                .wrapAndApplyHeader(buffer, offset, header)
                .requestId(it.requestId())
                .id(it.id())
                .approve((short) (it.approve() ? 1 : 0));
        byte[] who = name("who", it.who(), Bounds.WHO);
        approveRequest.putWho(who, 0, who.length);
        byte[] reason = text(it.reason(), Bounds.TEXT);
        approveRequest.putReason(reason, 0, reason.length);
        return approveRequest.limit();
    }

    private int encode(ApproveReply it, MutableDirectBuffer buffer, int offset) {
        approveReply
                .wrapAndApplyHeader(buffer, offset, header)
                .requestId(it.requestId())
                .id(it.id())
                .state(known("state", it.state()))
                .code(known("code", it.code()));
        byte[] text = text(it.text(), Bounds.TEXT);
        approveReply.putText(text, 0, text.length);
        return approveReply.limit();
    }

    private static void put(UuidEncoder encoder, UUID uuid) {
        encoder.mostSignificantBits(uuid.getMostSignificantBits())
                .leastSignificantBits(uuid.getLeastSignificantBits());
    }

    private static byte[] name(String field, String value, int bound) {
        byte[] bytes = value.getBytes(UTF_8);
        if (bytes.length > bound) {
            throw WireException.of(
                    ErrorCode.OUT_OF_RANGE,
                    "%s of %d bytes must be at most %d bytes of UTF-8: %.40s…",
                    field,
                    bytes.length,
                    bound,
                    value);
        }
        return bytes;
    }

    /// Cuts text for people at its bound, before the first character that does not fit whole.
    private static byte[] text(String value, int bound) {
        byte[] bytes = value.getBytes(UTF_8);
        if (bytes.length <= bound) {
            return bytes;
        }
        int end = bound;
        while (end > 0 && (bytes[end] & 0xC0) == 0x80) {
            end--;
        }
        return Arrays.copyOf(bytes, end);
    }

    private static int count(String group, Collection<?> entries) {
        if (entries.size() > Bounds.GROUP) {
            throw WireException.of(
                    ErrorCode.TOO_MANY_ENTITIES,
                    "%s.size=%d must be at most %d",
                    group,
                    entries.size(),
                    Bounds.GROUP);
        }
        return entries.size();
    }

    private static int ranged(String field, int value, int max) {
        if (value < 0 || value > max) {
            throw WireException.of(
                    ErrorCode.OUT_OF_RANGE, "%s=%d must be in [0, %d]", field, value, max);
        }
        return value;
    }

    /// The generated enums have two members of their own that stand for no value of the schema.
    private static <E extends Enum<E>> E known(String field, E value) {
        if (value.name().equals("NULL_VAL") || value.name().equals("SBE_UNKNOWN")) {
            throw WireException.of(
                    ErrorCode.OUT_OF_RANGE, "%s=%s must be a value of the schema", field, value);
        }
        return value;
    }
}
