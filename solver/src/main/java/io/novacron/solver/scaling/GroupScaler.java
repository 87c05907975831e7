package io.novacron.solver.scaling;

import io.novacron.solver.Figure;
import io.novacron.solver.Grounds;
import io.novacron.solver.Mistakes;
import io.novacron.solver.Reason;
import io.novacron.solver.Reason.Code;
import io.novacron.solver.scaling.GroupPlan.Alternative;
import io.novacron.solver.scaling.GroupPlan.Factor;
import io.novacron.solver.scaling.GroupPlan.Flip;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// Says how many members groups should have, from what they are asked for now and will be.
///
/// **More** is wanted as soon as demand at the policy's quantile, or what is observed, takes more
/// than the target utilisation at some moment ahead. A member is started its lead time before that
/// moment, no earlier, unless the [Pace] is too slow for all starts to be in time: then starts are
/// spread over the time before. What cannot be in time says so. Members that are saturated hide
/// what they would be asked for, so they grow by a factor at least.
///
/// **Fewer** are kept only when they suffice, by a margin ([ScalingPolicy#hysteresis]), for what
/// was asked for in the stabilisation window, is now, and will be until the window, the lead time
/// and a call's interval have passed: a member that would be missed soon is not removed. Nothing is
/// removed while members are being started, nor during the cool-down.
///
/// Stateless, thread-safe, deterministic: the same groups, pace and time give the same plans.
public final class GroupScaler {
    /// Groups of one call.
    public static final int GROUP_LIMIT = 1_000;

    private static final double SATURATION = 0.95;
    private static final double SATURATION_GROWTH = 1.5;
    private static final double STEP_SECONDS = 60;

    private GroupScaler() {}

    /// One plan for each group, in the order of the groups.
    ///
    /// @param nowSeconds since the epoch: it aligns the intervals of the pace
    /// @throws io.novacron.solver.InvalidInputException listing every mistake
    public static List<GroupPlan> plan(List<ScalingGroup> groups, Pace pace, long nowSeconds) {
        check(groups, pace);
        var schedule = new StartSchedule(pace, nowSeconds, groups);
        for (ScalingGroup group : groups) {
            schedule.add(group, latestStarts(group, pace));
        }
        schedule.run();
        List<GroupPlan> plans = new ArrayList<>();
        for (ScalingGroup group : groups) {
            plans.add(new Pass(group, pace, schedule).plan());
        }
        return List.copyOf(plans);
    }

    private static void check(List<ScalingGroup> groups, Pace pace) {
        var mistakes = new Mistakes("groups");
        mistakes.check(
                groups.size() <= GROUP_LIMIT,
                "groups=%s must be at most %s. Maybe put some together?",
                groups.size(),
                GROUP_LIMIT);
        Set<String> names = new HashSet<>();
        for (ScalingGroup group : groups) {
            mistakes.check(
                    names.add(group.name()),
                    "group %s is there twice; names must be unique. Maybe one was copied?",
                    group.name());
            mistakes.check(
                    group.policy().outCoolDownSeconds() <= pace.intervalSeconds(),
                    "outCoolDownSeconds=%s of group %s must be at most %s, an interval of the"
                            + " pace. Maybe make the interval longer?",
                    group.policy().outCoolDownSeconds(),
                    group.name(),
                    pace.intervalSeconds());
        }
        mistakes.throwIfAny();
    }

    /// When each further member must be started so that it serves in time, ascending.
    private static double[] latestStarts(ScalingGroup group, Pace pace) {
        var latest = new ArrayList<Double>();
        double ahead = group.policy().leadSeconds() + (double) pace.everySeconds();
        double horizon = group.demand() == null ? 0 : group.demand().horizonSeconds();
        double before = 0;
        for (double time = 0; ; time = Math.min(horizon, time + STEP_SECONDS)) {
            int wanted = wanted(group, before, time);
            while (group.size() + latest.size() < wanted) {
                // it is wanted between the step before and this one
                latest.add(Math.max(0, before - ahead));
            }
            if (time >= horizon) {
                break;
            }
            before = time;
        }
        return latest.stream().mapToDouble(Double::doubleValue).toArray();
    }

    /// The most members that are wanted between two times.
    private static int wanted(ScalingGroup group, double from, double to) {
        DemandPath demand = group.demand();
        double amount = demand == null ? 0 : demand.peak(group.policy().quantile(), from, to);
        if (to == 0 && group.observed() > amount) {
            amount = group.observed();
        }
        int members = group.membersFor(amount, group.policy().targetUtilisation());
        if (to == 0 && isSaturated(group)) {
            members = Math.max(members, (int) Math.ceil(SATURATION_GROWTH * group.serving()));
        }
        return group.within(members);
    }

    private static boolean isSaturated(ScalingGroup group) {
        return group.serving() > 0
                && group.observed() >= SATURATION * group.serving() * group.memberCapacity();
    }

    /// One group.
    private static final class Pass {
        private final ScalingGroup group;
        private final ScalingPolicy policy;
        private final StartSchedule schedule;
        private final DemandPath path;
        private final double ahead;
        private final List<Reason> reasons = new ArrayList<>();
        private final List<Factor> factors = new ArrayList<>();
        private final List<Flip> flips = new ArrayList<>();

        Pass(ScalingGroup group, Pace pace, StartSchedule schedule) {
            this.group = group;
            this.policy = group.policy();
            this.schedule = schedule;
            DemandPath given = group.demand();
            path =
                    given != null
                            ? given
                            : DemandPath.constant(
                                    Double.isNaN(group.observed()) ? 0 : group.observed());
            ahead =
                    policy.stabilisationSeconds()
                            + policy.leadSeconds()
                            + (double) pace.everySeconds();
        }

        GroupPlan plan() {
            List<PlannedStart> starts = schedule.starts(group);
            int due = (int) starts.stream().filter(start -> start.atSeconds() <= 0).count();
            int to = group.size() + due;
            if (due > 0) {
                out(to, starts);
            } else {
                to -= removable(starts);
                if (to < group.size()) {
                    in(to);
                } else {
                    stay(starts);
                }
            }
            return new GroupPlan(
                    group.name(),
                    group.size(),
                    to,
                    starts,
                    grounds(to),
                    factors,
                    alternatives(to),
                    flips);
        }

        // --- more ------------------------------------------------------------------------------

        private void out(int to, List<PlannedStart> starts) {
            int size = group.size();
            double horizon = path.horizonSeconds();
            double peak = path.peak(policy.quantile(), 0, horizon);
            double peakTime = path.peakTime(policy.quantile(), 0, horizon);
            double room = size * group.memberCapacity() * policy.targetUtilisation();
            if (size < group.least()) {
                reason(
                        Code.GROUP_MINIMUM,
                        List.of(members("least", group.least())),
                        "group %s has %d members; it must have at least %d",
                        group.name(),
                        size,
                        group.least());
                flip("least", group.least(), size, "members", "that many are there already");
            }
            if (isSaturated(group)) {
                reason(
                        Code.GROUP_SATURATED,
                        List.of(amount("observed", group.observed())),
                        "the %d members of group %s are saturated: what they would be asked for"
                                + " cannot be seen",
                        group.serving(),
                        group.name());
            } else if (group.observed() > room) {
                reason(
                        Code.GROUP_DEMAND,
                        List.of(amount("observed", group.observed())),
                        "group %s is asked for %.2f now, above the %.2f that %d members serve at"
                                + " %.0f %%",
                        group.name(),
                        group.observed(),
                        room,
                        size,
                        100 * policy.targetUtilisation());
            }
            if (group.demand() != null && peak > room) {
                reason(
                        Code.GROUP_FORECAST,
                        List.of(amount("forecast-peak", peak), new Figure("in", peakTime, "s")),
                        "group %s will be asked for up to %.2f (p%.0f) in %.0f min, above the %.2f"
                                + " that %d members serve at %.0f %%; a member takes %d s to serve",
                        group.name(),
                        peak,
                        100 * policy.quantile(),
                        peakTime / 60,
                        room,
                        size,
                        100 * policy.targetUtilisation(),
                        policy.leadSeconds());
            }
            limits(starts);
            double most = Math.max(peak, known(group.observed()));
            factor("observed", known(group.observed()), room, "demand", "what it is asked for now");
            factor("forecast-peak", peak, room, "demand", "its highest forecast ahead");
            factor("members", size, to, "members", "what it has, and should have");
            flip(
                    "peak demand",
                    most,
                    room,
                    "demand",
                    "%d members serve it at the target".formatted(size));
            double utilisation = most / Math.max(1e-12, size * group.memberCapacity());
            if (utilisation <= 1) {
                flip(
                        "target-utilisation",
                        100 * policy.targetUtilisation(),
                        100 * utilisation,
                        "%",
                        "no more members than now");
            }
            flip("max", group.most(), size, "members", "it may not have more");
        }

        /// What kept starts from the time that is best for them.
        private void limits(List<PlannedStart> starts) {
            double peak = path.peak(policy.quantile(), 0, path.horizonSeconds());
            int wanted =
                    group.membersFor(
                            Math.max(peak, known(group.observed())), policy.targetUtilisation());
            if (wanted > group.most()) {
                reason(
                        Code.GROUP_MAXIMUM,
                        List.of(members("wanted", wanted), members("most", group.most())),
                        "%d members would be needed; the group may have %d",
                        wanted,
                        group.most());
            }
            int forward = schedule.pushedForward(group);
            if (forward > 0) {
                reason(
                        Code.STARTED_EARLIER,
                        List.of(members("earlier", forward)),
                        "%d of %d starts come earlier than they must, so that no more start at one"
                                + " time than may",
                        forward,
                        starts.size());
            }
            late(starts);
        }

        private void late(List<PlannedStart> starts) {
            long count = starts.stream().filter(PlannedStart::isLate).count();
            if (count == 0) {
                return;
            }
            double worst =
                    starts.stream()
                            .mapToDouble(start -> start.atSeconds() - start.latestSeconds())
                            .max()
                            .orElse(0);
            StartSchedule.Late why = schedule.whyLate(group);
            Code code =
                    switch (why) {
                        case PACE, NOT -> Code.START_LIMIT;
                        case STEP -> Code.STEP_LIMIT;
                        case COOL_DOWN -> Code.COOL_DOWN;
                    };
            String limit =
                    switch (why) {
                        case PACE, NOT -> "the limit of starts of all groups together";
                        case STEP -> "the most members added in one interval";
                        case COOL_DOWN -> "its cool-down";
                    };
            reason(
                    code,
                    List.of(members("late", count), new Figure("late-by", worst, "s")),
                    "%s makes %d of %d starts late, by up to %.0f s",
                    limit,
                    count,
                    starts.size(),
                    worst);
        }

        // --- fewer -----------------------------------------------------------------------------

        /// How many members may go.
        private int removable(List<PlannedStart> starts) {
            int size = group.size();
            int over = Math.max(0, size - group.most());
            if (group.starting() > 0 || (!group.isKnown() && over == 0)) {
                return 0;
            }
            boolean soon = starts.stream().anyMatch(start -> start.latestSeconds() <= ahead);
            int needed = Math.max(group.least(), neededInWindow());
            int spare = soon ? 0 : Math.max(0, size - needed);
            return mayRemove() ? Math.min(policy.mostRemoved(), Math.max(over, spare)) : 0;
        }

        private boolean mayRemove() {
            return Math.min(group.sinceOutSeconds(), group.sinceInSeconds())
                    >= policy.inCoolDownSeconds();
        }

        private int neededInWindow() {
            return group.membersFor(windowPeak(), lowerTarget());
        }

        private double lowerTarget() {
            return policy.targetUtilisation() * (1 - policy.hysteresis());
        }

        /// The highest demand of the time before and after now in which fewer members must suffice.
        private double windowPeak() {
            double peak = path.peak(policy.quantile(), 0, ahead);
            return Math.max(peak, Math.max(known(group.observed()), known(group.recentPeak())));
        }

        private void in(int to) {
            int size = group.size();
            if (size > group.most()) {
                reason(
                        Code.GROUP_MAXIMUM,
                        List.of(members("most", group.most())),
                        "group %s has %d members; it may have at most %d",
                        group.name(),
                        size,
                        group.most());
                flip("max", group.most(), size, "members", "it may have as many as now");
            }
            double peak = windowPeak();
            double room = to * group.memberCapacity() * lowerTarget();
            if (peak <= room) {
                reason(
                        Code.GROUP_OVER_PROVISIONED,
                        List.of(amount("peak", peak)),
                        "group %s was, is and will be asked for at most %.2f (p%.0f) from %d min ago"
                                + " to %.0f min ahead; %d members serve %.2f at %.0f %%",
                        group.name(),
                        peak,
                        100 * policy.quantile(),
                        policy.stabilisationSeconds() / 60,
                        ahead / 60,
                        to,
                        room,
                        100 * lowerTarget());
                flip("peak demand", peak, room, "demand", "one member more is kept");
                flip(
                        "target-utilisation",
                        100 * policy.targetUtilisation(),
                        100
                                * peak
                                / Math.max(1e-12, to * group.memberCapacity())
                                / (1 - policy.hysteresis()),
                        "%",
                        "one member more is kept");
            }
            int needed = Math.max(group.least(), neededInWindow());
            if (to > needed) {
                reason(
                        Code.STEP_LIMIT,
                        List.of(members("removed", size - to)),
                        "%d would suffice; at most %d go at one time",
                        needed,
                        policy.mostRemoved());
            }
            factor("peak of the window", peak, room, "demand", "what fewer members must serve");
            factor("members", size, to, "members", "what it has, and should have");
            flip("min", group.least(), size, "members", "it may not have fewer");
        }

        private void stay(List<PlannedStart> starts) {
            if (!starts.isEmpty()) {
                reason(
                        Code.GROUP_FORECAST,
                        List.of(new Figure("next-start", starts.getFirst().atSeconds(), "s")),
                        "%d members are to be started, the first one in %.0f s",
                        starts.size(),
                        starts.getFirst().atSeconds());
                limits(starts);
            } else if (!mayRemove() && group.size() > Math.max(group.least(), neededInWindow())) {
                reason(
                        Code.COOL_DOWN,
                        List.of(),
                        "it was scaled less than %d s ago",
                        policy.inCoolDownSeconds());
            }
            if (!group.isKnown()) {
                reason(
                        Code.NO_FORECAST,
                        List.of(),
                        "nothing is known of what group %s is asked for",
                        group.name());
            }
        }

        // --- what it rests on ------------------------------------------------------------------

        private Grounds grounds(int to) {
            int size = group.size();
            if (to == size) {
                return new Grounds(1, reasons, List.of(), List.of());
            }
            boolean more = to > size;
            double end = more ? path.horizonSeconds() : ahead;
            double capacity = group.memberCapacity();
            double before = 1 - within(size * capacity, end);
            double after = 1 - within(to * capacity, end);
            double peak = more ? path.peak(policy.quantile(), 0, end) : windowPeak();
            double most = Math.max(peak, known(group.observed()));
            double hours = (policy.stabilisationSeconds() + policy.leadSeconds()) / 3_600.0;
            int changed = Math.abs(to - size);
            List<Figure> cost = new ArrayList<>();
            List<Figure> benefit = new ArrayList<>();
            (more ? cost : benefit)
                    .add(
                            new Figure(
                                    more ? Figure.MEMBERS_ADDED : Figure.MEMBERS_REMOVED,
                                    changed,
                                    "members"));
            (more ? cost : benefit)
                    .add(
                            new Figure(
                                    more ? "member-hours-added" : "member-hours-saved",
                                    changed * hours,
                                    "h"));
            benefit.add(
                    new Figure("peak-utilisation-before", share(most, size * capacity), "share"));
            benefit.add(new Figure("peak-utilisation-after", share(most, to * capacity), "share"));
            if (more) {
                benefit.add(new Figure(Figure.RISK_BEFORE, before, "probability"));
                benefit.add(new Figure(Figure.RISK_AFTER, after, "probability"));
            } else {
                cost.add(new Figure("risk-added", Math.max(0, after - before), "probability"));
            }
            return new Grounds(confidence(to, end), reasons, cost, benefit);
        }

        /// That more are needed, or that the new number suffices, whichever is more certain: what
        /// is observed or a rule of the configuration needs no forecast.
        private double confidence(int to, double end) {
            double target = group.memberCapacity() * policy.targetUtilisation();
            double suffices = within(to * target, end);
            if (to < group.size()) {
                return group.size() > group.most() ? 1 : suffices;
            }
            boolean certain =
                    group.size() < group.least() || known(group.observed()) > group.size() * target;
            return certain ? 1 : Math.max(suffices, 1 - within(group.size() * target, end));
        }

        private double within(double amount, double end) {
            return path.probabilityWithin(amount, 0, end);
        }

        private List<Alternative> alternatives(int to) {
            List<Alternative> others = new ArrayList<>();
            if (to == group.size()) {
                return others;
            }
            boolean more = to > group.size();
            double peak =
                    more
                            ? Math.max(
                                    path.peak(policy.quantile(), 0, path.horizonSeconds()),
                                    known(group.observed()))
                            : windowPeak();
            double target = more ? policy.targetUtilisation() : lowerTarget();
            for (int members : new int[] {group.size(), to + (more ? 1 : -1)}) {
                if (members < 0) {
                    continue;
                }
                double used = share(peak, members * group.memberCapacity());
                double lostBy = members == group.size() == more ? used - target : target - used;
                others.add(
                        new Alternative(
                                members == group.size()
                                        ? "as it is: %d members".formatted(members)
                                        : "%d members".formatted(members),
                                100 * used,
                                100 * Math.max(0, lostBy),
                                "%",
                                "use at the peak, held against %.0f %%".formatted(100 * target)));
            }
            return others;
        }

        private static double share(double amount, double capacity) {
            return capacity > 0 ? Math.min(99, amount / capacity) : amount > 0 ? 99 : 0;
        }

        private static double known(double amount) {
            return Double.isNaN(amount) ? 0 : amount;
        }

        private static Figure members(String name, double count) {
            return new Figure(name, count, "members");
        }

        private static Figure amount(String name, double value) {
            return new Figure(name, value, "demand");
        }

        private void reason(Code code, List<Figure> figures, String format, Object... arguments) {
            reasons.add(new Reason(code, String.format(Locale.ROOT, format, arguments), figures));
        }

        private void factor(String name, double value, double limit, String unit, String text) {
            factors.add(new Factor(name, value, limit, unit, text));
        }

        private void flip(String input, double from, double to, String unit, String text) {
            flips.add(new Flip(input, from, to, unit, text));
        }
    }
}
