package io.novacron.daemon.decision;

import io.novacron.daemon.config.PolicyConfig;
import io.novacron.daemon.config.ScalingConfig;
import io.novacron.daemon.config.ScalingGroupConfig;
import io.novacron.inference.Quantiles;
import io.novacron.solver.scaling.DemandPath;
import io.novacron.solver.scaling.GroupPlan;
import io.novacron.solver.scaling.GroupScaler;
import io.novacron.solver.scaling.Pace;
import io.novacron.solver.scaling.ScalingGroup;
import io.novacron.solver.scaling.ScalingPolicy;
import io.novacron.wire.sbe.ActionType;
import io.novacron.wire.sbe.LifecycleState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Proposes more or fewer members for the groups of the configuration: at each tick it asks
/// [GroupScaler], with what the decisions did to the groups before, and holds the answer against
/// the proposals that are open. Owned by the thread of the [DecisionDesk]; what it proposes is a
/// function of the book, the facts of the tick and the configuration.
///
/// A webhook is told of a group's new size in one decision, one at a time; clones are a decision
/// each. What is not due any more expires at once, so that nobody approves a morning's starts in
/// one go.
final class ScalingDesk {
    private static final long SECOND_MS = 1_000;

    private final PolicyConfig policy;
    private final ScalingConfig config;
    private final Pace pace;
    private final DecisionBook book;
    private final StepWriter steps;
    private final DecisionCounters counters;
    private long lastProposed; // of the proposals that may not have come back yet

    /// @param tick between two ticks: what falls due is proposed at one, and approved at the next
    ScalingDesk(
            PolicyConfig policy,
            ScalingConfig config,
            Duration tick,
            DecisionBook book,
            StepWriter steps,
            DecisionCounters counters) {
        this.policy = policy;
        this.config = config;
        this.book = book;
        this.steps = steps;
        this.counters = counters;
        int interval = (int) config.interval().toSeconds();
        int every = (int) Math.max(1, Math.min(interval, 2 * tick.toSeconds()));
        pace = new Pace(config.starts(), interval, every);
    }

    /// As a start leaves it.
    void restart() {
        lastProposed = 0;
    }

    /// What would be proposed if nothing were open.
    List<Proposal> advice(FleetFacts facts, long tickMs) {
        List<Proposal> all = new ArrayList<>();
        forEachGroup(facts, tickMs, (_, proposals) -> all.addAll(proposals));
        return all;
    }

    /// Proposes what is due, confirms what still is, and lets the rest expire.
    void onTick(FleetFacts facts, FollowUp followUp, long tickMs) {
        if (lastProposed > book.lastId()) {
            return; // the journal has not handed back all of the tick before
        }
        forEachGroup(
                facts,
                tickMs,
                (past, proposals) -> hold(past, new ArrayList<>(proposals), followUp, tickMs));
    }

    private interface Answer {
        void of(GroupPast past, List<Proposal> proposals);
    }

    private void forEachGroup(FleetFacts facts, long tickMs, Answer answer) {
        if (config.groups().isEmpty()) {
            return;
        }
        Map<String, GroupPast> pasts = pasts(tickMs);
        List<ScalingGroupConfig> asked = new ArrayList<>();
        List<ScalingGroup> groups = new ArrayList<>();
        for (ScalingGroupConfig group : config.groups()) {
            GroupFacts now = facts.group(group.name());
            if (now != null && now.memberVcpus() > 0) {
                asked.add(group);
                groups.add(scalingGroup(group, now, past(pasts, group), tickMs));
            }
        }
        if (groups.isEmpty()) {
            return;
        }
        List<GroupPlan> plans = GroupScaler.plan(groups, pace, tickMs / SECOND_MS);
        for (int i = 0; i < plans.size(); i++) {
            ScalingGroupConfig group = asked.get(i);
            GroupFacts now = facts.group(group.name());
            GroupPast past = past(pasts, group);
            if (now != null) {
                var proposals = new ScalingProposals(group, now, past, plans.get(i), facts.tick());
                answer.of(past, proposals.make(tickMs));
            }
        }
    }

    private static GroupPast past(Map<String, GroupPast> pasts, ScalingGroupConfig group) {
        return pasts.computeIfAbsent(group.name(), _ -> new GroupPast());
    }

    private Map<String, GroupPast> pasts(long tickMs) {
        long intervalMs = config.interval().toMillis();
        long intervalFromMs = tickMs - Math.floorMod(tickMs, intervalMs);
        Map<String, GroupPast> pasts = new HashMap<>();
        for (Decision decision : book.all()) {
            String group = decision.proposal().scaling().group();
            if (!group.isEmpty()) {
                pasts.computeIfAbsent(group, _ -> new GroupPast()).see(decision, intervalFromMs);
            }
        }
        return pasts;
    }

    private static ScalingGroup scalingGroup(
            ScalingGroupConfig group, GroupFacts now, GroupPast past, long tickMs) {
        return new ScalingGroup(
                group.name(),
                past.serving(now),
                past.starting(now),
                group.min(),
                group.max(),
                now.memberVcpus(),
                now.observed(),
                now.recentPeak(),
                path(now),
                seconds(past.lastOutMs, tickMs),
                seconds(past.lastInMs, tickMs),
                past.startedInInterval,
                new ScalingPolicy(
                        group.targetUtilisation().share(),
                        group.quantile(),
                        (int) group.leadTime().toSeconds(),
                        (int) group.outCoolDown().toSeconds(),
                        (int) group.inCoolDown().toSeconds(),
                        (int) group.stabilise().toSeconds(),
                        group.hysteresis().share(),
                        group.maxAdded(),
                        group.maxRemoved()));
    }

    private static double seconds(long sinceMs, long tickMs) {
        return sinceMs == 0
                ? Double.POSITIVE_INFINITY
                : Math.max(0, tickMs - sinceMs) / (double) SECOND_MS;
    }

    private static @Nullable DemandPath path(GroupFacts now) {
        int points = now.pathSeconds().size();
        if (points == 0) {
            return null;
        }
        double[] levels = new double[Quantiles.COUNT];
        double[][] demand = new double[Quantiles.COUNT][points];
        for (int level = 0; level < levels.length; level++) {
            levels[level] = Math.round(Quantiles.level(level) * 10) / 10.0;
            for (int point = 0; point < points; point++) {
                demand[level][point] = now.pathDemand().get(point * Quantiles.COUNT + level);
            }
        }
        double[] seconds = now.pathSeconds().stream().mapToDouble(Integer::doubleValue).toArray();
        return new DemandPath(levels, seconds, demand);
    }

    /// Holds what is due against what is open.
    private void hold(GroupPast past, List<Proposal> due, FollowUp followUp, long tickMs) {
        for (Decision open : past.proposed) {
            if (steps.isMoveOnTheWay(open)) {
                continue;
            }
            Proposal same = sameAs(open.proposal(), due);
            if (same != null) {
                due.remove(same);
                followUp.confirm(open, tickMs);
            } else {
                boolean newer = due.stream().anyMatch(one -> one.type() == open.proposal().type());
                steps.move(
                        open,
                        newer ? LifecycleState.SUPERSEDED : LifecycleState.EXPIRED,
                        StepWriter.SELF,
                        newer ? "newer advice: " + due.getFirst().summary() : "no longer advised");
            }
        }
        int open = book.proposed();
        for (Proposal proposal : due) {
            if (!mayPropose(proposal, past, tickMs)) {
                continue;
            }
            if (open++ >= policy.maxOpen()) {
                counters.proposalsLeftOut.increment();
                continue;
            }
            lastProposed = Math.max(lastProposed, steps.propose(proposal));
        }
    }

    private static @Nullable Proposal sameAs(Proposal open, List<Proposal> due) {
        for (Proposal one : due) {
            if (one.scalesTheSameAs(open)) {
                return one;
            }
        }
        return null;
    }

    /// A failed action rests as after one on a vm; what a person rejected stays rejected unless
    /// more is asked for than that.
    private boolean mayPropose(Proposal proposal, GroupPast past, long tickMs) {
        boolean failedLately =
                past.lastFailureMs != 0
                        && tickMs - past.lastFailureMs < policy.coolDown().toMillis();
        if (proposal.confidence() < policy.confidence() || failedLately) {
            return false;
        }
        for (Decision rejected : past.rejected) {
            Proposal then = rejected.proposal();
            boolean lately = tickMs - rejected.sinceMs() < policy.rejectedFor().toMillis();
            boolean more =
                    proposal.type() == ActionType.SCALE_OUT
                            ? proposal.scaling().toSize() > then.scaling().toSize()
                            : proposal.scaling().toSize() < then.scaling().toSize();
            if (lately && then.type() == proposal.type() && !more) {
                return false;
            }
        }
        return true;
    }
}
