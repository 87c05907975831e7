package io.novacron.solver;

import io.novacron.solver.RuleConflict.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;

/// Finds minimal sets of rules that cannot all hold, by QuickXplain (Junker, AAAI 2004) over the
/// rules of one component: those that have vms in common, directly or through others.
///
/// Whether rules hold together is asked so: vms that belong together are one *cluster*, which may
/// go to its pinned host or to all that are not forbidden to any of its vms. Each anti-affinity
/// group must be able to give its clusters hosts that differ (a matching), and all groups at once
/// (a search, from which clusters with more hosts than neighbours are left out, as they fit
/// anyway).
final class RuleConflictSearch {
    /// As many hosts as anybody could want: then only rules can be in the way of rules.
    static final int ANY_HOSTS = Integer.MAX_VALUE;

    private static final int CONFLICT_LIMIT = 100;
    private static final int NODE_LIMIT = 20_000; // of a search; past it rules are taken to hold
    private static final int DEPTH_LIMIT = 1_000; // of it: clusters; past it as well

    private final int hostCount;
    private final List<Rule> rules = new ArrayList<>();
    private final int[] component; // by vm: parent in a forest

    /// @param host [FleetProblem#MISSING] for a group
    private record Rule(Kind kind, String name, int[] vms, int host) {}

    RuleConflictSearch(
            int hostCount,
            int vmCount,
            RuleGroups affinity,
            RuleGroups antiAffinity,
            int[] pinnedHost,
            int[] forbiddenOffsets,
            int[] forbiddenHosts) {
        this.hostCount = hostCount;
        component = new int[vmCount];
        Arrays.setAll(component, vm -> vm);
        addGroups(Kind.AFFINITY, affinity);
        addGroups(Kind.ANTI_AFFINITY, antiAffinity);
        for (int vm = 0; vm < vmCount; vm++) {
            int[] one = {vm};
            if (pinnedHost[vm] != FleetProblem.MISSING) {
                rules.add(new Rule(Kind.PIN, "", one, pinnedHost[vm]));
            }
            for (int i = forbiddenOffsets[vm]; i < forbiddenOffsets[vm + 1]; i++) {
                rules.add(new Rule(Kind.FORBID, "", one, forbiddenHosts[i]));
            }
        }
    }

    private void addGroups(Kind kind, RuleGroups groups) {
        for (int group = 0; group < groups.count(); group++) {
            var vms = new int[groups.memberCount(group)];
            for (int i = 0; i < vms.length; i++) {
                vms[i] = groups.member(group, i);
                component[root(component, vms[i])] = root(component, vms[0]);
            }
            if (vms.length > 1) {
                rules.add(new Rule(kind, groups.name(group), vms, FleetProblem.MISSING));
            }
        }
    }

    List<RuleConflict> find(IntFunction<String> vmId, IntFunction<String> hostId) {
        Map<Integer, List<Rule>> components = new LinkedHashMap<>();
        for (Rule rule : rules) {
            components
                    .computeIfAbsent(root(component, rule.vms[0]), _ -> new ArrayList<>())
                    .add(rule);
        }
        List<RuleConflict> conflicts = new ArrayList<>();
        for (List<Rule> rest : components.values()) {
            while (conflicts.size() < CONFLICT_LIMIT && !canHold(rest)) {
                List<Rule> conflict = explain(List.of(), false, rest);
                rest.removeAll(conflict);
                conflicts.add(
                        new RuleConflict(
                                conflict.stream().map(rule -> told(rule, vmId, hostId)).toList()));
            }
        }
        return conflicts;
    }

    private static RuleConflict.Rule told(
            Rule rule, IntFunction<String> vmId, IntFunction<String> hostId) {
        return new RuleConflict.Rule(
                rule.kind,
                rule.name,
                Arrays.stream(rule.vms).mapToObj(vmId).toList(),
                rule.host == FleetProblem.MISSING ? null : hostId.apply(rule.host));
    }

    /// @param given rules that stay
    /// @param hasGrown whether some of those were added since the last question
    /// @param open rules of which the fewest are to be found that cannot hold with those given
    private List<Rule> explain(List<Rule> given, boolean hasGrown, List<Rule> open) {
        if (hasGrown && !canHold(given)) {
            return List.of();
        }
        if (open.size() == 1) {
            return List.copyOf(open); // not the view, whose list shrinks later
        }
        List<Rule> first = open.subList(0, open.size() / 2);
        List<Rule> second = open.subList(open.size() / 2, open.size());
        List<Rule> ofSecond = explain(joined(given, first), true, second);
        List<Rule> ofFirst = explain(joined(given, ofSecond), !ofSecond.isEmpty(), first);
        return joined(ofFirst, ofSecond);
    }

    private static List<Rule> joined(Collection<Rule> left, Collection<Rule> right) {
        List<Rule> all = new ArrayList<>(left);
        all.addAll(right);
        return all;
    }

    private boolean canHold(List<Rule> asked) {
        Map<Integer, Integer> parents = new HashMap<>();
        for (Rule rule : asked) {
            for (int vm : rule.vms) {
                int root = root(parents, vm);
                if (rule.kind == Kind.AFFINITY) {
                    parents.put(root, root(parents, rule.vms[0]));
                }
            }
        }
        Map<Integer, Cluster> clusters = new LinkedHashMap<>(); // by root
        List<List<Cluster>> groups = new ArrayList<>();
        for (Rule rule : asked) {
            List<Cluster> members = new ArrayList<>();
            for (int vm : rule.vms) {
                int root = root(parents, vm);
                members.add(clusters.computeIfAbsent(root, _ -> new Cluster()));
            }
            Cluster cluster = members.getFirst();
            switch (rule.kind) {
                case PIN -> cluster.pins.add(rule.host);
                case FORBID -> cluster.forbidden.add(rule.host);
                case ANTI_AFFINITY -> {
                    if (new HashSet<>(members).size() < members.size()) {
                        return false; // two that belong together belong apart
                    }
                    groups.add(members);
                }
                case AFFINITY -> {} // in the clusters
            }
        }
        for (Cluster cluster : clusters.values()) {
            if (hostsOf(cluster) <= 0) {
                return false;
            }
        }
        for (List<Cluster> group : groups) {
            if (!canDiffer(group)) {
                return false;
            }
            for (Cluster cluster : group) {
                cluster.groups.add(group);
            }
        }
        return canDiffer(clusters.values(), groups);
    }

    /// Vms that belong together. Equal only to itself.
    private static final class Cluster {
        final Set<Integer> pins = new HashSet<>();
        final Set<Integer> forbidden = new HashSet<>();
        final List<List<Cluster>> groups = new ArrayList<>();
        int host = FleetProblem.MISSING;

        boolean mayBeOn(int candidate) {
            return !forbidden.contains(candidate) && (pins.isEmpty() || pins.contains(candidate));
        }
    }

    /// How many hosts a cluster may be on.
    private int hostsOf(Cluster cluster) {
        if (cluster.pins.isEmpty()) {
            return hostCount - cluster.forbidden.size();
        }
        boolean isOne = cluster.pins.size() == 1;
        return isOne && cluster.mayBeOn(cluster.pins.iterator().next()) ? 1 : 0;
    }

    private List<Integer> candidates(Cluster cluster) {
        List<Integer> hosts = new ArrayList<>();
        if (!cluster.pins.isEmpty()) {
            hosts.addAll(cluster.pins);
            return hosts;
        }
        for (int host = 0; host < hostCount; host++) {
            if (cluster.mayBeOn(host)) {
                hosts.add(host);
            }
        }
        return hosts;
    }

    /// Whether clusters of one group can have hosts that differ: each that has fewer hosts than the
    /// group has clusters is matched with one.
    private boolean canDiffer(List<Cluster> group) {
        if (group.size() > hostCount) {
            return false;
        }
        Map<Integer, Cluster> taken = new HashMap<>();
        for (Cluster cluster : group) {
            if (hostsOf(cluster) < group.size() && !match(cluster, taken, new HashSet<>())) {
                return false;
            }
        }
        return true;
    }

    private boolean match(Cluster cluster, Map<Integer, Cluster> taken, Set<Integer> tried) {
        for (int host : candidates(cluster)) {
            if (tried.add(host)) {
                Cluster other = taken.get(host);
                if (other == null || match(other, taken, tried)) {
                    taken.put(host, cluster);
                    return true;
                }
            }
        }
        return false;
    }

    /// Whether all groups can have hosts that differ at once.
    private boolean canDiffer(Collection<Cluster> clusters, List<List<Cluster>> groups) {
        if (groups.size() < 2) {
            return true; // the group was asked by itself
        }
        List<Cluster> hard = new ArrayList<>();
        for (Cluster cluster : clusters) {
            int neighbours = 0;
            for (List<Cluster> group : cluster.groups) {
                neighbours += group.size() - 1;
            }
            if (neighbours > 0 && hostsOf(cluster) <= neighbours) {
                hard.add(cluster);
            }
        }
        hard.sort(Comparator.comparingInt(this::hostsOf));
        return hard.size() > DEPTH_LIMIT || place(hard, 0, new int[] {NODE_LIMIT});
    }

    private boolean place(List<Cluster> clusters, int index, int[] nodesLeft) {
        if (index == clusters.size() || nodesLeft[0]-- <= 0) {
            return true;
        }
        Cluster cluster = clusters.get(index);
        for (int host : candidates(cluster)) {
            if (!isTaken(cluster, host)) {
                cluster.host = host;
                if (place(clusters, index + 1, nodesLeft)) {
                    return true;
                }
                cluster.host = FleetProblem.MISSING;
            }
        }
        return false;
    }

    private static boolean isTaken(Cluster cluster, int host) {
        for (List<Cluster> group : cluster.groups) {
            for (Cluster other : group) {
                if (other != cluster && other.host == host) {
                    return true;
                }
            }
        }
        return false;
    }

    private static int root(int[] parents, int vm) {
        int root = vm;
        while (parents[root] != root) {
            parents[root] = parents[parents[root]];
            root = parents[root];
        }
        return root;
    }

    private static int root(Map<Integer, Integer> parents, int vm) {
        int root = vm;
        while (parents.getOrDefault(root, root) != root) {
            root = parents.getOrDefault(root, root);
        }
        return root;
    }
}
