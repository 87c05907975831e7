package io.novacron.daemon.decision;

import io.novacron.daemon.config.AutomationConfig;
import io.novacron.daemon.config.AutomationRule;
import io.novacron.daemon.config.PolicyConfig;
import io.novacron.wire.sbe.ActionType;
import io.novacron.wire.sbe.LifecycleState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Whether a change may be made without a person. A pure function of the decisions (which are a
/// function of the journal), the configuration and the time it is given.
final class AutomationPolicy {
    static final String OPT_OUT_LABEL = "novacron.optimise";
    private static final long HOUR_MS = Duration.ofHours(1).toMillis();

    private final PolicyConfig policy;
    private final AutomationConfig automation;

    AutomationPolicy(PolicyConfig policy, AutomationConfig automation) {
        this.policy = policy;
        this.automation = automation;
    }

    /// The answer.
    sealed interface Verdict {
        /// @param rule name of the rule of `automation.allow`
        record Allowed(String rule, String text) implements Verdict {}

        /// @param rule what holds it back, one word for programs
        record Held(String rule, String text) implements Verdict {}
    }

    boolean isOn() {
        return policy.mode() == PolicyConfig.Mode.AUTOMATIC;
    }

    /// The decisions that count against limits, as of a tick: not finished, or begun within the
    /// hour.
    List<Decision> lately(Collection<Decision> all, long nowMs) {
        return all.stream()
                .filter(one -> !Lifecycle.isFinal(one.state()) || begunSince(one, nowMs - HOUR_MS))
                .toList();
    }

    /// @param ofVm decisions about the same vm
    /// @param lately see [#lately]
    /// @param underWay also counts as in hand: approved a moment ago
    Verdict decide(
            Proposal proposal,
            Collection<Decision> ofVm,
            Collection<Decision> lately,
            Predicate<Decision> underWay,
            AutomationState state,
            long nowMs) {
        if (!isOn()) {
            return held("mode", "policy.mode is %s", lower(policy.mode().name()));
        }
        if (state.stopped()) {
            return held("stopped", "%s stopped all automation: %s", state.who(), state.reason());
        }
        if ("off".equals(proposal.labels().get(OPT_OUT_LABEL))) {
            return held("opt-out", "the label %s=off", OPT_OUT_LABEL);
        }
        AutomationRule allowing = first(automation.allow(), proposal, nowMs);
        if (allowing == null) {
            boolean later =
                    automation.allow().stream()
                            .anyMatch(rule -> rule.covers(proposal.type(), proposal.labels()));
            return later
                    ? held("window", "no window of automation.allow is open")
                    : held("not-opted-in", "no rule of automation.allow speaks of it");
        }
        AutomationRule frozen = frozen(proposal, nowMs);
        if (frozen != null) {
            return held("freeze", "automation.freeze: %s", frozen);
        }
        AutomationRule two = first(automation.twoPersons(), proposal, nowMs);
        if (two != null) {
            return held("two-persons", "automation.two-persons: %s", two);
        }
        if (proposal.confidence() < automation.confidence()) {
            return held(
                    "confidence",
                    "confidence %.2f is below automation.confidence=%.2f",
                    proposal.confidence(),
                    automation.confidence());
        }
        double change = relativeChange(proposal);
        if (change < automation.margin()) {
            return held(
                    "margin",
                    "a change of %.0f %% is below automation.margin=%.0f %%",
                    100 * change,
                    100 * automation.margin());
        }
        Verdict flapping = flapping(proposal, ofVm, nowMs);
        if (flapping != null) {
            return flapping;
        }
        Verdict full = full(proposal, lately, underWay, nowMs);
        if (full != null) {
            return full;
        }
        return new Verdict.Allowed(
                allowing.name(),
                String.format(
                        Locale.ROOT,
                        "automatic by rule %s: confidence %.2f",
                        allowing,
                        proposal.confidence()));
    }

    /// Whether an action that made things worse may be undone without a person. The rules are the
    /// same, but neither certainty, nor size, nor limits, nor the end of a window keep harm in
    /// place.
    Verdict decideInverse(Proposal proposal, AutomationState state, long nowMs) {
        if (!isOn()) {
            return held("mode", "policy.mode is %s", lower(policy.mode().name()));
        }
        if (state.stopped()) {
            return held("stopped", "%s stopped all automation: %s", state.who(), state.reason());
        }
        if ("off".equals(proposal.labels().get(OPT_OUT_LABEL))) {
            return held("opt-out", "the label %s=off", OPT_OUT_LABEL);
        }
        AutomationRule frozen = frozen(proposal, nowMs);
        if (frozen != null) {
            return held("freeze", "automation.freeze: %s", frozen);
        }
        if (needsTwoPersons(proposal, nowMs)) {
            return held("two-persons", "automation.two-persons speaks of it");
        }
        for (AutomationRule rule : automation.allow()) {
            if (rule.covers(proposal.type(), proposal.labels())) {
                return new Verdict.Allowed(
                        rule.name(),
                        "automatic by rule %s: undoes decision %d"
                                .formatted(rule, proposal.inverseOf()));
            }
        }
        return held("not-opted-in", "no rule of automation.allow speaks of it");
    }

    /// The freeze that holds a change back, also one that a person approves; null when none does.
    @Nullable AutomationRule frozen(Proposal proposal, long nowMs) {
        return first(automation.freeze(), proposal, nowMs);
    }

    /// Whether two different persons must approve it.
    boolean needsTwoPersons(Proposal proposal, long nowMs) {
        return first(automation.twoPersons(), proposal, nowMs) != null;
    }

    private static @Nullable AutomationRule first(
            List<AutomationRule> rules, Proposal proposal, long nowMs) {
        for (AutomationRule rule : rules) {
            if (rule.matches(proposal.type(), proposal.labels(), nowMs)) {
                return rule;
            }
        }
        return null;
    }

    private static double relativeChange(Proposal proposal) {
        return switch (proposal.type()) {
            case SET_VCPUS ->
                    Math.abs(proposal.toVcpus() - proposal.fromVcpus())
                            / (double) Math.max(1, proposal.fromVcpus());
            case SET_MEMORY ->
                    Math.abs(proposal.toMemoryBytes() - proposal.fromMemoryBytes())
                            / (double) Math.max(1, proposal.fromMemoryBytes());
            default -> 1; // no size is changed
        };
    }

    /// It would take back what was done to the vm a while ago.
    private @Nullable Verdict flapping(Proposal proposal, Collection<Decision> ofVm, long nowMs) {
        for (Decision decision : ofVm) {
            Proposal earlier = decision.proposal();
            long agoMs = nowMs - decision.sinceMs();
            boolean undone = decision.state() == LifecycleState.ROLLED_BACK;
            boolean done = decision.state() == LifecycleState.KEPT || undone;
            if (!done
                    || earlier.type() != proposal.type()
                    || agoMs >= automation.reversalAfter().toMillis()) {
                continue;
            }
            // What was undone must not be done again, and what was kept must not be undone.
            if (undone ? proposal.asksTheSameAs(earlier) : reverses(proposal, earlier)) {
                return held(
                        "flapping",
                        "decision %d was %s %d s ago; automation.reversal-after is %d s",
                        decision.id(),
                        undone ? "rolled back" : "the other way",
                        agoMs / 1_000,
                        automation.reversalAfter().toSeconds());
            }
        }
        return null;
    }

    private static boolean reverses(Proposal proposal, Proposal earlier) {
        return switch (proposal.type()) {
            case SET_VCPUS ->
                    (proposal.toVcpus() - proposal.fromVcpus())
                                    * (earlier.toVcpus() - earlier.fromVcpus())
                            < 0;
            case SET_MEMORY ->
                    Long.signum(proposal.toMemoryBytes() - proposal.fromMemoryBytes())
                                    * Long.signum(
                                            earlier.toMemoryBytes() - earlier.fromMemoryBytes())
                            < 0;
            case LIVE_MIGRATE -> Objects.equals(proposal.targetHostId(), earlier.hostId());
            case SET_CPU_QUOTA, SET_CPU_SHARES, PIN_VCPUS ->
                    proposal.change().toSetting().equals(earlier.change().fromSetting());
            case START, STOP, SCALE_OUT, SCALE_IN, SBE_UNKNOWN, NULL_VAL -> false;
        };
    }

    private @Nullable Verdict full(
            Proposal proposal,
            Collection<Decision> lately,
            Predicate<Decision> underWay,
            long nowMs) {
        List<Decision> inHand = new ArrayList<>();
        List<Decision> lastHour = new ArrayList<>();
        for (Decision decision : lately) {
            boolean begun = underWay.test(decision);
            if (begun || Lifecycle.isInHand(decision.state())) {
                inHand.add(decision);
            }
            if (begun || begunSince(decision, nowMs - HOUR_MS)) {
                lastHour.add(decision);
            }
        }
        String cluster = cluster(proposal);
        ActionType kind = proposal.type();
        Verdict full = null;
        for (Limit limit :
                List.of(
                        new Limit(
                                "host",
                                automation.maxConcurrentPerHost(),
                                automation.maxHourlyPerHost(),
                                other -> onOneHost(proposal, other)),
                        new Limit(
                                "cluster",
                                automation.maxConcurrentPerCluster(),
                                automation.maxHourlyPerCluster(),
                                other -> cluster(other).equals(cluster)),
                        new Limit(
                                "kind",
                                automation.maxConcurrentPerKind(),
                                automation.maxHourlyPerKind(),
                                other -> other.type() == kind))) {
            full = full == null ? limit.check(inHand, lastHour) : full;
        }
        return full;
    }

    private record Limit(String of, int concurrent, int hourly, Predicate<Proposal> counts) {
        @Nullable Verdict check(List<Decision> inHand, List<Decision> lastHour) {
            long now = count(inHand);
            if (now >= concurrent) {
                return held(
                        "concurrent-" + of,
                        "%d actions of its %s are under way; automation.max-concurrent-per-%s is %d",
                        now,
                        of,
                        of,
                        concurrent);
            }
            long hour = count(lastHour);
            if (hour >= hourly) {
                return held(
                        "hourly-" + of,
                        "%d actions of its %s began in the last hour; automation.max-hourly-per-%s is %d",
                        hour,
                        of,
                        of,
                        hourly);
            }
            return null;
        }

        private long count(List<Decision> decisions) {
            return decisions.stream().filter(one -> counts.test(one.proposal())).count();
        }
    }

    private static boolean begunSince(Decision decision, long sinceMs) {
        return decision.transitions().stream()
                .anyMatch(
                        step -> step.state() == LifecycleState.DISPATCHED && step.atMs() > sinceMs);
    }

    private static boolean onOneHost(Proposal left, Proposal right) {
        return left.hostId().equals(right.hostId())
                || left.hostId().equals(right.targetHostId())
                || (left.targetHostId() != null
                        && (left.targetHostId().equals(right.hostId())
                                || left.targetHostId().equals(right.targetHostId())));
    }

    /// All hosts without the label are one cluster.
    private String cluster(Proposal proposal) {
        Map<String, String> labels = proposal.labels();
        return labels.getOrDefault(automation.clusterLabel(), "");
    }

    private static Verdict.Held held(String rule, String format, Object... arguments) {
        return new Verdict.Held(rule, String.format(Locale.ROOT, format, arguments));
    }

    private static String lower(String text) {
        return text.toLowerCase(Locale.ROOT);
    }
}
