package io.novacron.daemon.query;

import io.novacron.daemon.view.CommandException;
import io.novacron.daemon.view.DecisionRow;
import io.novacron.daemon.view.DecisionRow.ReasonRow;
import io.novacron.daemon.view.FleetQueries;
import io.novacron.daemon.view.PlacementQuery;
import io.novacron.wire.catalogue.MetricCatalogue;
import io.novacron.wire.message.ApproveReply;
import io.novacron.wire.message.ErrorMessage;
import io.novacron.wire.message.ForecastReply;
import io.novacron.wire.message.ForecastRequest;
import io.novacron.wire.message.Message;
import io.novacron.wire.message.PlaceReply;
import io.novacron.wire.message.PlaceRequest;
import io.novacron.wire.message.RecommendationsReply;
import io.novacron.wire.message.RecommendationsRequest;
import io.novacron.wire.sbe.ErrorCode;
import io.novacron.wire.sbe.LifecycleState;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// Answers reads from the published view. Never blocks; a refusal is an [ErrorMessage] that names
/// the request.
final class Answers {
    private static final int MAX_RECOMMENDATIONS = 1000;
    private static final int MAX_PLACES = 1000;

    private final FleetQueries queries;

    Answers(FleetQueries queries) {
        this.queries = queries;
    }

    Message place(PlaceRequest request) {
        try {
            var query =
                    new PlacementQuery(
                            request.vcpus(),
                            request.memoryBytes(),
                            Math.min(request.maxResults(), MAX_PLACES),
                            request.affinity(),
                            request.antiAffinity(),
                            null);
            var placement = queries.place(query);
            var hosts =
                    placement.hosts().stream()
                            .limit(MAX_PLACES)
                            .map(host ->
                                    new PlaceReply.Host(
                                            host.hostId(),
                                            host.score(),
                                            host.confidence(),
                                            host.hostName(),
                                            host.reasons().stream()
                                                    .map(ReasonRow::text)
                                                    .collect(Collectors.joining("; "))))
                            .toList();
            String rejections =
                    new TreeMap<>(placement.rejections())
                            .entrySet().stream()
                                    .map(entry -> entry.getKey() + ": " + entry.getValue())
                                    .collect(Collectors.joining(", "));
            return new PlaceReply(request.requestId(), placement.tick(), hosts, rejections);
        } catch (CommandException e) {
            return refusal(request.requestId(), e);
        }
    }

    Message forecast(ForecastRequest request) {
        long id = request.requestId();
        if (MetricCatalogue.INSTANCE.byId(request.metricId()) == null) {
            return new ErrorMessage(
                    ErrorCode.UNKNOWN_METRIC,
                    id,
                    "metricId=%d is not in the catalogue".formatted(request.metricId()));
        }
        if (queries.resolve(request.entity().toString()).isEmpty()) {
            return new ErrorMessage(
                    ErrorCode.UNKNOWN_ENTITY,
                    id,
                    "entity=%s is not known. Maybe its host has not connected yet?"
                            .formatted(request.entity()));
        }
        var found = queries.forecast(request.entity(), request.metricId());
        if (found.isEmpty()) {
            return new ErrorMessage(
                    ErrorCode.NOT_READY,
                    id,
                    "entity=%s has no forecast of metricId=%d yet. Maybe after the next tick?"
                            .formatted(request.entity(), request.metricId()));
        }
        var forecast = found.get();
        return new ForecastReply(
                id,
                forecast.tick(),
                forecast.issuedAtMs(),
                forecast.confidence(),
                forecast.points().stream()
                        .map(point ->
                                new ForecastReply.Point(point.horizonSeconds(), point.quantiles()))
                        .toList(),
                forecast.model());
    }

    Message recommendations(RecommendationsRequest request) {
        int max = request.maxResults();
        if (max < 0) {
            return new ErrorMessage(
                    ErrorCode.OUT_OF_RANGE,
                    request.requestId(),
                    "maxResults=%d must not be negative; 0 means all".formatted(max));
        }
        return new RecommendationsReply(
                request.requestId(),
                queries.recommendations().stream()
                        .limit(max == 0 ? MAX_RECOMMENDATIONS : Math.min(max, MAX_RECOMMENDATIONS))
                        .map(Answers::recommendation)
                        .toList());
    }

    static ApproveReply decided(long requestId, DecisionRow row) {
        return new ApproveReply(requestId, row.id(), row.state(), ErrorCode.NONE, row.summary());
    }

    /// A verdict that was refused: the state says nothing then, the code and the text do.
    static ApproveReply notDecided(long requestId, long id, CommandException refusal) {
        return new ApproveReply(
                requestId, id, LifecycleState.UNKNOWN, codeOf(refusal), text(refusal));
    }

    static ErrorMessage refusal(long requestId, CommandException refusal) {
        return new ErrorMessage(codeOf(refusal), requestId, text(refusal));
    }

    private static RecommendationsReply.Recommendation recommendation(DecisionRow row) {
        return new RecommendationsReply.Recommendation(
                row.id(),
                row.type(),
                row.state(),
                row.vmId(),
                row.confidence(),
                row.proposedAtMs(),
                row.summary());
    }

    private static ErrorCode codeOf(CommandException refusal) {
        return switch (refusal.kind()) {
            case INVALID -> ErrorCode.OUT_OF_RANGE;
            case NOT_FOUND -> ErrorCode.NOT_FOUND;
            case CONFLICT -> ErrorCode.PRECONDITION_FAILED;
            case OVERLOADED -> ErrorCode.NOT_READY;
        };
    }

    private static String text(CommandException refusal) {
        return String.valueOf(refusal.getMessage());
    }
}
