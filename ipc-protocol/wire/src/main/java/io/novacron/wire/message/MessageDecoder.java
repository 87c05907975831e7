package io.novacron.wire.message;

import io.novacron.wire.WireException;
import io.novacron.wire.sbe.AcknowledgementDecoder;
import io.novacron.wire.sbe.ActionDecoder;
import io.novacron.wire.sbe.ApproveReplyDecoder;
import io.novacron.wire.sbe.ApproveRequestDecoder;
import io.novacron.wire.sbe.ErrorCode;
import io.novacron.wire.sbe.ErrorDecoder;
import io.novacron.wire.sbe.ForecastReplyDecoder;
import io.novacron.wire.sbe.ForecastRequestDecoder;
import io.novacron.wire.sbe.HeartbeatDecoder;
import io.novacron.wire.sbe.HelloDecoder;
import io.novacron.wire.sbe.InventoryDecoder;
import io.novacron.wire.sbe.MetricBatchDecoder;
import io.novacron.wire.sbe.OutcomeDecoder;
import io.novacron.wire.sbe.PlaceReplyDecoder;
import io.novacron.wire.sbe.PlaceRequestDecoder;
import io.novacron.wire.sbe.RecommendationsReplyDecoder;
import io.novacron.wire.sbe.RecommendationsRequestDecoder;
import io.novacron.wire.sbe.UuidDecoder;
import io.novacron.wire.sbe.WelcomeDecoder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;
import org.agrona.DirectBuffer;

/// Reads SBE header and body of one message. [Extent] checks each step before the generated decoder
/// takes it, for those trust their input.
final class MessageDecoder {
    private final Extent extent = new Extent();
    private final HelloDecoder hello = new HelloDecoder();
    private final WelcomeDecoder welcome = new WelcomeDecoder();
    private final HeartbeatDecoder heartbeat = new HeartbeatDecoder();
    private final ErrorDecoder error = new ErrorDecoder();
    private final InventoryDecoder inventory = new InventoryDecoder();
    private final AcknowledgementDecoder acknowledgement = new AcknowledgementDecoder();
    private final ActionDecoder action = new ActionDecoder();
    private final OutcomeDecoder outcome = new OutcomeDecoder();
    private final PlaceRequestDecoder placeRequest = new PlaceRequestDecoder();
    private final PlaceReplyDecoder placeReply = new PlaceReplyDecoder();
    private final ForecastRequestDecoder forecastRequest = new ForecastRequestDecoder();
    private final ForecastReplyDecoder forecastReply = new ForecastReplyDecoder();
    private final RecommendationsRequestDecoder recommendationsRequest =
            new RecommendationsRequestDecoder();
    private final RecommendationsReplyDecoder recommendationsReply =
            new RecommendationsReplyDecoder();
    private final ApproveRequestDecoder approveRequest = new ApproveRequestDecoder();
    private final ApproveReplyDecoder approveReply = new ApproveReplyDecoder();

    Message decode(DirectBuffer frame, int offset, int length) {
        int templateId = extent.wrap(frame, offset, length);
        return switch (templateId) {
            case HelloDecoder.TEMPLATE_ID -> hello();
            case WelcomeDecoder.TEMPLATE_ID -> welcome();
            case HeartbeatDecoder.TEMPLATE_ID -> heartbeat();
            case ErrorDecoder.TEMPLATE_ID -> error();
            case InventoryDecoder.TEMPLATE_ID -> inventory();
            case AcknowledgementDecoder.TEMPLATE_ID -> acknowledgement();
            case ActionDecoder.TEMPLATE_ID -> action();
            case OutcomeDecoder.TEMPLATE_ID -> outcome();
            case PlaceRequestDecoder.TEMPLATE_ID -> placeRequest();
            case PlaceReplyDecoder.TEMPLATE_ID -> placeReply();
            case ForecastRequestDecoder.TEMPLATE_ID -> forecastRequest();
            case ForecastReplyDecoder.TEMPLATE_ID -> forecastReply();
            case RecommendationsRequestDecoder.TEMPLATE_ID -> recommendationsRequest();
            case RecommendationsReplyDecoder.TEMPLATE_ID -> recommendationsReply();
            case ApproveRequestDecoder.TEMPLATE_ID -> approveRequest();
            case ApproveReplyDecoder.TEMPLATE_ID -> approveReply();
            case MetricBatchDecoder.TEMPLATE_ID ->
                    throw WireException.of(
                            ErrorCode.UNEXPECTED_MESSAGE,
                            "templateId=%d is a metric batch. Maybe read it with"
                                    + " MetricBatchReader?",
                            templateId);
            default ->
                    throw WireException.of(
                            ErrorCode.UNKNOWN_TEMPLATE,
                            "templateId=%d is not in schema version %d. Maybe the peer is newer"
                                    + " than this side?",
                            templateId,
                            HelloDecoder.SCHEMA_VERSION);
        };
    }

    private Message hello() {
        var it = hello;
        int block = extent.block(HelloDecoder.BLOCK_LENGTH);
        it.wrap(extent.buffer(), Extent.BODY_OFFSET, block, extent.version());
        var message =
                new Hello(
                        uuid(it.agentId()),
                        it.spoolEpoch(),
                        Extent.known("connection", it.connection()),
                        it.protocolMin(),
                        it.protocolMax(),
                        it.capabilities().getRaw(),
                        it.firstSequence(),
                        it.lastSequence(),
                        it.clockMs(),
                        extent.string("hostName", it.limit(), it::hostName),
                        extent.string("agentVersion", it.limit(), it::agentVersion));
        extent.end(it.limit());
        return message;
    }

    private Message welcome() {
        var it = welcome;
        int block = extent.block(WelcomeDecoder.BLOCK_LENGTH);
        it.wrap(extent.buffer(), Extent.BODY_OFFSET, block, extent.version());
        var message =
                new Welcome(
                        it.sessionId(),
                        it.protocolVersion(),
                        it.journaledSequence(),
                        it.syncedSequence(),
                        it.clockMs(),
                        it.sampleIntervalMs(),
                        it.heartbeatIntervalMs(),
                        it.maxFrameLength(),
                        extent.string("daemonVersion", it.limit(), it::daemonVersion));
        extent.end(it.limit());
        return message;
    }

    private Message heartbeat() {
        var it = heartbeat;
        int block = extent.block(HeartbeatDecoder.BLOCK_LENGTH);
        it.wrap(extent.buffer(), Extent.BODY_OFFSET, block, extent.version());
        extent.end(it.limit());
        return new Heartbeat(
                it.clockMs(),
                it.echoClockMs(),
                it.agentCpuNs(),
                it.libvirtCpuNs(),
                it.agentRssBytes(),
                it.spoolBytes(),
                it.framesDropped(),
                it.samplesSent());
    }

    private Message error() {
        var it = error;
        int block = extent.block(ErrorDecoder.BLOCK_LENGTH);
        it.wrap(extent.buffer(), Extent.BODY_OFFSET, block, extent.version());
        var message =
                new ErrorMessage(
                        Extent.known("code", it.code()),
                        it.sequence(),
                        extent.string("text", it.limit(), it::text));
        extent.end(it.limit());
        return message;
    }

    private Message inventory() {
        var it = inventory;
        int block = extent.block(InventoryDecoder.BLOCK_LENGTH);
        it.wrap(extent.buffer(), Extent.BODY_OFFSET, block, extent.version());
        extent.group("entities", it.limit(), InventoryDecoder.EntitiesDecoder.sbeBlockLength());
        var group = it.entities();
        List<EntityDescription> entities = new ArrayList<>(group.count());
        while (group.hasNext()) {
            extent.need("entities", it.limit(), group.actingBlockLength());
            var row = group.next();
            entities.add(
                    new EntityDescription(
                            Extent.entityId(row.entityId()),
                            Extent.known("kind", row.kind()),
                            Extent.known("state", row.state()),
                            uuid(row.uuid()),
                            row.vcpus(),
                            row.maxVcpus(),
                            row.memoryBytes(),
                            row.maxMemoryBytes(),
                            row.diskBytes(),
                            labels(it, row),
                            extent.string("name", it.limit(), row::name)));
        }
        var message = new Inventory(it.sequence(), it.revision(), it.timestampMs(), entities);
        extent.end(it.limit());
        return message;
    }

    private Map<String, String> labels(
            InventoryDecoder it, InventoryDecoder.EntitiesDecoder entity) {
        extent.group(
                "labels",
                it.limit(),
                InventoryDecoder.EntitiesDecoder.LabelsDecoder.sbeBlockLength());
        var group = entity.labels();
        Map<String, String> labels = new LinkedHashMap<>();
        while (group.hasNext()) {
            extent.need("labels", it.limit(), group.actingBlockLength());
            var row = group.next();
            String key = extent.string("label key", it.limit(), row::key);
            String value = extent.string("label value", it.limit(), row::value);
            if (labels.put(key, value) != null) {
                throw WireException.of(
                        ErrorCode.BAD_MESSAGE, "label key=%.80s must be unique", key);
            }
        }
        return labels;
    }

    private Message acknowledgement() {
        var it = acknowledgement;
        int block = extent.block(AcknowledgementDecoder.BLOCK_LENGTH);
        it.wrap(extent.buffer(), Extent.BODY_OFFSET, block, extent.version());
        extent.end(it.limit());
        return new Acknowledgement(
                Extent.known("stream", it.stream()), it.journaledSequence(), it.syncedSequence());
    }

    private Message action() {
        var it = action;
        int block = extent.block(ActionDecoder.BLOCK_LENGTH);
        it.wrap(extent.buffer(), Extent.BODY_OFFSET, block, extent.version());
        var message =
                new Action(
                        it.actionId(),
                        Extent.known("actionType", it.actionType()),
                        uuid(it.vm()),
                        it.issuedAtMs(),
                        it.expiresAtMs(),
                        it.timeoutMs(),
                        it.expectedVcpus(),
                        it.expectedMemoryBytes(),
                        uuid(it.expectedHost()),
                        it.targetVcpus(),
                        it.targetMemoryBytes(),
                        uuid(it.targetHost()),
                        extent.string("targetUri", it.limit(), it::targetUri),
                        signature(it),
                        setting("expectedSetting", it, it::expectedSetting),
                        setting("targetSetting", it, it::targetSetting));
        extent.end(it.limit());
        return message;
    }

    /// Absent before version 2.
    private String setting(String field, ActionDecoder it, Supplier<String> reader) {
        return extent.version() < ActionDecoder.expectedSettingSinceVersion()
                ? ""
                : extent.string(field, it.limit(), reader);
    }

    private byte[] signature(ActionDecoder it) {
        int length = extent.data("signature", it.limit());
        var signature = new byte[length];
        it.getSignature(signature, 0, length);
        return signature;
    }

    private Message outcome() {
        var it = outcome;
        int block = extent.block(OutcomeDecoder.BLOCK_LENGTH);
        it.wrap(extent.buffer(), Extent.BODY_OFFSET, block, extent.version());
        var message =
                new Outcome(
                        it.sequence(),
                        it.actionId(),
                        Extent.known("state", it.state()),
                        Extent.known("code", it.code()),
                        it.startedAtMs(),
                        it.finishedAtMs(),
                        it.observedVcpus(),
                        it.observedMemoryBytes(),
                        uuid(it.observedHost()),
                        extent.string("text", it.limit(), it::text));
        extent.end(it.limit());
        return message;
    }

    private Message placeRequest() {
        var it = placeRequest;
        int block = extent.block(PlaceRequestDecoder.BLOCK_LENGTH);
        it.wrap(extent.buffer(), Extent.BODY_OFFSET, block, extent.version());
        extent.group("affinity", it.limit(), PlaceRequestDecoder.AffinityDecoder.sbeBlockLength());
        var group = it.affinity();
        List<UUID> affinity = new ArrayList<>(group.count());
        while (group.hasNext()) {
            extent.need("affinity", it.limit(), group.actingBlockLength());
            affinity.add(uuid(group.next().vm()));
        }
        extent.group(
                "antiAffinity",
                it.limit(),
                PlaceRequestDecoder.AntiAffinityDecoder.sbeBlockLength());
        var antiGroup = it.antiAffinity();
        List<UUID> antiAffinity = new ArrayList<>(antiGroup.count());
        while (antiGroup.hasNext()) {
            extent.need("antiAffinity", it.limit(), antiGroup.actingBlockLength());
            antiAffinity.add(uuid(antiGroup.next().vm()));
        }
        extent.end(it.limit());
        return new PlaceRequest(
                it.requestId(),
                it.vcpus(),
                it.memoryBytes(),
                it.maxResults(),
                affinity,
                antiAffinity);
    }

    private Message placeReply() {
        var it = placeReply;
        int block = extent.block(PlaceReplyDecoder.BLOCK_LENGTH);
        it.wrap(extent.buffer(), Extent.BODY_OFFSET, block, extent.version());
        extent.group("hosts", it.limit(), PlaceReplyDecoder.HostsDecoder.sbeBlockLength());
        var group = it.hosts();
        List<PlaceReply.Host> hosts = new ArrayList<>(group.count());
        while (group.hasNext()) {
            extent.need("hosts", it.limit(), group.actingBlockLength());
            var row = group.next();
            hosts.add(
                    new PlaceReply.Host(
                            uuid(row.host()),
                            row.score(),
                            row.confidence(),
                            extent.string("name", it.limit(), row::name),
                            extent.string("reason", it.limit(), row::reason)));
        }
        var message =
                new PlaceReply(
                        it.requestId(),
                        it.tick(),
                        hosts,
                        extent.string("rejections", it.limit(), it::rejections));
        extent.end(it.limit());
        return message;
    }

    private Message forecastRequest() {
        var it = forecastRequest;
        int block = extent.block(ForecastRequestDecoder.BLOCK_LENGTH);
        it.wrap(extent.buffer(), Extent.BODY_OFFSET, block, extent.version());
        extent.end(it.limit());
        return new ForecastRequest(it.requestId(), uuid(it.entity()), it.metricId());
    }

    private Message forecastReply() {
        var it = forecastReply;
        int block = extent.block(ForecastReplyDecoder.BLOCK_LENGTH);
        it.wrap(extent.buffer(), Extent.BODY_OFFSET, block, extent.version());
        extent.group("points", it.limit(), ForecastReplyDecoder.PointsDecoder.sbeBlockLength());
        var group = it.points();
        List<ForecastReply.Point> points = new ArrayList<>(group.count());
        while (group.hasNext()) {
            extent.need("points", it.limit(), group.actingBlockLength());
            var row = group.next();
            var quantiles = new float[ForecastReply.QUANTILES];
            for (int i = 0; i < quantiles.length; i++) {
                quantiles[i] = row.quantiles(i);
            }
            points.add(new ForecastReply.Point(row.horizonSeconds(), quantiles));
        }
        var message =
                new ForecastReply(
                        it.requestId(),
                        it.tick(),
                        it.issuedAtMs(),
                        it.confidence(),
                        points,
                        extent.string("model", it.limit(), it::model));
        extent.end(it.limit());
        return message;
    }

    private Message recommendationsRequest() {
        var it = recommendationsRequest;
        int block = extent.block(RecommendationsRequestDecoder.BLOCK_LENGTH);
        it.wrap(extent.buffer(), Extent.BODY_OFFSET, block, extent.version());
        extent.end(it.limit());
        return new RecommendationsRequest(it.requestId(), it.maxResults());
    }

    private Message recommendationsReply() {
        var it = recommendationsReply;
        int block = extent.block(RecommendationsReplyDecoder.BLOCK_LENGTH);
        it.wrap(extent.buffer(), Extent.BODY_OFFSET, block, extent.version());
        extent.group(
                "recommendations",
                it.limit(),
                RecommendationsReplyDecoder.RecommendationsDecoder.sbeBlockLength());
        var group = it.recommendations();
        List<RecommendationsReply.Recommendation> rows = new ArrayList<>(group.count());
        while (group.hasNext()) {
            extent.need("recommendations", it.limit(), group.actingBlockLength());
            var row = group.next();
            rows.add(
                    new RecommendationsReply.Recommendation(
                            row.id(),
                            Extent.known("actionType", row.actionType()),
                            Extent.known("state", row.state()),
                            uuid(row.vm()),
                            row.confidence(),
                            row.proposedAtMs(),
                            extent.string("summary", it.limit(), row::summary)));
        }
        extent.end(it.limit());
        return new RecommendationsReply(it.requestId(), rows);
    }

    private Message approveRequest() {
        var it = approveRequest;
        int block = extent.block(ApproveRequestDecoder.BLOCK_LENGTH);
        it.wrap(extent.buffer(), Extent.BODY_OFFSET, block, extent.version());
        int approve = it.approve();
        if (approve > 1) {
            throw WireException.of(ErrorCode.BAD_MESSAGE, "approve=%d must be 0 or 1", approve);
        }
        var message =
                new ApproveRequest(
                        it.requestId(),
                        it.id(),
                        approve == 1,
                        extent.string("who", it.limit(), it::who),
                        extent.string("reason", it.limit(), it::reason));
        extent.end(it.limit());
        return message;
    }

    private Message approveReply() {
        var it = approveReply;
        int block = extent.block(ApproveReplyDecoder.BLOCK_LENGTH);
        it.wrap(extent.buffer(), Extent.BODY_OFFSET, block, extent.version());
        var message =
                new ApproveReply(
                        it.requestId(),
                        it.id(),
                        Extent.known("state", it.state()),
                        Extent.known("code", it.code()),
                        extent.string("text", it.limit(), it::text));
        extent.end(it.limit());
        return message;
    }

    private static UUID uuid(UuidDecoder it) {
        return new UUID(it.mostSignificantBits(), it.leastSignificantBits());
    }
}
