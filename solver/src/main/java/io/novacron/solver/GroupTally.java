package io.novacron.solver;

import java.util.Arrays;

/// Counts, for groups of one kind, how many members are on each host. Memory grows with
/// memberships, not with groups × hosts: an open hash table of (group, host) to count. Iteration
/// order is never used.
final class GroupTally {
    private static final long EMPTY = -1;
    private static final int MAX_FILL_NUMERATOR = 5; // of 8

    private final RuleGroups groups;
    private final long hostCount;
    private final int[] distinctHosts;
    private long[] keys;
    private int[] counts;
    private int used;

    GroupTally(RuleGroups groups, int hostCount) {
        this.groups = groups;
        this.hostCount = hostCount;
        distinctHosts = new int[groups.count()];
        int capacity = Integer.highestOneBit(Math.max(8, groups.membershipCount() * 2)) * 2;
        keys = emptyKeys(capacity);
        counts = new int[capacity];
    }

    int count(int group, int host) {
        return counts[slot(keys, key(group, host))];
    }

    /// On how many hosts the members of this group are.
    int distinctHosts(int group) {
        return distinctHosts[group];
    }

    void add(int vm, int host) {
        for (int i = 0; i < groups.groupCount(vm); i++) {
            int group = groups.groupOf(vm, i);
            int slot = slotForWriting(key(group, host));
            if (counts[slot]++ == 0) {
                distinctHosts[group]++;
            }
        }
    }

    void remove(int vm, int host) {
        for (int i = 0; i < groups.groupCount(vm); i++) {
            int group = groups.groupOf(vm, i);
            int slot = slotForWriting(key(group, host));
            if (--counts[slot] == 0) {
                distinctHosts[group]--;
            }
        }
    }

    private long key(int group, int host) {
        return group * hostCount + host;
    }

    private int slotForWriting(long key) {
        int slot = slot(keys, key);
        if (keys[slot] == EMPTY) {
            if (++used > keys.length / 8 * MAX_FILL_NUMERATOR) {
                rehash();
                slot = slot(keys, key);
            }
            keys[slot] = key;
        }
        return slot;
    }

    /// Drops pairs that have fallen to zero, so that long searches do not fill the table.
    private void rehash() {
        long[] next = emptyKeys(keys.length * 2);
        int[] nextCounts = new int[next.length];
        used = 1; // the pair about to be written
        for (int i = 0; i < keys.length; i++) {
            if (keys[i] != EMPTY && counts[i] != 0) {
                int slot = slot(next, keys[i]);
                next[slot] = keys[i];
                nextCounts[slot] = counts[i];
                used++;
            }
        }
        keys = next;
        counts = nextCounts;
    }

    private static int slot(long[] keys, long key) {
        int mask = keys.length - 1;
        int slot = (int) ((key * 0x9E3779B97F4A7C15L) >>> 32) & mask;
        while (keys[slot] != EMPTY && keys[slot] != key) {
            slot = (slot + 1) & mask;
        }
        return slot;
    }

    private static long[] emptyKeys(int capacity) {
        long[] keys = new long[capacity];
        Arrays.fill(keys, EMPTY);
        return keys;
    }
}
