package io.novacron.daemon.decision;

import io.novacron.daemon.view.DecisionRow;
import io.novacron.daemon.view.DecisionRow.TransitionRow;
import io.novacron.wire.sbe.LifecycleState;
import java.util.ArrayList;
import java.util.List;

/// One decision and how it got where it is. Immutable.
///
/// @param sinceMs when it came into its state
record Decision(
        long id,
        Proposal proposal,
        LifecycleState state,
        long sinceMs,
        List<TransitionRow> transitions,
        String outcome) {

    static Decision proposed(long id, Proposal proposal, long atMs) {
        var first =
                new TransitionRow(LifecycleState.PROPOSED, atMs, "novacron", proposal.summary());
        return new Decision(id, proposal, LifecycleState.PROPOSED, atMs, List.of(first), "");
    }

    Decision moved(LifecycleState to, long atMs, String who, String text) {
        List<TransitionRow> all = new ArrayList<>(transitions);
        all.add(new TransitionRow(to, atMs, who, text));
        String said = Lifecycle.isInHand(to) || Lifecycle.isFinal(to) ? text : outcome;
        return new Decision(id, proposal, to, atMs, List.copyOf(all), said);
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
                outcome);
    }
}
