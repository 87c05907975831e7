package io.novacron.perf.consolidation;

import io.novacron.solver.consolidation.Estate;
import io.novacron.solver.consolidation.HostKind;
import io.novacron.solver.consolidation.PowerCurve;
import java.util.ArrayList;
import java.util.List;

/// The data centre of CloudSim's PlanetLab examples: 800 hosts of two kinds in turns, and vms of
/// four kinds in four equal blocks.
final class PlanetLab {
    static final int HOSTS = 800;

    /// Half of 1 Gbit/s, in MB a second as CloudSim divides it.
    static final double MIGRATION_MB_PER_SECOND = 62.5;

    static final HostKind G4 =
            new HostKind(
                    "HP ProLiant ML110 G4",
                    2,
                    1_860,
                    4_096,
                    new PowerCurve(86, 89.4, 92.6, 96, 99.5, 102, 106, 108, 112, 114, 117));
    static final HostKind G5 =
            new HostKind(
                    "HP ProLiant ML110 G5",
                    2,
                    2_660,
                    4_096,
                    new PowerCurve(93.7, 97, 101, 105, 110, 116, 121, 125, 129, 133, 135));

    private static final int[] VM_MIPS = {2_500, 2_000, 1_000, 500};
    private static final int[] VM_MEMORY = {870, 1_740, 1_740, 613};

    private PlanetLab() {}

    static Estate estate(int vms) {
        return estate(HOSTS, vms);
    }

    static Estate estate(int hostCount, int vms) {
        List<HostKind> hosts = new ArrayList<>();
        for (int host = 0; host < hostCount; host++) {
            hosts.add(host % 2 == 0 ? G4 : G5);
        }
        int block = (int) Math.ceil((double) vms / VM_MIPS.length);
        double[] mips = new double[vms];
        int[] memory = new int[vms];
        for (int vm = 0; vm < vms; vm++) {
            mips[vm] = VM_MIPS[vm / block];
            memory[vm] = VM_MEMORY[vm / block];
        }
        return new Estate(hosts, mips, memory);
    }
}
