package io.novacron.daemon.decision;

import io.novacron.daemon.config.PolicyConfig;
import io.novacron.daemon.decision.DecisionEvent.Note;
import io.novacron.ingest.Urgency;
import io.novacron.wire.sbe.LifecycleState;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Appends steps to the journal and knows which of them it has not handed back yet, so that none is
/// taken twice. A step that the journal does not take is counted, and taken again by whoever still
/// wants it. Owned by the thread of the [DecisionDesk].
final class StepWriter {
    static final String SELF = "novacron";

    /// In place of the id of a decision that the journal did not take.
    static final long NOT_JOURNALED = -1;

    private final DecisionJournal journal;
    private final DecisionBook book;
    private final DecisionCounters counters;
    private final boolean syncBeforeDispatch;

    // Appended, and not yet handed back by the journal.
    private final Set<String> proposals = new HashSet<>();
    private final Map<Long, LifecycleState> moves = new HashMap<>();
    private final Set<Long> notes = new HashSet<>();

    private long lastAssignedId;
    private DecisionEvent.@Nullable Noted unwritten; // the journal did not take it yet

    StepWriter(
            PolicyConfig policy,
            DecisionJournal journal,
            DecisionBook book,
            DecisionCounters counters) {
        this.syncBeforeDispatch = policy.syncBeforeDispatch();
        this.journal = journal;
        this.book = book;
        this.counters = counters;
    }

    /// As a start leaves it.
    void restart() {
        proposals.clear();
        moves.clear();
        notes.clear();
        unwritten = null;
        lastAssignedId = book.lastId();
    }

    /// After the replay.
    void onReplayed() {
        lastAssignedId = book.lastId();
    }

    /// The journal has handed it back.
    void arrived(DecisionEvent event) {
        if (event instanceof DecisionEvent.Proposed proposed) {
            proposals.remove(key(proposed.proposal()));
        } else if (event instanceof DecisionEvent.Moved) {
            moves.remove(event.id());
        } else {
            notes.remove(event.id());
        }
    }

    boolean isProposalOnTheWay(Proposal proposal) {
        return proposals.contains(key(proposal));
    }

    boolean isMoveOnTheWay(Decision decision) {
        return moves.containsKey(decision.id());
    }

    boolean isApprovalOnTheWay(Decision decision) {
        return moves.get(decision.id()) == LifecycleState.APPROVED;
    }

    boolean isNoteOnTheWay(Decision decision) {
        return notes.contains(decision.id());
    }

    /// @return the decision's id, or [#NOT_JOURNALED]
    long propose(Proposal proposal) {
        var event =
                new DecisionEvent.Proposed(Math.max(lastAssignedId, book.lastId()) + 1, proposal);
        Urgency urgency = proposal.isRequested() ? Urgency.PROMPT : Urgency.ROUTINE;
        if (journal.appendEvent(EventCodec.encode(event), urgency)) {
            lastAssignedId = event.id();
            proposals.add(key(proposal));
            return event.id();
        }
        counters.eventsNotJournaled.increment(); // what is advised is advised again next tick
        return NOT_JOURNALED;
    }

    /// @return false when another move is on the way, or the journal does not take it
    boolean move(Decision decision, LifecycleState to, String who, String text) {
        if (moves.containsKey(decision.id())) {
            return false;
        }
        if (!append(new DecisionEvent.Moved(decision.id(), to, who, text))) {
            counters.eventsNotJournaled.increment();
            return false;
        }
        moves.put(decision.id(), to);
        return true;
    }

    /// Appended without a look at what is on the way; the caller says [#dispatchIsOnTheWay] once it
    /// is the only one.
    boolean appendDispatch(Decision decision) {
        return append(
                new DecisionEvent.Moved(
                        decision.id(),
                        LifecycleState.DISPATCHED,
                        SELF,
                        "sent to host " + decision.proposal().hostName()));
    }

    void dispatchIsOnTheWay(Decision decision) {
        moves.put(decision.id(), LifecycleState.DISPATCHED);
    }

    private boolean append(DecisionEvent.Moved event) {
        return journal.appendEvent(EventCodec.encode(event), urgency(event.to()));
    }

    /// A person, or an agent that is to act, waits for some.
    private Urgency urgency(LifecycleState to) {
        return switch (to) {
            case DISPATCHED -> syncBeforeDispatch ? Urgency.SYNCED : Urgency.PROMPT;
            case APPROVED, REJECTED -> Urgency.PROMPT;
            default -> Urgency.ROUTINE;
        };
    }

    private static Urgency urgency(Note note) {
        return switch (note) {
            case AUTOMATION_STOPPED,
                    AUTOMATION_RESUMED,
                    FIRST_APPROVAL,
                    HOST_DRAINED,
                    HOST_RESUMED ->
                    Urgency.PROMPT;
            default -> Urgency.ROUTINE;
        };
    }

    /// @return false when another note on it is on the way, or the journal does not take it
    boolean noteOn(
            Decision decision, Note note, String who, String text, Map<String, String> facts) {
        if (notes.contains(decision.id())) {
            return false;
        }
        if (!tryNote(new DecisionEvent.Noted(decision.id(), note, who, text, facts))) {
            return false;
        }
        notes.add(decision.id());
        return true;
    }

    /// A note on no decision, once.
    ///
    /// @return false when the journal does not take it
    boolean tryNote(DecisionEvent.Noted note) {
        if (!journal.appendEvent(EventCodec.encode(note), urgency(note.note()))) {
            counters.eventsNotJournaled.increment();
            return false;
        }
        return true;
    }

    /// A note on no decision; one that the journal does not take is tried again at [#writeLate].
    void note(DecisionEvent.Noted note) {
        if (!tryNote(note)) {
            unwritten = note;
        }
    }

    void writeLate() {
        DecisionEvent.Noted late = unwritten;
        unwritten = null;
        if (late != null) {
            note(late);
        }
    }

    boolean appendCommand(OperatorCommand command) {
        return journal.appendCommand(EventCodec.encode(command));
    }

    private static String key(Proposal proposal) {
        return proposal.type() + " " + proposal.vmId();
    }
}
