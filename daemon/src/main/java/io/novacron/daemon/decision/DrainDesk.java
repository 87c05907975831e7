package io.novacron.daemon.decision;

import io.novacron.daemon.decision.DecisionEvent.Note;
import io.novacron.daemon.view.DrainRow;
import io.novacron.wire.sbe.LifecycleState;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/// Empties hosts: the analysis proposes, tick by tick, the next wave of moves away from them, and
/// here they are approved in the name of who asked for the drain. Freezes, the kill switch and
/// two-person rules hold, as they do for any approval. Owned by the thread of the [DecisionDesk].
final class DrainDesk {
    static final String HOST = "host";
    static final String FROM = "fromMs";

    private final DecisionBook book;
    private final StepWriter steps;
    private final LatestFacts latest;
    private final AutomationDesk automation;
    private final Map<UUID, CompletableFuture<DrainRow>> callers = new HashMap<>();

    DrainDesk(DecisionBook book, StepWriter steps, LatestFacts latest, AutomationDesk automation) {
        this.book = book;
        this.steps = steps;
        this.latest = latest;
        this.automation = automation;
    }

    /// As a start leaves it.
    void restart() {
        callers.clear();
    }

    /// Notes that a host is to be emptied, or may take vms again; answers when the note has come
    /// back.
    ///
    /// @return false when the journal takes nothing
    boolean note(OperatorCommand command, UUID host, CompletableFuture<DrainRow> caller) {
        boolean drain = command.verb() == OperatorCommand.Verb.DRAIN;
        var note =
                new DecisionEvent.Noted(
                        0,
                        drain ? Note.HOST_DRAINED : Note.HOST_RESUMED,
                        command.who(),
                        command.reason(),
                        command.fromMs() == 0
                                ? Map.of(HOST, host.toString())
                                : Map.of(
                                        HOST,
                                        host.toString(),
                                        FROM,
                                        Long.toString(command.fromMs())));
        if (!steps.tryNote(note)) {
            return false;
        }
        callers.put(host, caller);
        return true;
    }

    /// The note has come back from the journal, and the book knows it.
    void onNote(DecisionEvent.Noted note) {
        UUID host = UUID.fromString(note.facts().getOrDefault(HOST, ""));
        var caller = callers.remove(host);
        if (caller != null) {
            Drain drain =
                    book.drains().getOrDefault(host, new Drain(note.who(), note.text(), 0, 0));
            var facts = latest.facts().host(host);
            caller.complete(
                    new DrainRow(
                            host,
                            facts == null ? host.toString() : facts.name(),
                            drain.who(),
                            drain.reason(),
                            drain.sinceMs(),
                            0,
                            List.of(),
                            List.of(),
                            drain.fromMs()));
        }
    }

    /// Approves the moves of the next wave.
    void onTick(FollowUp followUp, long tickMs) {
        for (Decision decision : List.copyOf(book.all())) {
            Proposal proposal = decision.proposal();
            Drain drain = book.drains().get(proposal.hostId());
            if (drain != null
                    && drain.fromMs() <= tickMs
                    && proposal.change().drains()
                    && decision.state() == LifecycleState.PROPOSED
                    && !steps.isMoveOnTheWay(decision)
                    && followUp.isConfirmedAt(decision, tickMs)) {
                approve(decision, drain, tickMs);
            }
        }
    }

    private void approve(Decision decision, Drain drain, long tickMs) {
        var frozen = automation.rules().frozen(decision.proposal(), tickMs);
        if (automation.isStopped()) {
            hold(decision, "stopped", "all automation is stopped");
        } else if (frozen != null) {
            hold(decision, "freeze", "automation.freeze: " + frozen);
        } else if (!automation.rules().needsTwoPersons(decision.proposal(), tickMs)) {
            steps.move(decision, LifecycleState.APPROVED, drain.who(), words(decision, drain));
        } else if (decision.approvals().isEmpty()) {
            steps.noteOn(
                    decision,
                    Note.FIRST_APPROVAL,
                    drain.who(),
                    "first of two approvals: " + words(decision, drain),
                    Map.of());
        }
    }

    private static String words(Decision decision, Drain drain) {
        return "drain of %s%s"
                .formatted(
                        decision.proposal().hostName(),
                        drain.reason().isEmpty() ? "" : ": " + drain.reason());
    }

    private void hold(Decision decision, String rule, String text) {
        if (!rule.equals(decision.heldBy())) {
            steps.noteOn(decision, Note.HELD_BACK, StepWriter.SELF, text, Map.of("rule", rule));
        }
    }
}
