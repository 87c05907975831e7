package io.novacron.daemon.tick;

import io.novacron.daemon.view.CommandException;
import io.novacron.daemon.view.DecisionRow.ReasonRow;
import io.novacron.daemon.view.PlacementQuery;
import io.novacron.daemon.view.PlacementRow;
import io.novacron.solver.Placement;
import io.novacron.solver.PlacementIndex;
import io.novacron.solver.PlacementLedger;
import io.novacron.solver.PlacementRequest;
import io.novacron.solver.Placer;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Answers placement queries from a ledger, in the rows that the query ports send. Any thread.
public final class Placements {
    private static final int DEFAULT_HOSTS = 5;

    private final PlacementLedger ledger;
    private final InstantSource clock;
    private final ThreadLocal<Placer> placers = ThreadLocal.withInitial(Placer::new);

    public Placements(PlacementLedger ledger, InstantSource clock) {
        this.ledger = ledger;
        this.clock = clock;
    }

    /// What people call a host.
    public interface HostNames {
        @Nullable String nameOf(UUID host);
    }

    /// @param tick of the view that the answer is from
    /// @throws CommandException if no host is known yet, or the promise asked for cannot be made
    public PlacementRow place(PlacementQuery query, long tick, HostNames names) {
        PlacementIndex index = ledger.index();
        if (index == null) {
            throw new CommandException(
                    CommandException.Kind.CONFLICT,
                    "no host is known yet. Maybe wait for the first tick, or start an agent?");
        }
        int limit = query.maxResults() == 0 ? DEFAULT_HOSTS : query.maxResults();
        var request =
                PlacementRequest.of(
                        query.vcpus(),
                        query.memoryBytes(),
                        Math.min(limit, PlacementRequest.RESULT_LIMIT));
        if (!query.affinity().isEmpty() || !query.antiAffinity().isEmpty()) {
            request = request.withNeighbours(ids(query.affinity()), ids(query.antiAffinity()));
        }
        Placement placement = placers.get().place(index, request);
        List<PlacementRow.Candidate> hosts = new ArrayList<>(placement.candidates().size());
        for (Placement.Candidate candidate : placement.candidates()) {
            hosts.add(row(candidate, names));
        }
        Map<String, Integer> rejections = new HashMap<>();
        for (Placement.Rejected rejected : placement.rejected()) {
            String resource = rejected.resource();
            String reason = rejected.reason().name() + (resource == null ? "" : " " + resource);
            rejections.merge(reason, rejected.hosts(), Integer::sum);
        }
        return new PlacementRow(tick, hosts, rejections, promise(request, query.promise(), names));
    }

    /// Gives the room back that was promised to a vm.
    ///
    /// @return whether there was a promise
    public boolean release(UUID vm) {
        return ledger.release(vm.toString());
    }

    private static PlacementRow.Candidate row(Placement.Candidate candidate, HostNames names) {
        UUID host = UUID.fromString(candidate.hostId());
        List<ReasonRow> reasons = new ArrayList<>();
        for (var reason : candidate.grounds().reasons()) {
            reasons.add(new ReasonRow(reason.code().name(), reason.text()));
        }
        return new PlacementRow.Candidate(
                host,
                nameOf(names, host),
                (float) candidate.score(),
                (float) candidate.grounds().confidence(),
                reasons);
    }

    private PlacementRow.@Nullable Promise promise(
            PlacementRequest request, PlacementQuery.@Nullable PromiseTo promise, HostNames names) {
        if (promise == null) {
            return null;
        }
        try {
            PlacementLedger.Promise made =
                    ledger.promise(
                            promise.vm().toString(),
                            request,
                            clock.millis(),
                            TimeUnit.SECONDS.toMillis(promise.seconds()));
            if (made == null) {
                return null;
            }
            UUID host = UUID.fromString(made.hostId());
            return new PlacementRow.Promise(
                    promise.vm(), host, nameOf(names, host), made.untilMs());
        } catch (IllegalStateException e) {
            throw new CommandException(
                    CommandException.Kind.CONFLICT, Objects.requireNonNull(e.getMessage()));
        }
    }

    private static String nameOf(HostNames names, UUID host) {
        String name = names.nameOf(host);
        return name == null ? host.toString() : name;
    }

    private static List<String> ids(List<UUID> vms) {
        return vms.stream().map(UUID::toString).toList();
    }
}
