package io.novacron.daemon.decision;

import io.novacron.daemon.config.ScalingGroupConfig;
import io.novacron.daemon.decision.GroupFacts.Destination;
import io.novacron.daemon.decision.GroupFacts.Member;
import io.novacron.daemon.decision.Proposal.Scaling;
import io.novacron.daemon.view.DecisionRow.ReasonRow;
import io.novacron.daemon.view.ExplanationRow;
import io.novacron.daemon.view.ExplanationRow.AlternativeRow;
import io.novacron.daemon.view.ExplanationRow.FactorRow;
import io.novacron.daemon.view.ExplanationRow.FlipRow;
import io.novacron.solver.Figure;
import io.novacron.solver.scaling.GroupPlan;
import io.novacron.wire.sbe.ActionType;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Makes proposals of what is due for one group. Pure: the same inputs give the same proposals, the
/// identities of new members among them.
final class ScalingProposals {
    private static final String OPT_OUT_LABEL = "novacron.optimise";
    private static final String GROUP_LABEL = "novacron.group";
    private static final String FORECAST = "group.demand";
    private static final float OUT_FIRST = 2_000;
    private static final int NAME_HASH_LENGTH = 8;

    private final ScalingGroupConfig group;
    private final GroupFacts facts;
    private final GroupPast past;
    private final GroupPlan plan;
    private final long tick;

    ScalingProposals(
            ScalingGroupConfig group, GroupFacts facts, GroupPast past, GroupPlan plan, long tick) {
        this.group = group;
        this.facts = facts;
        this.past = past;
        this.plan = plan;
        this.tick = tick;
    }

    /// The identity of a group, where a decision is about all of it.
    static UUID groupId(String name) {
        return UUID.nameUUIDFromBytes(("novacron group " + name).getBytes(StandardCharsets.UTF_8));
    }

    /// What is due, first the most useful.
    List<Proposal> make(long tickMs) {
        if (!plan.scales()) {
            return List.of();
        }
        boolean more = plan.to() > plan.from();
        if (group.executor() == ScalingGroupConfig.Executor.WEBHOOK) {
            return past.inHand.isEmpty() ? List.of(told(more)) : List.of();
        }
        return more ? clones(tickMs) : removals();
    }

    private Proposal told(boolean more) {
        int members = Math.abs(plan.to() - plan.from());
        return proposal(
                more ? ActionType.SCALE_OUT : ActionType.SCALE_IN,
                groupId(group.name()),
                group.name(),
                groupId(group.name()),
                ScalingOrder.WEBHOOK,
                more ? 0 : members,
                more ? members : 0,
                "%s: %d → %d members".formatted(group.name(), plan.from(), plan.to()),
                Map.of(),
                new Scaling(
                        group.name(),
                        ScalingOrder.WEBHOOK,
                        plan.from(),
                        plan.to(),
                        null,
                        "",
                        0,
                        0));
    }

    private List<Proposal> clones(long tickMs) {
        List<Proposal> proposals = new ArrayList<>();
        int starting = past.starting(facts); // they took the first places
        for (int i = 0; i < plan.to() - plan.from(); i++) {
            if (starting + i >= facts.hosts().size()) {
                break; // no host has a template and room
            }
            Destination host = facts.hosts().get(starting + i);
            UUID id =
                    UUID.nameUUIDFromBytes(
                            "novacron member %s %d %d"
                                    .formatted(group.name(), tickMs, i)
                                    .getBytes(StandardCharsets.UTF_8));
            String name =
                    "%s-%s".formatted(group.name(), id.toString().substring(0, NAME_HASH_LENGTH));
            int from = plan.from() + i;
            proposals.add(
                    proposal(
                            ActionType.SCALE_OUT,
                            id,
                            name,
                            host.host(),
                            host.hostName(),
                            0,
                            1,
                            "%s: %d → %d members, a clone of %s on %s"
                                    .formatted(
                                            group.name(),
                                            from,
                                            from + 1,
                                            group.template(),
                                            host.hostName()),
                            host.labels(),
                            new Scaling(
                                    group.name(),
                                    ScalingOrder.LIBVIRT,
                                    from,
                                    from + 1,
                                    host.template(),
                                    name,
                                    facts.memberVcpus(),
                                    facts.memberMemoryBytes())));
        }
        return proposals;
    }

    /// Clones go first, the newest of them; the others are shut down where that is configured.
    private List<Proposal> removals() {
        List<Member> candidates = new ArrayList<>();
        for (Member member : facts.members()) {
            boolean mayGo = member.isClone() || group.stopOthers();
            boolean isLeftAlone = "off".equals(member.labels().get(OPT_OUT_LABEL));
            if (mayGo && !isLeftAlone && !past.isInHand(member.id())) {
                candidates.add(member);
            }
        }
        candidates.sort(
                Comparator.comparing(Member::isClone)
                        .thenComparingLong(Member::sinceMs)
                        .reversed()
                        .thenComparing(Member::id));
        List<Proposal> proposals = new ArrayList<>();
        int count = Math.min(plan.from() - plan.to(), candidates.size());
        for (int i = 0; i < count; i++) {
            Member member = candidates.get(i);
            int from = plan.from() - i;
            proposals.add(
                    proposal(
                            ActionType.SCALE_IN,
                            member.id(),
                            member.name(),
                            member.host(),
                            member.hostName(),
                            1,
                            0,
                            "%s: %d → %d members, %s on %s is %s"
                                    .formatted(
                                            group.name(),
                                            from,
                                            from - 1,
                                            member.name(),
                                            member.hostName(),
                                            member.isClone() ? "removed" : "shut down"),
                            member.labels(),
                            new Scaling(
                                    group.name(),
                                    ScalingOrder.LIBVIRT,
                                    from,
                                    from - 1,
                                    null,
                                    member.isClone() ? "remove" : "stop",
                                    member.vcpus(),
                                    member.memoryBytes())));
        }
        return proposals;
    }

    private Proposal proposal(
            ActionType type,
            UUID vm,
            String vmName,
            UUID host,
            String hostName,
            int fromMembers,
            int toMembers,
            String summary,
            Map<String, String> moreLabels,
            Scaling scaling) {
        int vcpus = scaling.vcpus() == 0 ? facts.memberVcpus() : scaling.vcpus();
        long memory =
                scaling.memoryBytes() == 0 ? facts.memberMemoryBytes() : scaling.memoryBytes();
        Map<String, String> labels = new TreeMap<>(moreLabels);
        labels.putAll(facts.labels());
        labels.put(GROUP_LABEL, group.name());
        float confidence = (float) plan.grounds().confidence();
        boolean out = type == ActionType.SCALE_OUT;
        return new Proposal(
                type,
                vm,
                vmName,
                host,
                hostName,
                fromMembers * vcpus,
                toMembers * vcpus,
                fromMembers * memory,
                toMembers * memory,
                null,
                "",
                "",
                confidence,
                confidence * (out ? OUT_FIRST + vcpus * toMembers : vcpus * fromMembers),
                summary,
                words(plan.grounds().cost()),
                words(plan.grounds().benefit()),
                reasons(),
                facts.pathDemand().isEmpty() ? Map.of() : Map.of(FORECAST, facts.pathDemand()),
                tick,
                hash(),
                facts.model(),
                labels,
                figures(),
                0,
                explanation(),
                new Proposal.Change(
                        Integer.toString(scaling.fromSize()),
                        Integer.toString(scaling.toSize()),
                        "",
                        false),
                scaling);
    }

    private List<ReasonRow> reasons() {
        return plan.grounds().reasons().stream()
                .map(reason -> new ReasonRow(reason.code().name(), reason.text()))
                .toList();
    }

    private Map<String, Double> figures() {
        Map<String, Double> figures = new TreeMap<>();
        plan.grounds().cost().forEach(figure -> figures.put(figure.name(), figure.value()));
        plan.grounds().benefit().forEach(figure -> figures.put(figure.name(), figure.value()));
        figures.put(Scaling.LEAD_TIME, (double) group.leadTime().toSeconds());
        return figures;
    }

    private static String words(List<Figure> figures) {
        List<String> words = new ArrayList<>();
        for (Figure figure : figures) {
            boolean share = figure.unit().equals("share") || figure.unit().equals("probability");
            words.add(
                    share
                            ? String.format(
                                    Locale.ROOT,
                                    "%s %.0f %%",
                                    figure.name().replace('-', ' '),
                                    100 * figure.value())
                            : String.format(
                                    Locale.ROOT,
                                    figure.value() == Math.rint(figure.value())
                                            ? "%s %.0f %s"
                                            : "%s %.2f %s",
                                    figure.name().replace('-', ' '),
                                    figure.value(),
                                    figure.unit()));
        }
        return String.join(", ", words);
    }

    private ExplanationRow explanation() {
        return new ExplanationRow(
                plan.factors().stream()
                        .map(one ->
                                new FactorRow(
                                        one.name(),
                                        one.value(),
                                        one.limit(),
                                        unit(one.unit()),
                                        one.text()))
                        .toList(),
                plan.alternatives().stream()
                        .map(one ->
                                new AlternativeRow(
                                        one.what(),
                                        one.value(),
                                        one.lostBy(),
                                        one.unit(),
                                        one.text()))
                        .toList(),
                plan.flips().stream()
                        .map(one ->
                                new FlipRow(
                                        one.input(),
                                        one.from(),
                                        one.to(),
                                        unit(one.unit()),
                                        one.text()))
                        .toList());
    }

    private static String unit(String unit) {
        return unit.equals("demand") ? "cores" : unit;
    }

    /// SHA-256 of what the plan was made from.
    private String hash() {
        try {
            var sha256 = MessageDigest.getInstance("SHA-256");
            String inputs =
                    "%s %s %d %d %d %d"
                            .formatted(
                                    group,
                                    inputs(facts),
                                    past.lastOutMs,
                                    past.lastInMs,
                                    past.startedInInterval,
                                    past.inHand.size());
            return HexFormat.of().formatHex(sha256.digest(inputs.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java platform has it
        }
    }

    private static List<@Nullable Object> inputs(GroupFacts facts) {
        List<@Nullable Object> inputs = new ArrayList<>();
        facts.members().forEach(member -> inputs.add(member.id()));
        inputs.add(facts.memberVcpus());
        inputs.add(facts.observed());
        inputs.add(facts.recentPeak());
        inputs.add(facts.pathSeconds());
        inputs.add(facts.pathDemand());
        facts.hosts().forEach(host -> inputs.add(host.host()));
        return inputs;
    }
}
