package io.novacron.solver.search.packing;

import io.novacron.solver.Mistakes;

/// Vms to pack and the hosts to pack them on; immutable.
///
/// Amounts are whole numbers. A vm that fits on no host is refused by name.
public final class PackingProblem {
    final int vms;
    final int resources;
    final int[] capacity; // by resource
    final int[] need; // by vm and resource

    /// @param capacity of each host, by resource
    /// @param need by vm and resource, the resource running fastest
    /// @throws io.novacron.solver.InvalidInputException naming every mistake
    public PackingProblem(int[] capacity, int[] need) {
        var mistakes = new Mistakes("packing problem");
        mistakes.check(capacity.length > 0, "there are no resources; at least one is needed");
        mistakes.throwIfAny();
        mistakes.check(
                need.length % capacity.length == 0,
                "there are %d needs, not a multiple of the %d resources",
                need.length,
                capacity.length);
        for (int resource = 0; resource < capacity.length; resource++) {
            mistakes.check(
                    capacity[resource] >= 0,
                    "the capacity of resource %d is %d, below 0",
                    resource,
                    capacity[resource]);
        }
        for (int index = 0; index < need.length; index++) {
            int resource = index % capacity.length;
            mistakes.check(
                    need[index] >= 0 && need[index] <= capacity[resource],
                    "vm %d needs %d of resource %d, not in [0, %d], what a host has",
                    index / capacity.length,
                    need[index],
                    resource,
                    capacity[resource]);
        }
        mistakes.throwIfAny();
        this.capacity = capacity.clone();
        this.need = need.clone();
        resources = capacity.length;
        vms = need.length / resources;
    }

    public int vmCount() {
        return vms;
    }

    /// The least number of hosts by any one resource: what no packing can go below.
    public int lowerBound() {
        int bound = vms == 0 ? 0 : 1;
        for (int resource = 0; resource < resources; resource++) {
            long sum = 0;
            for (int vm = 0; vm < vms; vm++) {
                sum += need[vm * resources + resource];
            }
            if (sum > 0) {
                bound = (int) Math.max(bound, Math.ceilDiv(sum, (long) capacity[resource]));
            }
        }
        return bound;
    }
}
