package io.novacron.daemon.decision;

import io.novacron.daemon.view.DecisionRow;
import io.novacron.wire.sbe.LifecycleState;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// All decisions, as the journaled events made them: the same events give the same book. Keeps
/// every open decision and the last `finalLimit` finished ones. Not thread-safe.
final class DecisionBook {
    private final TreeMap<Long, Decision> decisions = new TreeMap<>();

    /// The same for the faces: made once for each change, not for each look.
    private final TreeMap<Long, DecisionRow> rows = new TreeMap<>();

    private long changes;
    private final Deque<Long> finished = new ArrayDeque<>();
    private final int finalLimit;
    private AutomationState automation = AutomationState.RUNNING;
    private long lastId;
    private long eventsRefused;

    DecisionBook(int finalLimit) {
        this.finalLimit = finalLimit;
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
        return decision;
    }

    private @Nullable Decision move(DecisionEvent.Moved event, long atMs) {
        Decision decision = decisions.get(event.id());
        if (decision == null || !Lifecycle.allows(decision.state(), event.to())) {
            eventsRefused++;
            return null;
        }
        Decision next = decision.moved(event.to(), atMs, event.who(), event.text());
        if (Lifecycle.isFinal(next.state())) {
            next = next.withBaseline(Map.of()); // some kilobytes that nobody asks for any more
        }
        put(next);
        if (Lifecycle.isFinal(next.state())) {
            finished.addLast(next.id());
            if (finished.size() > finalLimit) {
                long forgotten = finished.removeFirst();
                decisions.remove(forgotten);
                rows.remove(forgotten);
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
            case BASELINE -> change(event.id(), old -> old.withBaseline(event.facts()));
            case OBSERVED, AUDIT_RETIRED, AUDIT_BROKEN -> {}
        }
        return decisions.get(event.id());
    }

    private void put(Decision decision) {
        decisions.put(decision.id(), decision);
        rows.put(decision.id(), decision.toRow());
        changes++;
    }

    private void change(long id, UnaryOperator<Decision> change) {
        Decision old = decisions.get(id);
        if (old != null) {
            put(change.apply(old));
        }
    }

    /// Newest first, as the faces show them.
    List<DecisionRow> rows() {
        return List.copyOf(rows.descendingMap().values());
    }

    /// Grows with each change of a decision.
    long changes() {
        return changes;
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
            AutomationState newAutomation) {
        automation = newAutomation;
        decisions.clear();
        rows.clear();
        all.forEach(this::put);
        finished.clear();
        finished.addAll(allFinished);
        lastId = highestId;
    }

    /// The newest decision that is to undo this one; null when there is none.
    @Nullable Decision undoing(long id) {
        for (Decision decision : decisions.tailMap(id, false).descendingMap().values()) {
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

    /// Largest first.
    Map<Long, Decision> newestFirst() {
        return decisions.descendingMap();
    }

    int count(LifecycleState state) {
        int count = 0;
        for (Decision decision : decisions.values()) {
            count += decision.state() == state ? 1 : 0;
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
