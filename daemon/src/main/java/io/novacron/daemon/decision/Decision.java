package io.novacron.daemon.decision;

import io.novacron.daemon.view.DecisionRow;
import io.novacron.daemon.view.DecisionRow.TransitionRow;
import io.novacron.wire.sbe.LifecycleState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// One decision and how it got where it is. Immutable.
///
/// @param sinceMs when it came into its state
/// @param approvals who has approved it so far, where two persons must
/// @param baseline how things were before it was sent, as noted; empty when that is not known
/// @param heldBy the rule that kept it from being automatic; empty when none did
record Decision(
        long id,
        Proposal proposal,
        LifecycleState state,
        long sinceMs,
        List<TransitionRow> transitions,
        String outcome,
        List<String> approvals,
        String heldBy,
        Map<String, String> baseline) {

    static Decision proposed(long id, Proposal proposal, long atMs) {
        var first =
                new TransitionRow(LifecycleState.PROPOSED, atMs, "novacron", proposal.summary());
        return new Decision(
                id,
                proposal,
                LifecycleState.PROPOSED,
                atMs,
                List.of(first),
                "",
                List.of(),
                "",
                Map.of());
    }

    Decision moved(LifecycleState to, long atMs, String who, String text) {
        List<TransitionRow> all = new ArrayList<>(transitions);
        all.add(new TransitionRow(to, atMs, who, text));
        String said =
                Lifecycle.isInHand(to) || Lifecycle.isFinal(to)
                        ? text
                        : outcome; // also in place of what held it back
        return new Decision(
                id, proposal, to, atMs, List.copyOf(all), said, approvals, heldBy, baseline);
    }

    /// A first of two persons has approved.
    Decision approvedBy(String who, long atMs, String text) {
        List<TransitionRow> all = new ArrayList<>(transitions);
        all.add(new TransitionRow(state, atMs, who, text));
        List<String> names = new ArrayList<>(approvals);
        names.add(who);
        return new Decision(
                id,
                proposal,
                state,
                sinceMs,
                List.copyOf(all),
                outcome,
                List.copyOf(names),
                heldBy,
                baseline);
    }

    /// Automation does not approve it.
    Decision heldBack(String rule, String text) {
        String said = "not automatic (%s): %s".formatted(rule, text);
        return new Decision(
                id, proposal, state, sinceMs, transitions, said, approvals, rule, baseline);
    }

    /// How things were before it was sent.
    Decision withBaseline(Map<String, String> newBaseline) {
        return new Decision(
                id, proposal, state, sinceMs, transitions, outcome, approvals, heldBy, newBaseline);
    }

    /// It ended long ago.
    Decision withoutExplanation() {
        return new Decision(
                id,
                proposal.withoutExplanation(),
                state,
                sinceMs,
                transitions,
                outcome,
                approvals,
                heldBy,
                baseline);
    }

    long proposedAtMs() {
        return transitions.getFirst().atMs();
    }

    DecisionRow toRow() {
        return new DecisionRow(
                id,
                proposal.type(),
                state,
                proposal.vmId(),
                proposal.vmName(),
                proposal.hostId(),
                proposal.hostName(),
                proposal.fromVcpus(),
                proposal.toVcpus(),
                proposal.fromMemoryBytes(),
                proposal.toMemoryBytes(),
                proposal.targetHostId(),
                proposal.targetHostName(),
                proposal.confidence(),
                proposal.summary(),
                proposal.cost(),
                proposal.benefit(),
                proposal.reasons(),
                proposedAtMs(),
                proposal.tick(),
                proposal.inputsHash(),
                proposal.model(),
                transitions,
                outcome,
                proposal.forecasts(),
                proposal.explanation(),
                proposal.change().fromSetting(),
                proposal.change().toSetting(),
                proposal.change().requestedBy());
    }
}
