/// The agent of a hypervisor host: samples, spools, sends, and acts.
///
/// Start at [Agent], which ties the parts together: a `Sampler` measures a [HostSource] and a
/// [Hypervisor] and spools frames, two `Link`s carry them to the daemon, an `ActionDesk` does what
/// the daemon asks. [AgentCommand] is the command line, `AgentProcess` the real host behind it; the
/// simulated fleet makes the same [Agent] from other parts. [Hypervisor] is the seam to what runs
/// the vms; a [HypervisorProvider] makes one for a URI.
///
/// Time, randomness and sockets come in through constructors. Threads are few and none polls.
@NullMarked
package io.novacron.agent;

import org.jspecify.annotations.NullMarked;
