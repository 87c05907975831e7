package io.novacron.solver.consolidation;

import java.util.List;

/// Hosts and vms of a consolidation problem, as columns. Immutable; arrays are copied in and must
/// not be written by who reads them.
public final class Estate {
    private final HostKind[] hosts;
    private final double[] vmMips;
    private final int[] vmMemory;

    /// @param vmMips the most that each vm may ask for
    /// @param vmMemory of each vm in MB
    public Estate(List<HostKind> hosts, double[] vmMips, int[] vmMemory) {
        if (vmMips.length != vmMemory.length) {
            throw new IllegalArgumentException(
                    "vmMips has %d values and vmMemory has %d, and each vm has one of both"
                            .formatted(vmMips.length, vmMemory.length));
        }
        for (int vm = 0; vm < vmMips.length; vm++) {
            if (!(vmMips[vm] > 0) || Double.isInfinite(vmMips[vm]) || vmMemory[vm] < 0) {
                throw new IllegalArgumentException(
                        "vm %d has %s MIPS and %s MB: MIPS must be positive and finite, memory not negative"
                                .formatted(vm, vmMips[vm], vmMemory[vm]));
            }
        }
        this.hosts = hosts.toArray(HostKind[]::new);
        this.vmMips = vmMips.clone();
        this.vmMemory = vmMemory.clone();
    }

    public int hosts() {
        return hosts.length;
    }

    public int vms() {
        return vmMips.length;
    }

    public HostKind host(int host) {
        return hosts[host];
    }

    public double vmMips(int vm) {
        return vmMips[vm];
    }

    public int vmMemory(int vm) {
        return vmMemory[vm];
    }
}
