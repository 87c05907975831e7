package io.novacron.perf.consolidation;

import io.novacron.solver.consolidation.HostKind;
import java.util.Arrays;

/// The vms of one host in the order in which they came, and what its scheduler gives each.
///
/// A vm asks for at most the speed of one core. When all fit, each gets what it asks for: 0.9 of it
/// while it leaves, 0.1 of it while it arrives. When they do not fit, all shares are scaled by the
/// same factor and rounded down to whole MIPS.
final class HostLoad {
    private static final double LEAVING_SHARE = 0.9;
    private static final double ARRIVING_SHARE = 0.1;

    final HostKind kind;
    int size;
    int[] vms = new int[4];
    boolean[] arriving = new boolean[4];
    double[] given = new double[4];

    HostLoad(HostKind kind) {
        this.kind = kind;
    }

    void add(int vm, boolean isArriving) {
        if (size == vms.length) {
            vms = Arrays.copyOf(vms, 2 * size);
            arriving = Arrays.copyOf(arriving, 2 * size);
            given = Arrays.copyOf(given, 2 * size);
        }
        vms[size] = vm;
        arriving[size] = isArriving;
        given[size++] = 0;
    }

    void remove(int vm) {
        int index = indexOf(vm);
        int after = size - index - 1;
        System.arraycopy(vms, index + 1, vms, index, after);
        System.arraycopy(arriving, index + 1, arriving, index, after);
        System.arraycopy(given, index + 1, given, index, after);
        size--;
    }

    boolean has(int vm) {
        for (int i = 0; i < size; i++) {
            if (vms[i] == vm) {
                return true;
            }
        }
        return false;
    }

    private int indexOf(int vm) {
        for (int i = 0; i < size; i++) {
            if (vms[i] == vm) {
                return i;
            }
        }
        throw new IllegalStateException("vm %d is not on this host".formatted(vm));
    }

    /// Shares the host out again; returns the MIPS left over.
    double share(double[] demand, boolean[] moving) {
        double available = kind.mips();
        for (int i = 0; i < size; i++) {
            double asked = Math.min(demand[vms[i]], kind.coreMips());
            double needed = arriving[i] ? asked * ARRIVING_SHARE : asked;
            if (available >= needed) {
                given[i] = asked * shareOf(i, moving);
                available -= needed;
            } else {
                scaleDown(i + 1, demand, moving);
                available = 0;
            }
        }
        return available;
    }

    private void scaleDown(int count, double[] demand, boolean[] moving) {
        double needed = 0;
        for (int i = 0; i < count; i++) {
            double asked = Math.min(demand[vms[i]], kind.coreMips());
            needed += arriving[i] ? asked * ARRIVING_SHARE : asked;
        }
        double scale = kind.mips() / needed;
        for (int i = 0; i < count; i++) {
            double asked = Math.min(demand[vms[i]], kind.coreMips());
            given[i] = Math.floor(asked * scale * shareOf(i, moving));
        }
    }

    private double shareOf(int index, boolean[] moving) {
        if (arriving[index]) {
            return ARRIVING_SHARE;
        }
        return moving[vms[index]] ? LEAVING_SHARE : 1;
    }
}
