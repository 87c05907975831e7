package io.novacron.solver.consolidation;

import java.util.Arrays;

/// An ordered list of migrations, in columns; cleared and filled again each decision.
public final class Moves {
    private int[] vms = new int[64];
    private int[] targets = new int[64];
    private int size;

    public void add(int vm, int target) {
        if (size == vms.length) {
            vms = Arrays.copyOf(vms, 2 * size);
            targets = Arrays.copyOf(targets, 2 * size);
        }
        vms[size] = vm;
        targets[size++] = target;
    }

    public void clear() {
        size = 0;
    }

    public int size() {
        return size;
    }

    public int vm(int move) {
        return vms[move];
    }

    /// The host that the vm goes to.
    public int target(int move) {
        return targets[move];
    }

    /// Takes back the moves from `size` on.
    public void truncate(int size) {
        this.size = Math.min(size, this.size);
    }
}
