package io.novacron.daemon.control;

import com.linecorp.armeria.common.logging.RequestLog;
import io.grpc.stub.StreamObserver;
import io.novacron.daemon.view.ActionRequest;
import io.novacron.daemon.view.CapacityQuery;
import io.novacron.daemon.view.CommandException;
import io.novacron.daemon.view.DecisionRow;
import io.novacron.daemon.view.FleetCommands;
import io.novacron.daemon.view.FleetQueries;
import io.novacron.daemon.view.PlacementQuery;
import io.novacron.grpc.ActRequest;
import io.novacron.grpc.ApproveRequest;
import io.novacron.grpc.Automation;
import io.novacron.grpc.Capacity;
import io.novacron.grpc.Decision;
import io.novacron.grpc.Drain;
import io.novacron.grpc.DrainHostRequest;
import io.novacron.grpc.Explanation;
import io.novacron.grpc.FleetGrpc;
import io.novacron.grpc.Forecast;
import io.novacron.grpc.GetAutomationRequest;
import io.novacron.grpc.GetCapacityRequest;
import io.novacron.grpc.GetDecisionRequest;
import io.novacron.grpc.GetForecastRequest;
import io.novacron.grpc.GetOutlookRequest;
import io.novacron.grpc.GetSeriesRequest;
import io.novacron.grpc.GetStatusRequest;
import io.novacron.grpc.ListDecisionsRequest;
import io.novacron.grpc.ListDecisionsResponse;
import io.novacron.grpc.ListDrainsRequest;
import io.novacron.grpc.ListDrainsResponse;
import io.novacron.grpc.ListFindingsRequest;
import io.novacron.grpc.ListFindingsResponse;
import io.novacron.grpc.ListHostsRequest;
import io.novacron.grpc.ListHostsResponse;
import io.novacron.grpc.ListRecommendationsRequest;
import io.novacron.grpc.ListVmsRequest;
import io.novacron.grpc.ListVmsResponse;
import io.novacron.grpc.ListWindowsRequest;
import io.novacron.grpc.ListWindowsResponse;
import io.novacron.grpc.Outlook;
import io.novacron.grpc.PlaceRequest;
import io.novacron.grpc.PlaceResponse;
import io.novacron.grpc.ReleasePromiseRequest;
import io.novacron.grpc.ReleasePromiseResponse;
import io.novacron.grpc.Series;
import io.novacron.grpc.Status;
import io.novacron.grpc.SwitchRequest;
import io.novacron.wire.sbe.ActionType;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The service of `fleet.proto`: checks a request, reads the view or hands a command over.
///
/// Thread-safe: it has no state. Reads run on virtual threads; a command's answer is given by
/// whoever completes it.
final class FleetService extends FleetGrpc.FleetImplBase {
    private static final int DEFAULT_DECISIONS = 100;
    private static final int DEFAULT_DAYS = 30;

    private final FleetQueries queries;
    private final FleetCommands commands;
    private final ControlMetrics metrics;

    FleetService(FleetQueries queries, FleetCommands commands, ControlMetrics metrics) {
        this.queries = queries;
        this.commands = commands;
        this.metrics = metrics;
    }

    /// The label of a request in metrics: a method of this service, or `other`.
    static String methodOf(RequestLog log) {
        boolean ours = FleetGrpc.SERVICE_NAME.equals(log.serviceName());
        return ours && log.name() != null ? log.name() : "other";
    }

    @Override
    public void getStatus(GetStatusRequest request, StreamObserver<Status> responses) {
        answer(responses, () -> Messages.status(queries.status()));
    }

    @Override
    public void listHosts(ListHostsRequest request, StreamObserver<ListHostsResponse> responses) {
        answer(
                responses,
                () -> {
                    var response = ListHostsResponse.newBuilder().setTick(queries.status().tick());
                    limited(queries.hosts(), request.getLimit(), Limits.MAX_ROWS)
                            .map(Messages::host)
                            .forEach(response::addHosts);
                    return response.build();
                });
    }

    @Override
    public void listVms(ListVmsRequest request, StreamObserver<ListVmsResponse> responses) {
        answer(
                responses,
                () -> {
                    var vms = queries.vms();
                    if (!request.getHost().isEmpty()) {
                        UUID host = resolve("host", request.getHost());
                        vms = vms.stream().filter(vm -> vm.hostId().equals(host)).toList();
                    }
                    var response = ListVmsResponse.newBuilder().setTick(queries.status().tick());
                    limited(vms, request.getLimit(), Limits.MAX_ROWS)
                            .map(Messages::vm)
                            .forEach(response::addVms);
                    return response.build();
                });
    }

    @Override
    public void getSeries(GetSeriesRequest request, StreamObserver<Series> responses) {
        answer(
                responses,
                () -> {
                    int metricId = Limits.metricId(request.getMetric());
                    int stepSeconds = Limits.stepSeconds(request.getStepSeconds());
                    int steps = Limits.steps(request.getSteps(), stepSeconds);
                    UUID entity = resolve("entity", request.getEntity());
                    return queries.series(entity, metricId, stepSeconds, steps)
                            .map(Messages::series)
                            .orElseThrow(() ->
                                    notFound(
                                            "entity=%s has no history of metric=%s yet. Maybe only hosts or only vms have it?",
                                            request.getEntity(), request.getMetric()));
                });
    }

    @Override
    public void getForecast(GetForecastRequest request, StreamObserver<Forecast> responses) {
        answer(
                responses,
                () -> {
                    int metricId = Limits.metricId(request.getMetric());
                    UUID entity = resolve("entity", request.getEntity());
                    return queries.forecast(entity, metricId)
                            .map(Messages::forecast)
                            .orElseThrow(() ->
                                    notFound(
                                            "entity=%s has no forecast of metric=%s yet. Maybe after the next tick; forecast are %s",
                                            request.getEntity(),
                                            request.getMetric(),
                                            Limits.forecastMetrics()));
                });
    }

    @Override
    public void getOutlook(GetOutlookRequest request, StreamObserver<Outlook> responses) {
        answer(
                responses,
                () -> {
                    int metricId = Limits.metricId(request.getMetric());
                    int days = request.getDays() == 0 ? DEFAULT_DAYS : request.getDays();
                    UUID entity = resolve("entity", request.getEntity());
                    return queries.outlook(entity, metricId, days)
                            .map(Messages::outlook)
                            .orElseThrow(() ->
                                    notFound(
                                            "entity=%s has less than two days of hours of metric=%s. Maybe one of %s, or later?",
                                            request.getEntity(),
                                            request.getMetric(),
                                            Limits.forecastMetrics()));
                });
    }

    @Override
    public void getCapacity(GetCapacityRequest request, StreamObserver<Capacity> responses) {
        answer(
                responses,
                () ->
                        Messages.capacity(
                                queries.capacity(
                                        new CapacityQuery(
                                                request.getBy(),
                                                request.getLimitPercent(),
                                                request.getDays(),
                                                request.getHosts()))));
    }

    @Override
    public void listFindings(
            ListFindingsRequest request, StreamObserver<ListFindingsResponse> responses) {
        answer(
                responses,
                () -> {
                    var response = ListFindingsResponse.newBuilder();
                    limited(queries.findings(), request.getLimit(), Limits.MAX_ROWS)
                            .map(Messages::finding)
                            .forEach(response::addFindings);
                    return response.build();
                });
    }

    @Override
    public void listRecommendations(
            ListRecommendationsRequest request, StreamObserver<ListDecisionsResponse> responses) {
        answer(
                responses,
                () ->
                        decisions(
                                limited(
                                        queries.recommendations(),
                                        request.getLimit(),
                                        Limits.MAX_DECISIONS)));
    }

    @Override
    public void listDecisions(
            ListDecisionsRequest request, StreamObserver<ListDecisionsResponse> responses) {
        answer(
                responses,
                () -> {
                    int limit =
                            Limits.rows(
                                    request.getLimit(), DEFAULT_DECISIONS, Limits.MAX_DECISIONS);
                    return decisions(queries.decisions(limit).stream());
                });
    }

    @Override
    public void getDecision(GetDecisionRequest request, StreamObserver<Decision> responses) {
        answer(
                responses,
                () ->
                        queries.decision(request.getId())
                                .map(Messages::decision)
                                .orElseThrow(() -> unknownDecision(request.getId())));
    }

    @Override
    public void explain(GetDecisionRequest request, StreamObserver<Explanation> responses) {
        answer(
                responses,
                () ->
                        queries.decision(request.getId())
                                .map(Messages::explanation)
                                .orElseThrow(() -> unknownDecision(request.getId())));
    }

    @Override
    public void approve(ApproveRequest request, StreamObserver<Decision> responses) {
        command(
                responses,
                () ->
                        commands.approve(
                                request.getId(),
                                Limits.who(request.getWho()),
                                Limits.reason(request.getReason())));
    }

    @Override
    public void reject(ApproveRequest request, StreamObserver<Decision> responses) {
        command(
                responses,
                () ->
                        commands.reject(
                                request.getId(),
                                Limits.who(request.getWho()),
                                Limits.reason(request.getReason())));
    }

    @Override
    public void act(ActRequest request, StreamObserver<Decision> responses) {
        command(
                responses,
                () ->
                        commands.act(
                                actionRequest(request),
                                Limits.who(request.getWho()),
                                Limits.reason(request.getReason())));
    }

    private ActionRequest actionRequest(ActRequest request) {
        ActionType type = Limits.actionType(request.getType());
        return new ActionRequest(
                type,
                resolve("vm", request.getVm()),
                request.getVcpus(),
                request.getMemoryBytes(),
                Limits.setting(type, request.getSetting()),
                type == ActionType.LIVE_MIGRATE
                        ? resolve("targetHost", request.getTargetHost())
                        : null);
    }

    @Override
    public void drainHost(DrainHostRequest request, StreamObserver<Drain> responses) {
        command(
                responses,
                () ->
                        commands.drain(
                                host(request.getHost()),
                                Limits.fromMs(request.getFromMs(), queries.status().clockMs()),
                                Limits.who(request.getWho()),
                                Limits.reason(request.getReason())),
                Messages::drain);
    }

    @Override
    public void undrainHost(DrainHostRequest request, StreamObserver<Drain> responses) {
        command(
                responses,
                () ->
                        commands.undrain(
                                host(request.getHost()),
                                Limits.who(request.getWho()),
                                Limits.reason(request.getReason())),
                Messages::drain);
    }

    private UUID host(String name) {
        UUID host = resolve("host", name);
        if (queries.hosts().stream().noneMatch(row -> row.id().equals(host))) {
            throw notFound("host=\"%s\" is a vm. Maybe look at `novacron hosts`?", name);
        }
        return host;
    }

    @Override
    public void listWindows(
            ListWindowsRequest request, StreamObserver<ListWindowsResponse> responses) {
        answer(
                responses,
                () -> {
                    int within = Limits.hours("withinSeconds", request.getWithinSeconds(), 24);
                    int hours = Limits.hours("durationSeconds", request.getDurationSeconds(), 2);
                    var response = ListWindowsResponse.newBuilder();
                    queries.windows(host(request.getHost()), hours, within).stream()
                            .map(Messages::window)
                            .forEach(response::addWindows);
                    return response.build();
                });
    }

    @Override
    public void listDrains(
            ListDrainsRequest request, StreamObserver<ListDrainsResponse> responses) {
        answer(
                responses,
                () -> {
                    var response = ListDrainsResponse.newBuilder();
                    queries.drains().stream().map(Messages::drain).forEach(response::addDrains);
                    return response.build();
                });
    }

    @Override
    public void place(PlaceRequest request, StreamObserver<PlaceResponse> responses) {
        answer(
                responses,
                () -> {
                    Limits.affinities(request.getAffinityCount() + request.getAntiAffinityCount());
                    var query =
                            new PlacementQuery(
                                    request.getVcpus(),
                                    request.getMemoryBytes(),
                                    request.getLimit(),
                                    resolveAll("affinity", request.getAffinityList()),
                                    resolveAll("antiAffinity", request.getAntiAffinityList()),
                                    promise(request));
                    return Messages.placement(queries.place(query));
                });
    }

    private static PlacementQuery.@Nullable PromiseTo promise(PlaceRequest request) {
        return request.getPromiseTo().isEmpty()
                ? null
                : new PlacementQuery.PromiseTo(
                        vmToCome("promiseTo", request.getPromiseTo()), request.getPromiseSeconds());
    }

    private static UUID vmToCome(String field, String text) {
        try {
            return UUID.fromString(text);
        } catch (IllegalArgumentException _) {
            throw new CommandException(
                    CommandException.Kind.INVALID,
                    "%s=\"%s\" must be the UUID of a vm to come, such as 4b1c6f2e-0d55-4c1b-9f0e-2a5d1c7f8e90"
                            .formatted(field, text));
        }
    }

    @Override
    public void releasePromise(
            ReleasePromiseRequest request, StreamObserver<ReleasePromiseResponse> responses) {
        answer(
                responses,
                () ->
                        ReleasePromiseResponse.newBuilder()
                                .setReleased(
                                        queries.releasePromise(vmToCome("vmId", request.getVmId())))
                                .build());
    }

    @Override
    public void getAutomation(GetAutomationRequest request, StreamObserver<Automation> responses) {
        answer(responses, () -> Messages.automation(queries.automation()));
    }

    @Override
    public void stopAutomation(SwitchRequest request, StreamObserver<Automation> responses) {
        command(
                responses,
                () ->
                        commands.stopAutomation(
                                Limits.who(request.getWho()), Limits.reason(request.getReason())),
                Messages::automation);
    }

    @Override
    public void resumeAutomation(SwitchRequest request, StreamObserver<Automation> responses) {
        command(
                responses,
                () ->
                        commands.resumeAutomation(
                                Limits.who(request.getWho()), Limits.reason(request.getReason())),
                Messages::automation);
    }

    private static ListDecisionsResponse decisions(Stream<DecisionRow> rows) {
        var response = ListDecisionsResponse.newBuilder();
        rows.map(Messages::decision).forEach(response::addDecisions);
        return response.build();
    }

    private <T> Stream<T> limited(List<T> rows, int requested, int max) {
        int limit = Limits.rows(requested, max, max);
        if (requested == 0 && rows.size() > limit) {
            metrics.rowsLeftOut.inc(rows.size() - limit);
        }
        return rows.stream().limit(limit);
    }

    private List<UUID> resolveAll(String field, List<String> names) {
        return names.stream().map(name -> resolve(field, name)).toList();
    }

    private UUID resolve(String field, String name) {
        return queries.resolve(name)
                .orElseThrow(() ->
                        notFound(
                                "%s=\"%s\" is not known, or its name is not unique. Maybe use the UUID?",
                                field, name));
    }

    private static CommandException unknownDecision(long id) {
        return notFound("decision id=%d is not known. Maybe see: novacron decisions", id);
    }

    private static CommandException notFound(String format, Object... arguments) {
        return new CommandException(CommandException.Kind.NOT_FOUND, format.formatted(arguments));
    }

    private static <T> void answer(StreamObserver<T> responses, Supplier<T> answer) {
        T message;
        try {
            message = answer.get();
        } catch (RuntimeException e) {
            responses.onError(Refusals.statusOf(e).asRuntimeException());
            return;
        }
        responses.onNext(message);
        responses.onCompleted();
    }

    private static void command(
            StreamObserver<Decision> responses, Supplier<CompletionStage<DecisionRow>> command) {
        command(responses, command, Messages::decision);
    }

    private static <R, T> void command(
            StreamObserver<T> responses,
            Supplier<CompletionStage<R>> command,
            Function<R, T> message) {
        CompletionStage<R> stage;
        try {
            stage = command.get();
        } catch (RuntimeException e) {
            responses.onError(Refusals.statusOf(e).asRuntimeException());
            return;
        }
        stage.whenComplete((row, failure) -> {
            if (failure != null) {
                responses.onError(Refusals.statusOf(failure).asRuntimeException());
            } else {
                answer(responses, () -> message.apply(row));
            }
        });
    }
}
