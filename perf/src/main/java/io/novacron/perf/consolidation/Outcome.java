package io.novacron.perf.consolidation;

/// The figures of a simulated day, defined as in CloudSim's examples.
///
/// @param slatah share of active host time in which a host gave less than it was asked for
/// @param pdm MIPS-seconds withheld from migrating vms, of all that were asked for
/// @param unserved MIPS-seconds withheld from any vm, of all that were asked for
/// @param hostShutdowns hosts that went from active to inactive; a host that was never used is one
/// @param mostMigrationsOfVm migrations of the vm that had most
/// @param heldKwh what hosts that hold vms without any demand would have drawn idle; the simulator
///   counts them as switched off
record Outcome(
        double energyKwh,
        long migrations,
        double slatah,
        double pdm,
        double unserved,
        long hostShutdowns,
        int mostMigrationsOfVm,
        double heldKwh) {
    double slav() {
        return slatah * pdm;
    }
}
