package io.novacron.daemon.decision;

import io.novacron.daemon.config.PolicyConfig;
import io.novacron.wire.message.VmSetting;
import io.novacron.wire.sbe.LifecycleState;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What becomes of open decisions from tick to tick: proposals expire, actions are read back, their
/// effect is measured, and what made things worse is undone. Owned by the thread of the
/// [DecisionDesk].
final class FollowUp {
    /// An agent that is silent may still be at work for this long after its time is up.
    private static final Duration GRACE = Duration.ofSeconds(30);

    private final PolicyConfig policy;
    private final DecisionBook book;
    private final StepWriter steps;
    private final Dispatcher dispatcher;
    private final LatestFacts latest;
    private final DecisionCounters counters;
    private final Set<Long> halfMeasured = new HashSet<>();
    private final Map<Long, Long> lastConfirmedMs = new HashMap<>();

    FollowUp(
            PolicyConfig policy,
            DecisionBook book,
            StepWriter steps,
            Dispatcher dispatcher,
            LatestFacts latest,
            DecisionCounters counters) {
        this.policy = policy;
        this.book = book;
        this.steps = steps;
        this.dispatcher = dispatcher;
        this.latest = latest;
        this.counters = counters;
    }

    /// As a start leaves it.
    void restart() {
        halfMeasured.clear();
        restore();
    }

    /// The book has been restored.
    void restore() {
        lastConfirmedMs.clear();
        for (Decision decision : book.open()) {
            lastConfirmedMs.put(decision.id(), decision.sinceMs());
        }
    }

    /// A decision came into its state.
    void onStep(Decision decision, long atMs) {
        lastConfirmedMs.put(decision.id(), atMs);
        if (Lifecycle.isFinal(decision.state())) {
            lastConfirmedMs.remove(decision.id());
        }
    }

    /// It is advised again.
    void confirm(Decision decision, long tickMs) {
        lastConfirmedMs.put(decision.id(), tickMs);
    }

    boolean isConfirmedAt(Decision decision, long tickMs) {
        return lastConfirmedMs.getOrDefault(decision.id(), 0L) == tickMs;
    }

    /// @param between called before each decision
    void onTick(long nowMs, Runnable between) {
        for (Decision decision : List.copyOf(book.open())) {
            between.run();
            long inStateMs = nowMs - decision.sinceMs();
            switch (decision.state()) {
                case PROPOSED -> expireIfStale(decision, nowMs);
                case APPROVED -> goOnWith(decision, inStateMs);
                case DISPATCHED, RUNNING -> {
                    if (dispatcher.sendAgain(decision, nowMs)) {
                        continue;
                    }
                    if (inStateMs > timeoutMs(decision) + GRACE.toMillis()) {
                        move(decision, LifecycleState.UNKNOWN, "no outcome in time; reading back");
                    }
                }
                case VERIFYING -> verify(decision, inStateMs, nowMs);
                case UNKNOWN -> readBack(decision, inStateMs);
                default -> {}
            }
        }
    }

    private long timeoutMs(Decision decision) {
        return ActionTimes.timeoutMs(policy, decision.proposal());
    }

    private void move(Decision decision, LifecycleState to, String text) {
        steps.move(decision, to, StepWriter.SELF, text);
    }

    /// Approved, and not dispatched because the daemon stopped or did not know the vm yet.
    private void goOnWith(Decision decision, long inStateMs) {
        if (inStateMs > policy.expireAfter().toMillis()) {
            move(decision, LifecycleState.EXPIRED, "approved too long ago");
        } else {
            dispatcher.dispatch(decision);
        }
    }

    private void expireIfStale(Decision decision, long nowMs) {
        long confirmedMs = lastConfirmedMs.getOrDefault(decision.id(), decision.sinceMs());
        if (!latest.isThere(decision.proposal())) {
            move(
                    decision,
                    LifecycleState.EXPIRED,
                    "the %s is gone".formatted(subject(decision.proposal())));
        } else if (nowMs - confirmedMs > policy.expireAfter().toMillis()) {
            boolean requested = decision.proposal().isRequested();
            move(
                    decision,
                    LifecycleState.EXPIRED,
                    requested ? "asked for, and not approved in time" : "no longer advised");
        }
    }

    /// The host must report the new state; then the effect is measured, twice: when half of the
    /// time is over, so that harm ends sooner, and at the end.
    private void verify(Decision decision, long inStateMs, long nowMs) {
        Decision undoing = book.undoing(decision.id());
        if (undoing != null) {
            follow(decision, undoing, nowMs);
        } else if (!latest.isAsWanted(decision.proposal())) {
            if (inStateMs > timeoutMs(decision)) {
                move(decision, LifecycleState.UNKNOWN, "the host does not report the new state");
            }
        } else if (!isMeasured(decision)) {
            move(decision, LifecycleState.KEPT, "the host reports the new state");
        } else {
            measure(decision, inStateMs);
        }
    }

    private boolean isMeasured(Decision decision) {
        return !policy.measure().isZero()
                && !decision.baseline().isEmpty()
                && decision.proposal().inverseOf() == 0
                && !decision.proposal().isScaling()
                && !isALimitThatAPersonSet(decision.proposal());
    }

    static String subject(Proposal proposal) {
        if (!proposal.isScaling()) {
            return "vm";
        } else if (proposal.scaling().isByWebhook()) {
            return "group";
        }
        return proposal.scaling().template() == null ? "member" : "template";
    }

    /// Who limits a vm wants it to have less: that is no harm to be undone.
    private static boolean isALimitThatAPersonSet(Proposal proposal) {
        return proposal.isRequested() && VmSetting.of(proposal.type()) != null;
    }

    private void measure(Decision decision, long inStateMs) {
        long measuredMs = inStateMs - policy.settle().toMillis();
        long wholeMs = policy.measure().toMillis();
        boolean last = measuredMs >= wholeMs;
        if (!last && (measuredMs < wholeMs / 2 || !halfMeasured.add(decision.id()))) {
            return;
        }
        Effects before = Effects.parse(decision.baseline());
        if (before == null) {
            return;
        }
        int minutes = (int) Duration.ofMillis(last ? wholeMs : wholeMs / 2).toMinutes();
        Proposal proposal = decision.proposal();
        Effects after = Effects.read(latest.facts(), proposal, minutes);
        var judgement = EffectJudge.judge(proposal, before, after);
        if (judgement.worse()) {
            if (!steps.isProposalOnTheWay(proposal)) {
                counters.worseThanPromised.increment();
                steps.propose(proposal.inverse(decision.id(), judgement.text(), proposal.tick()));
            }
        } else if (last) {
            halfMeasured.remove(decision.id());
            move(
                    decision,
                    LifecycleState.KEPT,
                    "the host reports the new state; " + judgement.text());
        }
    }

    /// An action that made things worse ends as its inverse does.
    private void follow(Decision decision, Decision undoing, long nowMs) {
        switch (undoing.state()) {
            case KEPT ->
                    move(
                            decision,
                            LifecycleState.ROLLED_BACK,
                            "undone by decision %d: %s"
                                    .formatted(
                                            undoing.id(),
                                            undoing.proposal().reasons().getFirst().text()));
            case REJECTED ->
                    steps.move(
                            decision,
                            LifecycleState.KEPT,
                            undoing.transitions().getLast().who(),
                            "kept although it is worse than promised: decision %d was rejected"
                                    .formatted(undoing.id()));
            case EXPIRED, FAILED, SUPERSEDED, ROLLED_BACK ->
                    move(
                            decision,
                            LifecycleState.FAILED,
                            "worse than promised, and decision %d could not undo it: %s"
                                    .formatted(undoing.id(), undoing.outcome()));
            default -> lastConfirmedMs.put(undoing.id(), nowMs);
        }
        if (Lifecycle.isFinal(undoing.state())) {
            halfMeasured.remove(decision.id());
        }
    }

    private void readBack(Decision decision, long inStateMs) {
        if (latest.isAsWanted(decision.proposal())) {
            move(
                    decision,
                    isMeasured(decision) ? LifecycleState.VERIFYING : LifecycleState.KEPT,
                    "read back: the host reports the new state");
        } else if (inStateMs > timeoutMs(decision) && latest.isKnown(decision)) {
            move(
                    decision,
                    LifecycleState.FAILED,
                    !latest.isThere(decision.proposal())
                            ? "read back: the %s is gone".formatted(subject(decision.proposal()))
                            : "read back: nothing has changed");
        }
    }
}
