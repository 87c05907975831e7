package io.novacron.daemon.decision;

import io.novacron.daemon.config.PolicyConfig;
import io.novacron.daemon.decision.Proposal.Scaling;
import io.novacron.solver.Figure;
import io.novacron.wire.sbe.ActionType;
import java.time.Duration;

/// How long an action may take. A pure function of the proposal and the configuration.
final class ActionTimes {
    /// A migration may take so many times what is expected of it, then its agent aborts it.
    private static final double OVERRUN = 3;

    private static final long MOST_MS = Duration.ofHours(6).toMillis();

    private ActionTimes() {}

    /// `policy.action-timeout`, or longer for a migration of which more is expected, and for
    /// members of a group, which take their time to serve.
    static long timeoutMs(PolicyConfig policy, Proposal proposal) {
        long usualMs = policy.actionTimeout().toMillis();
        if (proposal.isScaling()) {
            double leadMs = 1_000 * proposal.figures().getOrDefault(Scaling.LEAD_TIME, 0.0);
            return usualMs + (long) Math.min((double) MOST_MS, leadMs);
        }
        if (proposal.type() != ActionType.LIVE_MIGRATE) {
            return usualMs;
        }
        double expectedMs = 1_000 * proposal.figures().getOrDefault(Figure.DURATION, 0.0);
        return Math.max(usualMs, (long) Math.min((double) MOST_MS, OVERRUN * expectedMs));
    }
}
