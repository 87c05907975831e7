package io.novacron.solver;

import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Rules that cannot all hold on any assignment of vms to hosts, whatever their sizes. It is
/// minimal: without any one of them the others can hold. Found by [#find].
public record RuleConflict(List<Rule> rules) {
    private static final int NAMED = 8; // rules, and vms of a rule, told by name

    public RuleConflict {
        rules = List.copyOf(rules);
    }

    /// What a rule asks for.
    public enum Kind {
        AFFINITY,
        ANTI_AFFINITY,
        PIN,
        FORBID
    }

    /// @param name of the group; empty for a rule of one vm
    /// @param vmIds of the group, or the one vm
    /// @param hostId of a pin or forbid
    public record Rule(Kind kind, String name, List<String> vmIds, @Nullable String hostId) {
        public Rule {
            vmIds = List.copyOf(vmIds);
        }

        @Override
        public String toString() {
            return switch (kind) {
                case AFFINITY ->
                        "affinity group %s keeps %s together".formatted(name, list(vmIds, ", "));
                case ANTI_AFFINITY ->
                        "anti-affinity group %s keeps %s apart".formatted(name, list(vmIds, ", "));
                case PIN -> "vm %s is pinned to host %s".formatted(vmIds.getFirst(), hostId);
                case FORBID -> "vm %s is forbidden on host %s".formatted(vmIds.getFirst(), hostId);
            };
        }
    }

    /// All that is wrong with the rules of a problem, as conflicts that share no rule; at most a
    /// hundred. Takes rules alone: sizes, drains and labels may be against a plan as well.
    ///
    /// A component of rules whose anti-affinity groups overlap in a way that takes too long to
    /// judge is taken to be sound.
    public static List<RuleConflict> find(FleetProblem problem) {
        return new RuleConflictSearch(
                        problem.hostCount,
                        problem.vmCount,
                        problem.affinity,
                        problem.antiAffinity,
                        problem.pinnedHost,
                        problem.forbiddenOffsets,
                        problem.forbiddenHosts)
                .find(problem::vmId, problem::hostId);
    }

    /// As trouble that a plan could not remove, of the first vm that the rules are about.
    public Unresolved unresolved() {
        return new Unresolved(
                rules.getFirst().vmIds().getFirst(),
                List.of(new Reason(Reason.Code.RULES_CONFLICT, text(), List.of())));
    }

    /// In words, with a next step.
    public String text() {
        List<String> texts = rules.stream().map(Rule::toString).toList();
        return "these rules cannot all hold: %s. Maybe drop or change one of them?"
                .formatted(list(texts, "; "));
    }

    private static String list(List<String> items, String separator) {
        String head = items.stream().limit(NAMED).collect(Collectors.joining(separator));
        return items.size() <= NAMED
                ? head
                : "%s%sand %d more".formatted(head, separator, items.size() - NAMED);
    }
}
