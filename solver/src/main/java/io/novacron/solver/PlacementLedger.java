package io.novacron.solver;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Room on hosts that is promised to vms which are not there yet, so that no two requests are
/// answered with the same room. A promise ends when its vm is seen in the fleet, when it is
/// released, or when its time is over.
///
/// Queries read [#index], from any thread and without waiting. Promises are made, released and
/// carried over to the next view under a lock, each in a few microseconds.
public final class PlacementLedger {
    /// One promise.
    ///
    /// @param host in the problem of the index that answered
    /// @param untilMs when it ends unless the vm has come
    public record Promise(String vm, String hostId, int host, double score, long untilMs) {}

    private record Entry(Promise promise, PlacementRequest request, double[] size, double[] peak) {}

    private final PlacementPolicy policy;
    private final int limit;
    private final Placer placer = new Placer();
    private final Map<String, Entry> entries = new HashMap<>();
    private final TreeSet<Promise> byEnd =
            new TreeSet<>(Comparator.comparingLong(Promise::untilMs).thenComparing(Promise::vm));
    // Written under the lock, read by any thread: volatile.
    private volatile @Nullable PlacementIndex index;
    private long expired;
    private long stranded;

    /// @param limit promises at one time
    public PlacementLedger(PlacementPolicy policy, int limit) {
        if (limit < 1) {
            throw new IllegalArgumentException("limit=%d must be at least 1".formatted(limit));
        }
        this.policy = policy;
        this.limit = limit;
    }

    /// The hosts as they are with all promises kept; null before the first view.
    public @Nullable PlacementIndex index() {
        return index;
    }

    /// Takes over a new view of the fleet. Promises whose vms it shows, and those to hosts that it
    /// does not have any more, end here.
    public synchronized PlacementIndex publish(FleetProblem problem, long nowMs) {
        expire(nowMs);
        var promises = new Promises();
        PlacementIndex next = PlacementIndex.publish(problem, policy, promises);
        for (Entry entry : List.copyOf(entries.values())) {
            String vm = entry.promise.vm();
            int host = problem.hostIndex(entry.promise.hostId());
            if (problem.vmIndex(vm) != FleetProblem.MISSING || host == FleetProblem.MISSING) {
                stranded += problem.vmIndex(vm) == FleetProblem.MISSING ? 1 : 0;
                forget(vm);
                continue;
            }
            var promise =
                    new Promise(
                            vm,
                            entry.promise.hostId(),
                            host,
                            entry.promise.score(),
                            entry.promise.untilMs());
            next = enter(next, promise, entry.request);
        }
        index = next;
        return next;
    }

    private PlacementIndex enter(PlacementIndex on, Promise promise, PlacementRequest request) {
        int resources = on.problem.resourceCount;
        double[] size = new double[resources];
        double[] peak = new double[resources];
        for (int resource = 0; resource < resources; resource++) {
            size[resource] = on.problem.roundedUp(on.sizeOf(request, resource), resource);
            peak[resource] = on.problem.roundedUp(on.peakOf(request, resource), resource);
        }
        entries.put(promise.vm(), new Entry(promise, request, size, peak));
        on.promises.add(promise.vm(), promise.host(), request);
        return on.with(promise.host(), size, peak, 1);
    }

    /// Promises the best host for a vm, or tells again what was promised to it before.
    ///
    /// @param vm id of the vm to come
    /// @return null if no host will do; [PlacementIndex#place] says why
    /// @throws InvalidInputException if the request refers to what is not there
    /// @throws IllegalStateException if there is no view yet, the vm is in the fleet already, or as
    ///   many promises are out as may be
    public synchronized @Nullable Promise promise(
            String vm, PlacementRequest request, long nowMs, long lifeMs) {
        expire(nowMs);
        Entry before = entries.get(vm);
        if (before != null) {
            return before.promise;
        }
        PlacementIndex current = index;
        if (current == null) {
            throw new IllegalStateException("no host is known yet. Maybe wait for the first tick?");
        }
        if (current.problem.vmIndex(vm) != FleetProblem.MISSING) {
            throw new IllegalStateException(
                    "vm %s is in the fleet already. Maybe promise under the id of a vm to come?"
                            .formatted(vm));
        }
        if (entries.size() >= limit) {
            throw new IllegalStateException(
                    "%d promises are out, which is the limit. Maybe release those not needed?"
                            .formatted(limit));
        }
        if (placer.search(current, request) == 0) {
            return null;
        }
        int host = placer.host(0);
        var promise =
                new Promise(
                        vm, current.problem.hostId(host), host, placer.score(0), nowMs + lifeMs);
        index = enter(current, promise, request);
        byEnd.add(promise);
        return promise;
    }

    /// Ends a promise.
    ///
    /// @return whether there was one
    public synchronized boolean release(String vm) {
        Entry entry = forget(vm);
        if (entry == null) {
            return false;
        }
        PlacementIndex current = Objects.requireNonNull(index);
        current.promises.remove(vm, entry.request);
        index = current.with(entry.promise.host(), entry.size, entry.peak, -1);
        return true;
    }

    private @Nullable Entry forget(String vm) {
        Entry entry = entries.remove(vm);
        if (entry != null) {
            byEnd.remove(entry.promise);
        }
        return entry;
    }

    private void expire(long nowMs) {
        while (!byEnd.isEmpty() && byEnd.first().untilMs() <= nowMs) {
            release(byEnd.first().vm());
            expired++;
        }
    }

    /// Promises that are out, in no order.
    public synchronized Collection<Promise> promises() {
        var all = new ArrayList<Promise>(entries.size());
        entries.values().forEach(entry -> all.add(entry.promise));
        return all;
    }

    /// Promises whose time was over before their vm came.
    public synchronized long expired() {
        return expired;
    }

    /// Promises to hosts that have left the fleet.
    public synchronized long stranded() {
        return stranded;
    }
}
