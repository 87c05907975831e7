package io.novacron.daemon.decision;

import io.novacron.daemon.view.DecisionRow;
import io.novacron.wire.sbe.ActionType;
import io.novacron.wire.sbe.LifecycleState;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// All decisions, as the journaled events made them: the same events give the same book. Keeps
/// every open decision and the last `finalLimit` finished ones. Owned by one thread; what the faces
/// see ([#rows], [#benefitOf]) any thread may read.
final class DecisionBook {
    private final TreeMap<Long, Decision> decisions = new TreeMap<>();

    /// Those of them that are not finished: few, whatever the book has seen.
    private final TreeMap<Long, Decision> open = new TreeMap<>();

    private final Map<UUID, TreeMap<Long, Decision>> byVm = new HashMap<>();

    /// The same for the faces: a row is made once for each change, the list of them only for who
    /// looks.
    private final ConcurrentSkipListMap<Long, DecisionRow> rows = new ConcurrentSkipListMap<>();

    private final Map<Long, Float> benefits = new ConcurrentHashMap<>();
    private final AtomicLong changes = new AtomicLong(); // after each of them, by the owner
    private volatile Seen seen = new Seen(0, List.of());
    private final Deque<Long> finished = new ArrayDeque<>();
    private final int finalLimit;
    private final int explainedLimit;
    private final Deque<Long> explained = new ArrayDeque<>(); // the newest of `finished`
    private final Map<ActionType, Track> tracks = new EnumMap<>(ActionType.class);
    private final TreeMap<UUID, Drain> drains = new TreeMap<>();
    private AutomationState automation = AutomationState.RUNNING;
    private long lastId;
    private long eventsRefused;

    /// What the faces saw last.
    private record Seen(long changes, List<DecisionRow> rows) {}

    DecisionBook(int finalLimit) {
        this(finalLimit, 1_000);
    }

    /// @param explainedLimit finished decisions whose explanation is kept: some kilobytes each
    DecisionBook(int finalLimit, int explainedLimit) {
        this.finalLimit = finalLimit;
        this.explainedLimit = explainedLimit;
    }

    /// Applies one event.
    ///
    /// @return the decision as it now stands, or null when the event does not follow from the state
    ///   of the decision (counted, and otherwise ignored)
    @Nullable Decision apply(DecisionEvent event, long atMs) {
        return switch (event) {
            case DecisionEvent.Proposed proposed -> propose(proposed, atMs);
            case DecisionEvent.Moved moved -> move(moved, atMs);
            case DecisionEvent.Noted noted -> note(noted, atMs);
        };
    }

    private @Nullable Decision propose(DecisionEvent.Proposed event, long atMs) {
        if (event.id() <= lastId) {
            eventsRefused++;
            return null;
        }
        lastId = event.id();
        var decision = Decision.proposed(event.id(), event.proposal(), atMs);
        put(decision);
        Decision undone = decisions.get(event.proposal().inverseOf());
        if (undone != null && undoing(undone.id(), decision.id()) == null) {
            track(undone, Track::broke); // said once, however often it is proposed
        }
        return decision;
    }

    private @Nullable Decision move(DecisionEvent.Moved event, long atMs) {
        Decision decision = decisions.get(event.id());
        if (decision == null || !Lifecycle.allows(decision.state(), event.to())) {
            eventsRefused++;
            return null;
        }
        Decision moved = decision.moved(event.to(), atMs, event.who(), event.text());
        Decision next =
                Lifecycle.isFinal(moved.state())
                        ? moved.withBaseline(Map.of()) // some kilobytes nobody asks for any more
                        : moved;
        put(next);
        if (next.state() == LifecycleState.KEPT && next.proposal().inverseOf() == 0) {
            boolean measured = !decision.baseline().isEmpty() && undoing(next.id()) == null;
            track(next, track -> track.kept(next.proposal(), measured, atMs));
        }
        if (Lifecycle.isFinal(next.state())) {
            finished.addLast(next.id());
            explained.addLast(next.id());
            forgetExplanations();
            if (finished.size() > finalLimit) {
                forget(finished.removeFirst());
            }
        }
        return next;
    }

    private @Nullable Decision note(DecisionEvent.Noted event, long atMs) {
        switch (event.note()) {
            case AUTOMATION_STOPPED ->
                    automation = new AutomationState(true, atMs, event.who(), event.text());
            case AUTOMATION_RESUMED ->
                    automation = new AutomationState(false, atMs, event.who(), event.text());
            case FIRST_APPROVAL ->
                    change(event.id(), old -> old.approvedBy(event.who(), atMs, event.text()));
            case HELD_BACK ->
                    change(
                            event.id(),
                            old ->
                                    old.heldBack(
                                            event.facts().getOrDefault("rule", ""), event.text()));
            case HOST_DRAINED ->
                    drains.put(
                            hostOf(event),
                            new Drain(
                                    event.who(),
                                    event.text(),
                                    atMs,
                                    Long.parseLong(
                                            event.facts()
                                                    .getOrDefault(DrainDesk.FROM, "" + atMs))));
            case HOST_RESUMED -> drains.remove(hostOf(event));
            case BASELINE -> change(event.id(), old -> old.withBaseline(event.facts()));
            case OBSERVED, AUDIT_RETIRED, AUDIT_BROKEN -> {}
        }
        return decisions.get(event.id());
    }

    private static UUID hostOf(DecisionEvent.Noted event) {
        return UUID.fromString(event.facts().getOrDefault(DrainDesk.HOST, ""));
    }

    /// Hosts that are being emptied.
    Map<UUID, Drain> drains() {
        return drains;
    }

    private void put(Decision decision) {
        long id = decision.id();
        decisions.put(id, decision);
        byVm.computeIfAbsent(decision.proposal().vmId(), _ -> new TreeMap<>()).put(id, decision);
        if (Lifecycle.isFinal(decision.state())) {
            open.remove(id);
        } else {
            open.put(id, decision);
        }
        if (decision.state() == LifecycleState.PROPOSED) {
            benefits.put(id, decision.proposal().benefitScore());
        } else {
            benefits.remove(id);
        }
        rows.put(id, decision.toRow());
        hasChanged();
    }

    private void hasChanged() {
        changes.incrementAndGet();
    }

    private void forget(long id) {
        Decision forgotten = decisions.remove(id);
        rows.remove(id);
        hasChanged();
        if (forgotten != null) {
            byVm.computeIfPresent(
                    forgotten.proposal().vmId(),
                    (_, of) -> {
                        of.remove(id);
                        return of.isEmpty() ? null : of;
                    });
        }
    }

    private void change(long id, UnaryOperator<Decision> change) {
        Decision old = decisions.get(id);
        if (old != null) {
            put(change.apply(old));
        }
    }

    /// Newest first, as the faces show them. Any thread; each row is whole, and none is older than
    /// the call.
    List<DecisionRow> rows() {
        Seen last = seen;
        long now =
                changes.get(); // before the rows are read: a later look finds what came meanwhile
        if (last.changes() != now) {
            last = new Seen(now, List.copyOf(rows.descendingMap().values()));
            seen = last;
        }
        return last.rows();
    }

    /// How much an open proposal would bring; 0 for others. Any thread.
    float benefitOf(long id) {
        return benefits.getOrDefault(id, 0f);
    }

    /// Whether the kill switch is on.
    AutomationState automation() {
        return automation;
    }

    /// Ids of the finished ones, the first to be forgotten first.
    Collection<Long> finished() {
        return finished;
    }

    /// Takes the place of everything that is there.
    void restore(
            Collection<Decision> all,
            Collection<Long> allFinished,
            long highestId,
            AutomationState newAutomation,
            Map<ActionType, Track> allTracks,
            Map<UUID, Drain> allDrains) {
        automation = newAutomation;
        drains.clear();
        drains.putAll(allDrains);
        decisions.clear();
        open.clear();
        byVm.clear();
        rows.clear();
        benefits.clear();
        hasChanged();
        all.forEach(this::put);
        finished.clear();
        finished.addAll(allFinished);
        explained.clear();
        explained.addAll(allFinished);
        forgetExplanations();
        tracks.clear();
        tracks.putAll(allTracks);
        lastId = highestId;
    }

    private void track(Decision decision, UnaryOperator<Track> step) {
        tracks.merge(
                decision.proposal().type(),
                step.apply(Track.EMPTY),
                (known, _) -> step.apply(known));
    }

    private void forgetExplanations() {
        while (explained.size() > explainedLimit) {
            change(explained.removeFirst(), Decision::withoutExplanation);
        }
    }

    /// How actions have done so far, by type.
    Map<ActionType, Track> tracks() {
        return tracks;
    }

    /// The newest decision that is to undo this one; null when there is none.
    @Nullable Decision undoing(long id) {
        return undoing(id, Long.MAX_VALUE);
    }

    private @Nullable Decision undoing(long id, long before) {
        for (Decision decision :
                decisions.subMap(id, false, before, false).descendingMap().values()) {
            if (decision.proposal().inverseOf() == id) {
                return decision;
            }
        }
        return null;
    }

    @Nullable Decision get(long id) {
        return decisions.get(id);
    }

    /// In order of id.
    Collection<Decision> all() {
        return decisions.values();
    }

    /// Those that are not finished, in order of id.
    Collection<Decision> open() {
        return open.values();
    }

    /// Those of one vm, newest first.
    Collection<Decision> ofVm(UUID vm) {
        TreeMap<Long, Decision> of = byVm.get(vm);
        return of == null ? List.of() : of.descendingMap().values();
    }

    int proposed() {
        int count = 0;
        for (Decision decision : open.values()) {
            count += decision.state() == LifecycleState.PROPOSED ? 1 : 0;
        }
        return count;
    }

    long lastId() {
        return lastId;
    }

    long eventsRefused() {
        return eventsRefused;
    }
}
