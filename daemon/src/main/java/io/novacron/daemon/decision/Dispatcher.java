package io.novacron.daemon.decision;

import io.novacron.daemon.config.PolicyConfig;
import io.novacron.daemon.decision.DecisionEvent.Note;
import io.novacron.daemon.decision.FleetFacts.VmFacts;
import io.novacron.wire.message.Action;
import io.novacron.wire.message.VmSetting;
import io.novacron.wire.sbe.LifecycleState;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// Takes approved decisions to their agents: checks once more that the vm is as it was proposed
/// for, journals the dispatch, and sends once that is on the device. What may not have arrived is
/// sent again, for an agent knows an action by its id. Owned by the thread of the [DecisionDesk].
final class Dispatcher {
    private static final UUID NO_UUID = new UUID(0, 0);
    private static final int BASELINE_MINUTES = 120;

    private final PolicyConfig policy;
    private final ActionPort actions;
    private final DecisionBook book;
    private final StepWriter steps;
    private final LatestFacts latest;
    private final BooleanSupplier automationStopped;
    private final DecisionCounters counters;

    private final Set<Long> maybeUnsent = new HashSet<>(); // dispatched before this start

    /// Dispatched in one go with the approval, which the journal has not handed back yet.
    private final Set<Long> dispatchesOnTheWay = new HashSet<>();

    /// Dispatched, by journal index, and sent once that is on the device.
    private final NavigableMap<Long, Long> unsynced = new TreeMap<>();

    private long syncedIndex;

    /// Dispatched, and the agent could not be given it so far; why.
    private final Map<Long, String> unsent = new HashMap<>();

    Dispatcher(
            PolicyConfig policy,
            ActionPort actions,
            DecisionBook book,
            StepWriter steps,
            LatestFacts latest,
            BooleanSupplier automationStopped,
            DecisionCounters counters) {
        this.policy = policy;
        this.actions = actions;
        this.book = book;
        this.steps = steps;
        this.latest = latest;
        this.automationStopped = automationStopped;
        this.counters = counters;
    }

    /// As a start leaves it.
    void restart() {
        maybeUnsent.clear();
        unsynced.clear();
        unsent.clear();
        onReplayed();
    }

    /// After the replay. What was approved and not yet dispatched goes on at the first tick, when
    /// it is known what is there.
    void onReplayed() {
        for (Decision decision : book.open()) {
            if (decision.state() == LifecycleState.DISPATCHED) {
                maybeUnsent.add(decision.id());
            }
        }
    }

    /// A decision is in another state than [LifecycleState#DISPATCHED].
    void hasLeft(Decision decision) {
        unsent.remove(decision.id());
        maybeUnsent.remove(decision.id());
    }

    /// The approval has come back from the journal.
    void onApproved(Decision decision) {
        if (dispatchesOnTheWay.contains(decision.id())) {
            steps.dispatchIsOnTheWay(decision);
        } else {
            dispatch(decision);
        }
    }

    /// The dispatch has come back from the journal.
    void onDispatched(Decision decision, long journalIndex) {
        dispatchesOnTheWay.remove(decision.id());
        if (policy.syncBeforeDispatch() && journalIndex > syncedIndex) {
            unsynced.put(journalIndex, decision.id());
        } else {
            send(decision);
        }
    }

    /// The journal is on the device up to this record: what waited for that is sent.
    void onSynced(long journalIndex) {
        syncedIndex = Math.max(syncedIndex, journalIndex);
        var ready = unsynced.headMap(syncedIndex, true);
        for (long id : ready.values()) {
            Decision decision = book.get(id);
            if (decision != null && decision.state() == LifecycleState.DISPATCHED) {
                send(decision);
            }
        }
        ready.clear();
    }

    /// A person's approval need not come back from the journal before the dispatch is appended: the
    /// journal keeps the order. An automatic one does, for the kill switch may be used meanwhile.
    void dispatchInOneGo(Decision decision) {
        noteBaseline(decision);
        if (steps.appendDispatch(decision)) {
            dispatchesOnTheWay.add(decision.id());
        } // else as soon as the approval is back
    }

    void dispatch(Decision decision) {
        if (latest.isNothingKnown() || steps.isMoveOnTheWay(decision)) {
            return; // the first tick goes on with it, or it is on its way
        }
        Proposal proposal = decision.proposal();
        VmFacts vm = latest.vm(proposal);
        boolean byPolicy = decision.transitions().getLast().who().startsWith(AutomationDesk.POLICY);
        if (byPolicy && automationStopped.getAsBoolean()) {
            expire(decision, "all automation is stopped");
        } else if (!latest.isThere(proposal)) {
            expire(decision, "the %s is gone".formatted(FollowUp.subject(proposal)));
        } else if (!latest.isAsProposed(proposal)) {
            expire(decision, changed(proposal, vm));
        } else if (latest.isHeard(decision)) { // else a later tick, until it expires
            noteBaseline(decision);
            if (steps.appendDispatch(decision)) {
                steps.dispatchIsOnTheWay(decision);
            } else {
                counters.eventsNotJournaled.increment();
            }
        }
    }

    private static String changed(Proposal proposal, @Nullable VmFacts vm) {
        if (proposal.isScaling() || vm == null) {
            return "the %s has changed since it was proposed".formatted(FollowUp.subject(proposal));
        }
        return "the vm has changed: it %s %d vCPUs and %d bytes on host %s%s"
                .formatted(
                        vm.isOff() ? "is off, with" : "has",
                        vm.vcpus(),
                        vm.memoryBytes(),
                        vm.host(),
                        setting(proposal, vm));
    }

    private static String setting(Proposal proposal, VmFacts vm) {
        VmSetting setting = VmSetting.of(proposal.type());
        return setting == null ? "" : ", %s=%s".formatted(setting.label(), vm.setting(setting));
    }

    private void expire(Decision decision, String why) {
        steps.move(decision, LifecycleState.EXPIRED, StepWriter.SELF, why);
    }

    /// What the effect is measured against; without enough of it nothing is measured.
    private void noteBaseline(Decision decision) {
        if (policy.measure().isZero() || decision.proposal().isScaling()) {
            return;
        }
        Effects before = Effects.read(latest.facts(), decision.proposal(), BASELINE_MINUTES);
        if (before.minutes(Effects.Signal.USAGE).length >= EffectJudge.LEAST_BEFORE) {
            steps.noteOn(
                    decision, Note.BASELINE, StepWriter.SELF, "before the action", before.facts());
        }
    }

    /// Once a tick, while the agent has said nothing of an action: the daemon may have stopped
    /// between journaling a dispatch and sending it, or the connection or the agent may have ended
    /// with the action on its way. The agent knows an action by its id, so what it has already is
    /// not done twice.
    ///
    /// @return whether the action came to its end because it could never be sent
    boolean sendAgain(Decision decision, long nowMs) {
        if (decision.state() != LifecycleState.DISPATCHED
                || unsynced.containsValue(decision.id())) {
            return false;
        }
        boolean inTime =
                nowMs - decision.sinceMs() < ActionTimes.timeoutMs(policy, decision.proposal());
        String problem = unsent.get(decision.id());
        if (inTime) {
            boolean aTickAgo = decision.sinceMs() < latest.lastTickMs();
            boolean before = maybeUnsent.contains(decision.id());
            if ((aTickAgo || before || problem != null) && latest.isHeard(decision)) {
                counters.actionsSentAgain.increment();
                send(decision);
            }
        } else if (problem != null && !maybeUnsent.contains(decision.id())) {
            if (steps.move(decision, LifecycleState.FAILED, StepWriter.SELF, problem)) {
                unsent.remove(decision.id());
            }
            return true;
        }
        return false;
    }

    private void send(Decision decision) {
        Action action = action(decision, decision.sinceMs());
        String problem =
                decision.proposal().isScaling()
                        ? actions.scale(order(decision, action))
                        : actions.send(decision.proposal().hostId(), action);
        if (problem.isEmpty()) {
            unsent.remove(decision.id());
        } else {
            unsent.put(decision.id(), problem);
        }
    }

    private static ScalingOrder order(Decision decision, Action action) {
        Proposal proposal = decision.proposal();
        var scaling = proposal.scaling();
        return new ScalingOrder(
                decision.id(),
                scaling.group(),
                scaling.executor(),
                proposal.type(),
                scaling.fromSize(),
                scaling.toSize(),
                action.issuedAtMs(),
                action.expiresAtMs(),
                proposal.summary(),
                action);
    }

    /// A member is told by its group's name and its own, and what is to become of it.
    private Action scalingAction(Decision decision, long atMs, int timeoutMs) {
        Proposal proposal = decision.proposal();
        var scaling = proposal.scaling();
        boolean clones = scaling.template() != null;
        return new Action(
                decision.id(),
                proposal.type(),
                Objects.requireNonNullElse(scaling.template(), proposal.vmId()),
                atMs,
                atMs + timeoutMs,
                timeoutMs,
                scaling.vcpus(),
                scaling.memoryBytes(),
                proposal.hostId(),
                scaling.vcpus(),
                scaling.memoryBytes(),
                NO_UUID,
                "",
                new byte[0],
                scaling.group(),
                clones ? scaling.member() + " " + proposal.vmId() : scaling.member());
    }

    private Action action(Decision decision, long atMs) {
        Proposal proposal = decision.proposal();
        int timeoutMs = Math.toIntExact(ActionTimes.timeoutMs(policy, proposal));
        if (proposal.isScaling()) {
            return scalingAction(decision, atMs, timeoutMs);
        }
        return new Action(
                decision.id(),
                proposal.type(),
                proposal.vmId(),
                atMs,
                atMs + timeoutMs,
                timeoutMs,
                proposal.fromVcpus(),
                proposal.fromMemoryBytes(),
                proposal.hostId(),
                proposal.toVcpus(),
                proposal.toMemoryBytes(),
                Objects.requireNonNullElse(proposal.targetHostId(), NO_UUID),
                proposal.targetUri(),
                new byte[0],
                proposal.change().fromSetting(),
                proposal.change().toSetting());
    }
}
