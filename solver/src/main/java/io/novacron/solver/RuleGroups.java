package io.novacron.solver;

import java.util.Arrays;
import java.util.List;

/// Named groups of vms under one kind of rule, as two compressed row tables: group to vms and vm to
/// groups. Immutable.
final class RuleGroups {
    private final List<String> names;
    private final int[] memberOffsets;
    private final int[] members;
    private final int[] groupOffsets;
    private final int[] groupsOfVms;

    /// @param memberships vms of each group, each ascending and without repeats
    RuleGroups(List<String> names, List<int[]> memberships, int vmCount) {
        this.names = List.copyOf(names);
        memberOffsets = new int[names.size() + 1];
        groupOffsets = new int[vmCount + 1];
        for (int group = 0; group < names.size(); group++) {
            memberOffsets[group + 1] = memberOffsets[group] + memberships.get(group).length;
            for (int vm : memberships.get(group)) {
                groupOffsets[vm + 1]++;
            }
        }
        for (int vm = 0; vm < vmCount; vm++) {
            groupOffsets[vm + 1] += groupOffsets[vm];
        }
        members = new int[memberOffsets[names.size()]];
        groupsOfVms = new int[members.length];
        int[] next = Arrays.copyOf(groupOffsets, vmCount);
        for (int group = 0; group < names.size(); group++) {
            int[] vms = memberships.get(group);
            System.arraycopy(vms, 0, members, memberOffsets[group], vms.length);
            for (int vm : vms) {
                groupsOfVms[next[vm]++] = group;
            }
        }
    }

    int count() {
        return names.size();
    }

    int membershipCount() {
        return members.length;
    }

    String name(int group) {
        return names.get(group);
    }

    int memberCount(int group) {
        return memberOffsets[group + 1] - memberOffsets[group];
    }

    int member(int group, int index) {
        return members[memberOffsets[group] + index];
    }

    int groupCount(int vm) {
        return groupOffsets[vm + 1] - groupOffsets[vm];
    }

    int groupOf(int vm, int index) {
        return groupsOfVms[groupOffsets[vm] + index];
    }
}
