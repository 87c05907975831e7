package io.novacron.daemon.decision;

import io.novacron.daemon.config.PolicyConfig;
import io.novacron.daemon.decision.DecisionEvent.Note;
import io.novacron.daemon.decision.OperatorCommand.Verb;
import io.novacron.daemon.view.ActionRequest;
import io.novacron.daemon.view.AutomationRow;
import io.novacron.daemon.view.CommandException;
import io.novacron.daemon.view.CommandException.Kind;
import io.novacron.daemon.view.DecisionRow;
import io.novacron.daemon.view.DrainRow;
import io.novacron.wire.sbe.LifecycleState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// Carries the commands of operators out: each is journaled first, takes effect when the journal
/// hands it back, and answers its caller when that effect has come back too. Owned by the thread of
/// the [DecisionDesk]; at most [#WAITING_LIMIT] callers wait.
final class OperatorDesk {
    private static final int WAITING_LIMIT = 1_024;

    private final PolicyConfig policy;
    private final DecisionBook book;
    private final StepWriter steps;
    private final LatestFacts latest;
    private final AutomationDesk automation;
    private final Dispatcher dispatcher;
    private final DrainDesk drains;
    private final DecisionCounters counters;
    private final Map<Long, CompletableFuture<DecisionRow>> callersByRequest = new HashMap<>();
    private final Map<Long, CompletableFuture<DecisionRow>> callersByDecision = new HashMap<>();
    private final Map<Long, CompletableFuture<AutomationRow>> switchesByRequest = new HashMap<>();
    private final List<CompletableFuture<AutomationRow>> switchCallers = new ArrayList<>();

    private final Map<Long, CompletableFuture<DrainRow>> drainsByRequest = new HashMap<>();

    /// Asked for, and not yet handed back by the journal as a proposal; by its id.
    private final Map<Long, Asked> asked = new HashMap<>();

    private long lastRequestId;

    private record Asked(OperatorCommand command, CompletableFuture<DecisionRow> caller) {}

    OperatorDesk(
            PolicyConfig policy,
            DecisionBook book,
            StepWriter steps,
            LatestFacts latest,
            AutomationDesk automation,
            Dispatcher dispatcher,
            DrainDesk drains,
            DecisionCounters counters) {
        this.policy = policy;
        this.drains = drains;
        this.book = book;
        this.steps = steps;
        this.latest = latest;
        this.automation = automation;
        this.dispatcher = dispatcher;
        this.counters = counters;
    }

    /// As a start leaves it.
    void restart() {
        callersByRequest.clear();
        callersByDecision.clear();
        asked.clear();
        drainsByRequest.clear();
    }

    // --- what comes in ---------------------------------------------------------------------

    void submit(
            long decisionId,
            Verb verb,
            String who,
            String reason,
            CompletableFuture<DecisionRow> caller) {
        submit(new OperatorCommand(++lastRequestId, decisionId, verb, who, reason), caller);
    }

    /// Asks for an action, and approves it.
    void submit(
            ActionRequest request,
            String who,
            String reason,
            CompletableFuture<DecisionRow> caller) {
        submit(
                new OperatorCommand(++lastRequestId, 0, Verb.ACT, who, reason, request, null, 0),
                caller);
    }

    /// Empties a host, or lets it take vms again.
    ///
    /// @param fromMs when to begin; 0: at once
    void submitDrain(
            Verb verb,
            UUID host,
            long fromMs,
            String who,
            String reason,
            CompletableFuture<DrainRow> caller) {
        String wrong = "";
        if (isReserved(who)) {
            wrong = "who=%s is a name of the daemon's own. Maybe your own name?".formatted(who);
        } else if (policy.mode() == PolicyConfig.Mode.OBSERVE && verb == Verb.DRAIN) {
            wrong = "policy.mode is observe: nothing is moved. Maybe set it to recommend?";
        } else if (drainsByRequest.size() >= WAITING_LIMIT) {
            wrong = "too many commands are waiting. Maybe retry in a second?";
        }
        if (!wrong.isEmpty()) {
            counters.commandsRefused.increment();
            caller.completeExceptionally(new CommandException(Kind.INVALID, wrong));
            return;
        }
        var command =
                new OperatorCommand(++lastRequestId, 0, verb, who, reason, null, host, fromMs);
        drainsByRequest.put(command.requestId(), caller);
        if (!steps.appendCommand(command)) {
            drainsByRequest.remove(command.requestId());
            caller.completeExceptionally(journalFull());
        }
    }

    private void carryOutDrain(OperatorCommand command, UUID host) {
        var caller = drainsByRequest.remove(command.requestId());
        if (caller == null) {
            caller = new CompletableFuture<>(); // nobody waits; the command still counts
        }
        boolean drained = book.drains().containsKey(host);
        if (drained == (command.verb() == Verb.DRAIN)) {
            caller.completeExceptionally(
                    new CommandException(
                            Kind.CONFLICT,
                            drained
                                    ? "the host is being emptied already. Maybe see: novacron drain"
                                    : "the host is not being emptied"));
        } else if (!drains.note(command, host, caller)) {
            caller.completeExceptionally(journalFull());
        }
    }

    private void submit(OperatorCommand command, CompletableFuture<DecisionRow> caller) {
        String who = command.who();
        if (callersByRequest.size() >= WAITING_LIMIT) {
            counters.commandsRefused.increment();
            caller.completeExceptionally(
                    new CommandException(
                            Kind.OVERLOADED,
                            "%d commands are waiting, which is the limit. Maybe retry in a second?"
                                    .formatted(WAITING_LIMIT)));
            return;
        }
        if (isReserved(who)) {
            counters.commandsRefused.increment();
            caller.completeExceptionally(
                    new CommandException(
                            Kind.INVALID,
                            "who=%s is a name of the daemon's own. Maybe your own name?"
                                    .formatted(who)));
            return;
        }
        callersByRequest.put(command.requestId(), caller);
        if (!steps.appendCommand(command)) {
            callersByRequest.remove(command.requestId());
            caller.completeExceptionally(journalFull());
        }
    }

    /// Nobody may sign as an agent, a policy or the daemon.
    private static boolean isReserved(String who) {
        return who.equals(StepWriter.SELF)
                || who.startsWith(AutomationDesk.POLICY)
                || who.startsWith("agent ")
                || who.startsWith(DecisionDesk.WEBHOOK);
    }

    /// The kill switch. It holds from now on, whatever becomes of the command.
    void submitSwitch(
            Verb verb, String who, String reason, CompletableFuture<AutomationRow> caller) {
        if (verb == Verb.STOP) {
            automation.stopNow();
        }
        if (switchesByRequest.size() >= WAITING_LIMIT) {
            counters.commandsRefused.increment();
            caller.completeExceptionally(journalFull());
            return;
        }
        var command = new OperatorCommand(++lastRequestId, 0, verb, who, reason);
        switchesByRequest.put(command.requestId(), caller);
        if (!steps.appendCommand(command)) {
            switchesByRequest.remove(command.requestId());
            caller.completeExceptionally(
                    verb == Verb.STOP
                            ? new CommandException(
                                    Kind.OVERLOADED,
                                    "automation is stopped, but the journal takes nothing at the moment, so a restart would forget it. Maybe retry in a second?")
                            : journalFull());
        }
    }

    // --- what the journal hands back -------------------------------------------------------

    void carryOut(OperatorCommand command, long atMs) {
        if (command.verb() == Verb.STOP || command.verb() == Verb.RESUME) {
            carryOutSwitch(command);
            return;
        }
        UUID host = command.host();
        if (host != null) {
            carryOutDrain(command, host);
            return;
        }
        var caller = callersByRequest.remove(command.requestId());
        if (caller == null) {
            caller = new CompletableFuture<>(); // nobody waits; the command still counts
        }
        ActionRequest request = command.request();
        if (command.verb() == Verb.ACT && request != null) {
            propose(command, request, atMs, caller);
            return;
        }
        Decision decision = book.get(command.decisionId());
        if (decision == null) {
            caller.completeExceptionally(
                    new CommandException(
                            Kind.NOT_FOUND,
                            "decision id=%d is not known. Maybe look at `novacron recommendations`?"
                                    .formatted(command.decisionId())));
            return;
        }
        if (decision.state() != LifecycleState.PROPOSED || steps.isMoveOnTheWay(decision)) {
            caller.completeExceptionally(
                    new CommandException(
                            Kind.CONFLICT,
                            "decision id=%d is %s; only a proposed one can be approved or rejected"
                                    .formatted(decision.id(), decision.state())));
            return;
        }
        if (command.verb() == Verb.APPROVE) {
            approve(decision, command, atMs, caller);
        } else if (steps.move(decision, LifecycleState.REJECTED, command.who(), command.reason())) {
            callersByDecision.put(decision.id(), caller);
        } else {
            caller.completeExceptionally(journalFull());
        }
    }

    private void approve(
            Decision decision,
            OperatorCommand command,
            long atMs,
            CompletableFuture<DecisionRow> caller) {
        if (!mayApprove(decision, command, atMs, caller)) {
            return;
        }
        if (steps.move(decision, LifecycleState.APPROVED, command.who(), command.reason())) {
            callersByDecision.put(decision.id(), caller);
            if (latest.isAsProposed(decision.proposal()) && latest.isHeard(decision)) {
                dispatcher.dispatchInOneGo(decision);
            }
        } else {
            caller.completeExceptionally(journalFull());
        }
    }

    /// What was asked for becomes a proposal like any other, which who asked for it approves once
    /// the journal has handed it back.
    private void propose(
            OperatorCommand command,
            ActionRequest request,
            long atMs,
            CompletableFuture<DecisionRow> caller) {
        try {
            Proposal proposal =
                    Requests.proposal(request, latest.facts(), command.who(), command.reason());
            checkFree(proposal, atMs);
            for (Decision open : List.copyOf(book.all())) {
                if (open.state() == LifecycleState.PROPOSED
                        && open.proposal().type() == proposal.type()
                        && open.proposal().vmId().equals(proposal.vmId())) {
                    steps.move(
                            open,
                            LifecycleState.SUPERSEDED,
                            StepWriter.SELF,
                            "%s asks for: %s".formatted(command.who(), proposal.summary()));
                }
            }
            endMeasuring(proposal, command.who());
            long id = steps.propose(proposal);
            if (id == StepWriter.NOT_JOURNALED) {
                throw journalFull();
            }
            asked.put(id, new Asked(command, caller));
        } catch (CommandException e) {
            caller.completeExceptionally(e);
        }
    }

    /// One change of a vm at a time: what is under way must come to its end first.
    private void checkFree(Proposal proposal, long atMs) {
        var frozen = automation.rules().frozen(proposal, atMs);
        if (frozen != null) {
            throw new CommandException(
                    Kind.CONFLICT,
                    "%s is held back by automation.freeze: %s"
                            .formatted(proposal.summary(), frozen));
        }
        for (Decision decision : book.all()) {
            if (decision.proposal().vmId().equals(proposal.vmId())
                    && (Lifecycle.isInHand(decision.state()) || steps.isApprovalOnTheWay(decision))
                    && !isOnlyMeasured(decision)) {
                throw new CommandException(
                        Kind.CONFLICT,
                        "decision id=%d on vm %s is %s. Maybe wait for its end, or see: novacron decision %d"
                                .formatted(
                                        decision.id(),
                                        proposal.vmName(),
                                        decision.state(),
                                        decision.id()));
            }
        }
        if (steps.isProposalOnTheWay(proposal)) {
            throw new CommandException(
                    Kind.CONFLICT, "the same is being asked for already. Maybe retry in a second?");
        }
    }

    /// Whether the action is done, and all that is left is to see how it does.
    private boolean isOnlyMeasured(Decision decision) {
        return decision.state() == LifecycleState.VERIFYING
                && latest.isAsWanted(decision.proposal())
                && book.undoing(decision.id()) == null
                && !steps.isMoveOnTheWay(decision);
    }

    /// A person need not wait until the effect of the last action on the vm is measured; it is kept
    /// then, and counts as not measured.
    private void endMeasuring(Proposal proposal, String who) {
        for (Decision decision : List.copyOf(book.all())) {
            if (decision.proposal().vmId().equals(proposal.vmId()) && isOnlyMeasured(decision)) {
                steps.noteOn(
                        decision, Note.BASELINE, StepWriter.SELF, "no longer measured", Map.of());
                steps.move(
                        decision,
                        LifecycleState.KEPT,
                        StepWriter.SELF,
                        "the host reports the new state; not measured, for %s asks for: %s"
                                .formatted(who, proposal.summary()));
            }
        }
    }

    /// A proposal has come back from the journal: who asked for it approves it.
    void onProposed(Decision decision, long atMs) {
        Asked request = asked.remove(decision.id());
        if (request != null) {
            approve(decision, request.command(), atMs, request.caller());
        }
    }

    private void carryOutSwitch(OperatorCommand command) {
        var caller = switchesByRequest.remove(command.requestId());
        boolean stop = command.verb() == Verb.STOP;
        var note =
                new DecisionEvent.Noted(
                        0,
                        stop ? Note.AUTOMATION_STOPPED : Note.AUTOMATION_RESUMED,
                        command.who(),
                        command.reason(),
                        Map.of());
        if (steps.tryNote(note)) {
            if (caller != null) {
                switchCallers.add(caller);
            }
        } else if (caller != null) {
            caller.completeExceptionally(journalFull());
        }
    }

    /// Freezes hold for persons too, and some changes need two of them.
    ///
    /// @return whether this approval is to be carried out; else the caller has its answer
    private boolean mayApprove(
            Decision decision,
            OperatorCommand command,
            long atMs,
            CompletableFuture<DecisionRow> caller) {
        var frozen = automation.rules().frozen(decision.proposal(), atMs);
        if (frozen != null && decision.proposal().inverseOf() == 0) { // harm may be undone
            caller.completeExceptionally(
                    new CommandException(
                            Kind.CONFLICT,
                            "decision id=%d is held back by automation.freeze: %s"
                                    .formatted(decision.id(), frozen)));
            return false;
        }
        if (!automation.rules().needsTwoPersons(decision.proposal(), atMs)) {
            return true;
        }
        if (decision.approvals().contains(command.who()) || steps.isNoteOnTheWay(decision)) {
            caller.completeExceptionally(
                    new CommandException(
                            Kind.CONFLICT,
                            "decision id=%d needs two persons and has %s. Maybe ask somebody else?"
                                    .formatted(decision.id(), decision.approvals())));
            return false;
        }
        if (!decision.approvals().isEmpty()) {
            return true;
        }
        if (steps.noteOn(
                decision,
                Note.FIRST_APPROVAL,
                command.who(),
                "first of two approvals: " + command.reason(),
                Map.of())) {
            callersByDecision.put(decision.id(), caller);
        } else {
            caller.completeExceptionally(journalFull());
        }
        return false;
    }

    /// A step of the decision has come back from the journal: who waits for it is answered.
    void answer(long decisionId, @Nullable Decision decision) {
        var caller = callersByDecision.remove(decisionId);
        if (caller != null && decision != null) {
            caller.complete(decision.toRow());
        }
    }

    /// The kill switch has come back from the journal.
    void answerSwitches() {
        switchCallers.forEach(caller -> caller.complete(automation.row()));
        switchCallers.clear();
    }

    private static CommandException journalFull() {
        return new CommandException(
                Kind.OVERLOADED,
                "the journal takes nothing at the moment. Maybe retry in a second?");
    }
}
