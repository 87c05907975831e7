/// The agent of a hypervisor host: samples, spools, sends, and acts.
///
/// Start at [Hypervisor], the seam to what runs the vms; a [HypervisorProvider] makes one for a
/// URI.
@NullMarked
package io.novacron.agent;

import org.jspecify.annotations.NullMarked;
