/// A fleet that does not exist, behind the wire of one that does.
///
/// Start at [SimulateCommand]. A [SimulatedFleet] is one world: hosts, vms, where each vm is and
/// how large. What a vm wants at a moment is a function of the seed, the vm and the time, nothing
/// else ([Workload]); what it gets depends on its size and its neighbours ([HostLoad]). Each host
/// has a real agent core in front of it, which sees the world through a [SimulatedHypervisor] and a
/// [SimulatedHostSource]. Actions change the world, so a good decision shows in the metrics.
@NullMarked
package io.novacron.agent.simulation;

import org.jspecify.annotations.NullMarked;
