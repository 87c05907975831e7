package io.novacron.daemon.decision;

import io.novacron.daemon.config.AutomationConfig;
import io.novacron.daemon.config.PolicyConfig;
import io.novacron.daemon.decision.AutomationPolicy.Verdict;
import io.novacron.daemon.decision.DecisionEvent.Note;
import io.novacron.daemon.view.AutomationRow;
import io.novacron.wire.sbe.LifecycleState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// What is done without a person: approves what the policies allow, keeps the kill switch, and in
/// mode `observe` adds up what would have been saved. Owned by the thread of the [DecisionDesk].
final class AutomationDesk {
    /// Begins the name under which a rule approves.
    static final String POLICY = "policy ";

    private static final Duration OBSERVED_EVERY = Duration.ofHours(1);

    private final PolicyConfig policy;
    private final AutomationConfig config;
    private final AutomationPolicy rules;
    private final DecisionBook book;
    private final StepWriter steps;
    private final DecisionCounters counters;
    private ObservedSavings observed = new ObservedSavings();
    private long lastObservedMs;
    private boolean stoppedNow; // before the journal hands it back

    AutomationDesk(
            PolicyConfig policy,
            AutomationConfig config,
            DecisionBook book,
            StepWriter steps,
            DecisionCounters counters) {
        this.policy = policy;
        this.config = config;
        this.rules = new AutomationPolicy(policy, config);
        this.book = book;
        this.steps = steps;
        this.counters = counters;
    }

    /// As a start leaves it.
    void restart() {
        stoppedNow = false;
        observed = new ObservedSavings();
        lastObservedMs = 0;
    }

    AutomationPolicy rules() {
        return rules;
    }

    /// Holds until [#switched].
    void stopNow() {
        stoppedNow = true;
    }

    /// The journal has handed the kill switch back: the book says it now.
    void switched() {
        stoppedNow = false;
    }

    boolean isStopped() {
        return stoppedNow || book.automation().stopped();
    }

    /// Approves what the policies allow, best first, and notes what holds the others back.
    void onTick(FollowUp followUp, long tickMs) {
        if (!rules.isOn()) {
            return;
        }
        List<Decision> confirmed = new ArrayList<>();
        for (Decision decision : book.open()) {
            if (decision.state() == LifecycleState.PROPOSED
                    && !steps.isMoveOnTheWay(decision)
                    && (followUp.isConfirmedAt(decision, tickMs)
                            || decision.proposal().inverseOf() != 0)) {
                confirmed.add(decision);
            }
        }
        confirmed.sort(
                Comparator.comparing((Decision one) -> one.proposal().benefitScore())
                        .reversed()
                        .thenComparing(Decision::id));
        List<Decision> lately = confirmed.isEmpty() ? List.of() : rules.lately(book.all(), tickMs);
        for (Decision decision : confirmed) {
            decide(decision, lately, tickMs);
        }
    }

    private void decide(Decision decision, List<Decision> lately, long tickMs) {
        switch (verdict(decision.proposal(), lately, tickMs)) {
            case Verdict.Allowed allowed -> {
                if (steps.move(
                        decision,
                        LifecycleState.APPROVED,
                        POLICY + allowed.rule(),
                        allowed.text())) {
                    counters.approvedAutomatically.increment();
                }
            }
            case Verdict.Held held -> {
                if (!held.rule().equals(decision.heldBy())) {
                    steps.noteOn(
                            decision,
                            Note.HELD_BACK,
                            StepWriter.SELF,
                            held.text(),
                            Map.of("rule", held.rule()));
                }
            }
        }
    }

    private Verdict verdict(Proposal proposal, List<Decision> lately, long tickMs) {
        AutomationState state =
                stoppedNow && !book.automation().stopped()
                        ? new AutomationState(true, tickMs, "somebody", "a moment ago")
                        : book.automation();
        if (proposal.inverseOf() != 0) {
            return rules.decideInverse(proposal, state, tickMs);
        }
        return rules.decide(
                proposal,
                book.ofVm(proposal.vmId()),
                lately,
                steps::isApprovalOnTheWay,
                state,
                tickMs);
    }

    /// Mode `observe`: nothing is proposed, and once an hour the sum is put on record.
    void observe(List<Proposal> advice, long tickMs) {
        observed.onTick(
                advice.stream()
                        .filter(one -> one.confidence() >= policy.confidence())
                        .limit(policy.maxOpen())
                        .toList(),
                tickMs);
        if (tickMs - lastObservedMs < OBSERVED_EVERY.toMillis()) {
            return;
        }
        lastObservedMs = tickMs;
        var total = observed.total();
        steps.note(
                new DecisionEvent.Noted(
                        0,
                        Note.OBSERVED,
                        StepWriter.SELF,
                        "would have saved %.1f vCPU hours and %.1f GiB hours"
                                .formatted(total.vcpuHours(), total.memoryGibHours()),
                        Map.of(
                                "sinceMs",
                                Long.toString(total.sinceMs()),
                                "changes",
                                Integer.toString(total.changes()),
                                "vcpuHours",
                                Double.toString(total.vcpuHours()),
                                "memoryGibHours",
                                Double.toString(total.memoryGibHours()))));
    }

    /// What is done without a person, and what would be.
    AutomationRow row() {
        AutomationState state = book.automation();
        return new AutomationRow(
                policy.mode().name().toLowerCase(Locale.ROOT),
                isStopped(),
                state.who(),
                state.reason(),
                state.sinceMs(),
                config.allow().stream().map(Object::toString).toList(),
                counters.approvedAutomatically.sum(),
                observed.total());
    }
}
