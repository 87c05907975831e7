package io.novacron.daemon.view;

import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// Reads of the last published view. Every method may be called from any thread, never waits for a
/// tick and, but for [#outlook] and [#capacity], never blocks; before the first tick the lists are
/// empty.
public interface FleetQueries {
    StatusRow status();

    List<HostRow> hosts();

    /// Vms of all hosts, ordered by name.
    List<VmRow> vms();

    /// Finds an entity by UUID or by exact name; empty when neither is known or the name is not
    /// unique.
    Optional<UUID> resolve(String uuidOrName);

    /// History of one metric, oldest first, NaN where there is no sample.
    ///
    /// @param metricId a catalogue id
    /// @param stepSeconds 60, 300 or 3600
    /// @param steps number of steps back from now, at most the window of that resolution
    Optional<SeriesRow> series(UUID entity, int metricId, int stepSeconds, int steps);

    Optional<ForecastRow> forecast(UUID entity, int metricId);

    /// One metric of an entity in the coming days; empty when the entity is not known, the metric
    /// is not forecast, or there are less than two days of hours. Takes about a millisecond.
    ///
    /// @param days at most [CapacityQuery#MAX_DAYS]
    Optional<OutlookRow> outlook(UUID entity, int metricId, int days);

    /// When hosts, groups of them and the fleet are used up. The first one to ask in an hour waits
    /// for about two milliseconds a host, if hosts are asked for.
    CapacityAnswer capacity(CapacityQuery query);

    List<FindingRow> findings();

    /// Open recommendations (state PROPOSED), best first.
    List<DecisionRow> recommendations();

    /// Every known decision, newest first, at most `maxResults`.
    List<DecisionRow> decisions(int maxResults);

    Optional<DecisionRow> decision(long id);

    AutomationRow automation();

    /// Hosts that are being emptied, or are kept empty.
    List<DrainRow> drains();

    /// When a host is predicted to be used least, the best time first; empty where nothing is
    /// predicted.
    ///
    /// @param hours that the work takes
    /// @param within hours to look ahead
    List<WindowRow> windows(UUID host, int hours, int within);

    /// Best hosts for a new vm, from the last view and what has been promised since. A promise
    /// waits for other promises being made: some microseconds.
    PlacementRow place(PlacementQuery query);

    /// Gives the room back that was promised to a vm.
    ///
    /// @return whether there was a promise
    boolean releasePromise(UUID vm);
}
