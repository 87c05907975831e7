package io.novacron.perf;

import io.novacron.daemon.tick.Placements;
import io.novacron.daemon.view.ActionRequest;
import io.novacron.daemon.view.AutomationRow;
import io.novacron.daemon.view.CapacityAnswer;
import io.novacron.daemon.view.CapacityQuery;
import io.novacron.daemon.view.DecisionRow;
import io.novacron.daemon.view.DrainRow;
import io.novacron.daemon.view.FindingRow;
import io.novacron.daemon.view.FleetCommands;
import io.novacron.daemon.view.FleetQueries;
import io.novacron.daemon.view.ForecastRow;
import io.novacron.daemon.view.HostRow;
import io.novacron.daemon.view.OutlookRow;
import io.novacron.daemon.view.PlacementQuery;
import io.novacron.daemon.view.PlacementRow;
import io.novacron.daemon.view.SeriesRow;
import io.novacron.daemon.view.StatusRow;
import io.novacron.daemon.view.VmRow;
import io.novacron.daemon.view.WindowRow;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletionStage;

/// A daemon that can place and nothing else.
final class PlacementQueries implements FleetQueries, FleetCommands {
    private static final String ONLY_PLACES = "this daemon of a benchmark only places";

    private final Placements placements;

    PlacementQueries(Placements placements) {
        this.placements = placements;
    }

    @Override
    public PlacementRow place(PlacementQuery query) {
        return placements.place(query, 1, host -> "host-" + host.getLeastSignificantBits());
    }

    @Override
    public boolean releasePromise(UUID vm) {
        return placements.release(vm);
    }

    @Override
    public StatusRow status() {
        throw new UnsupportedOperationException(ONLY_PLACES);
    }

    @Override
    public List<HostRow> hosts() {
        return List.of();
    }

    @Override
    public List<VmRow> vms() {
        return List.of();
    }

    @Override
    public Optional<UUID> resolve(String uuidOrName) {
        return Optional.empty();
    }

    @Override
    public Optional<SeriesRow> series(UUID entity, int metricId, int stepSeconds, int steps) {
        return Optional.empty();
    }

    @Override
    public Optional<ForecastRow> forecast(UUID entity, int metricId) {
        return Optional.empty();
    }

    @Override
    public Optional<OutlookRow> outlook(UUID entity, int metricId, int days) {
        return Optional.empty();
    }

    @Override
    public CapacityAnswer capacity(CapacityQuery query) {
        throw new UnsupportedOperationException(ONLY_PLACES);
    }

    @Override
    public List<FindingRow> findings() {
        return List.of();
    }

    @Override
    public List<DecisionRow> recommendations() {
        return List.of();
    }

    @Override
    public List<DecisionRow> decisions(int maxResults) {
        return List.of();
    }

    @Override
    public Optional<DecisionRow> decision(long id) {
        return Optional.empty();
    }

    @Override
    public CompletionStage<DecisionRow> approve(long decisionId, String who, String reason) {
        throw new UnsupportedOperationException(ONLY_PLACES);
    }

    @Override
    public AutomationRow automation() {
        throw new UnsupportedOperationException(ONLY_PLACES);
    }

    @Override
    public CompletionStage<DecisionRow> act(ActionRequest request, String who, String reason) {
        throw new UnsupportedOperationException(ONLY_PLACES);
    }

    @Override
    public CompletionStage<DrainRow> drain(UUID host, long fromMs, String who, String reason) {
        throw new UnsupportedOperationException(ONLY_PLACES);
    }

    @Override
    public CompletionStage<DrainRow> undrain(UUID host, String who, String reason) {
        throw new UnsupportedOperationException(ONLY_PLACES);
    }

    @Override
    public List<WindowRow> windows(UUID host, int hours, int within) {
        throw new UnsupportedOperationException(ONLY_PLACES);
    }

    @Override
    public List<DrainRow> drains() {
        throw new UnsupportedOperationException(ONLY_PLACES);
    }

    @Override
    public CompletionStage<AutomationRow> stopAutomation(String who, String reason) {
        throw new UnsupportedOperationException(ONLY_PLACES);
    }

    @Override
    public CompletionStage<AutomationRow> resumeAutomation(String who, String reason) {
        throw new UnsupportedOperationException(ONLY_PLACES);
    }

    @Override
    public CompletionStage<DecisionRow> reject(long decisionId, String who, String reason) {
        throw new UnsupportedOperationException(ONLY_PLACES);
    }
}
