package io.novacron.daemon.decision;

import io.novacron.wire.sbe.ActionType;
import io.novacron.wire.sbe.LifecycleState;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/// What decisions have done to one group so far. Made anew from the book at each tick.
final class GroupPast {
    final List<Decision> proposed = new ArrayList<>();

    /// An executor is at work on them, or soon.
    final List<Decision> inHand = new ArrayList<>();

    final List<Decision> rejected = new ArrayList<>();
    long lastOutMs;
    long lastInMs;
    long lastFailureMs;
    int startedInInterval;

    /// @param intervalFromMs when the running interval began
    void see(Decision decision, long intervalFromMs) {
        Proposal proposal = decision.proposal();
        LifecycleState state = decision.state();
        if (state == LifecycleState.PROPOSED) {
            proposed.add(decision);
            return;
        }
        if (state == LifecycleState.REJECTED) {
            rejected.add(decision);
            return;
        }
        if (state == LifecycleState.FAILED) {
            lastFailureMs = Math.max(lastFailureMs, decision.sinceMs());
        }
        long begunMs = begunMs(decision);
        if (Lifecycle.isInHand(state)) {
            inHand.add(decision);
        }
        if (begunMs == 0) {
            return; // never sent, and it never will be
        }
        if (proposal.type() == ActionType.SCALE_OUT) {
            lastOutMs = Math.max(lastOutMs, begunMs);
            if (begunMs >= intervalFromMs) {
                startedInInterval += proposal.scaling().members();
            }
        } else {
            lastInMs = Math.max(lastInMs, begunMs);
        }
    }

    /// When it was sent, or approved where it is not yet.
    private static long begunMs(Decision decision) {
        for (var step : decision.transitions()) {
            if (step.state() == LifecycleState.DISPATCHED) {
                return step.atMs();
            }
        }
        return decision.state() == LifecycleState.APPROVED ? decision.sinceMs() : 0;
    }

    /// Members that are being started and are not seen yet.
    int starting(GroupFacts facts) {
        int starting = 0;
        for (Decision decision : inHand) {
            Proposal proposal = decision.proposal();
            if (proposal.type() != ActionType.SCALE_OUT) {
                continue;
            }
            starting +=
                    proposal.scaling().isByWebhook()
                            ? Math.max(0, proposal.scaling().toSize() - facts.size())
                            : isMember(facts, proposal.vmId()) ? 0 : 1;
        }
        return starting;
    }

    /// Members that run and are not about to go.
    int serving(GroupFacts facts) {
        int serving = facts.size();
        for (Decision decision : inHand) {
            Proposal proposal = decision.proposal();
            if (proposal.type() != ActionType.SCALE_IN) {
                continue;
            }
            if (proposal.scaling().isByWebhook()) {
                serving = Math.min(serving, proposal.scaling().toSize());
            } else if (isMember(facts, proposal.vmId())) {
                serving--;
            }
        }
        return Math.max(0, serving);
    }

    boolean isInHand(UUID member) {
        return inHand.stream().anyMatch(one -> one.proposal().vmId().equals(member));
    }

    private static boolean isMember(GroupFacts facts, UUID vm) {
        return facts.members().stream().anyMatch(member -> member.id().equals(vm));
    }
}
