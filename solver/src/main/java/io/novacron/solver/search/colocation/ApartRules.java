package io.novacron.solver.search.colocation;

import java.util.Arrays;

/// Which applications limit each other on a machine, and to how many instances: for each
/// application a small hash table of the others, as a machine has far fewer applications than an
/// application has rules. Immutable.
final class ApartRules {
    static final int ANY = Integer.MAX_VALUE;
    private static final int NONE = -1;
    private static final int MULTIPLIER = 0x9E3779B9; // 2^32 over the golden ratio

    private final int[] most; // by app: instances on one machine
    private final int[] tables; // by app: where its table starts
    private final int[] masks; // by app: length of its table less 1
    private final int[] others; // by slot
    private final int[] mostOfOther; // by slot: where the app is
    private final int[] mostOfApp; // by slot: where the other is

    ApartRules(ColocationProblem problem) {
        most = new int[problem.apps];
        Arrays.fill(most, ANY);
        var counts = new int[problem.apps];
        for (int rule = 0; rule < problem.ruleFirst.length; rule++) {
            int first = problem.ruleFirst[rule];
            int second = problem.ruleSecond[rule];
            if (first == second) {
                most[first] = Math.min(most[first], problem.ruleMost[rule] + 1);
            } else {
                counts[first]++;
                counts[second]++;
            }
        }
        tables = new int[problem.apps];
        masks = new int[problem.apps];
        int length = 0;
        for (int app = 0; app < problem.apps; app++) {
            tables[app] = length;
            masks[app] = Math.max(1, 2 * Integer.highestOneBit(Math.max(1, counts[app]))) * 2 - 1;
            length += masks[app] + 1;
        }
        others = new int[length];
        Arrays.fill(others, NONE);
        mostOfOther = new int[length];
        mostOfApp = new int[length];
        Arrays.fill(mostOfOther, ANY);
        Arrays.fill(mostOfApp, ANY);
        for (int rule = 0; rule < problem.ruleFirst.length; rule++) {
            int first = problem.ruleFirst[rule];
            int second = problem.ruleSecond[rule];
            if (first != second) {
                int limit = problem.ruleMost[rule];
                int slot = slot(first, second);
                others[slot] = second;
                mostOfOther[slot] = Math.min(mostOfOther[slot], limit);
                slot = slot(second, first);
                others[slot] = first;
                mostOfApp[slot] = Math.min(mostOfApp[slot], limit);
            }
        }
    }

    /// The most instances of an app on one machine.
    int most(int app) {
        return most[app];
    }

    /// Whether so many of an app may be where there are so many of another one.
    boolean allow(int app, int count, int other, int otherCount) {
        int slot = slot(app, other);
        return others[slot] == NONE
                || (otherCount <= mostOfOther[slot] && count <= mostOfApp[slot]);
    }

    /// Where the other one is in the app's table, or would be.
    private int slot(int app, int other) {
        int table = tables[app];
        int mask = masks[app];
        int index = (other * MULTIPLIER >>> 15) & mask;
        while (others[table + index] != NONE && others[table + index] != other) {
            index = (index + 1) & mask; // ends: a quarter of the slots is empty at least
        }
        return table + index;
    }
}
