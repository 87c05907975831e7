package io.novacron.solver.search.reassignment;

import java.util.Arrays;

/// The processes of each machine, in no order; taking one out puts the last in its place.
final class ProcessLists {
    private static final int FIRST_LENGTH = 8;

    private final int[][] lists;
    private final int[] lengths;
    private final int[] indexOf; // by process, in its machine's list

    ProcessLists(int machines, int processes) {
        lists = new int[machines][FIRST_LENGTH];
        lengths = new int[machines];
        indexOf = new int[processes];
    }

    int count(int machine) {
        return lengths[machine];
    }

    int get(int machine, int index) {
        return lists[machine][index];
    }

    void add(int machine, int process) {
        int length = lengths[machine]++;
        if (length == lists[machine].length) {
            lists[machine] = Arrays.copyOf(lists[machine], 2 * length);
        }
        lists[machine][length] = process;
        indexOf[process] = length;
    }

    void move(int from, int to, int process) {
        remove(from, process);
        add(to, process);
    }

    void remove(int from, int process) {
        int index = indexOf[process];
        int last = lists[from][--lengths[from]];
        lists[from][index] = last;
        indexOf[last] = index;
    }
}
