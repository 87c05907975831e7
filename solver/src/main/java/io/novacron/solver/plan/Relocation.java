package io.novacron.solver.plan;

/// One vm goes from one host to another while it runs.
///
/// @param vm index in the problem, as are hosts
/// @param temporary whether the vm goes on from there in a later wave (or has come on the way, in a
///   plan to go back)
public record Relocation(int vm, int fromHost, int toHost, boolean temporary) {
    /// The same way back.
    Relocation reversed() {
        return new Relocation(vm, toHost, fromHost, temporary);
    }
}
