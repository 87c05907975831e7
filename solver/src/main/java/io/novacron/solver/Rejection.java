package io.novacron.solver;

/// Why a vm may not go to a host. Checks run in this order, and the first that fails is the one
/// told.
public enum Rejection {
    /// The vm, its host or the destination has opted out of automation.
    OPTED_OUT,
    /// The destination takes no further vms.
    CORDONED,
    /// The destination is itself hot, so it is being relieved.
    HOT,
    /// The host lacks a required label, or has an excluded one.
    LABEL,
    /// The vm is pinned to another host.
    PINNED,
    /// The vm is forbidden on this host.
    FORBIDDEN,
    /// An affinity group would be split further.
    AFFINITY,
    /// A vm that must be apart is there.
    ANTI_AFFINITY,
    /// Sizes would exceed the allocation limit.
    CAPACITY,
    /// The forecast peak would exceed the safe load.
    SAFETY_LEVEL,
    /// The policy allows no further move in the plan, to or from this host, or of this affinity
    /// group.
    MOVE_LIMIT
}
