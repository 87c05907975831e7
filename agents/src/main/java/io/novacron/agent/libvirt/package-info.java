/// Watches and changes the vms of a libvirt host, through `java.lang.foreign`.
///
/// Start at [LibvirtHypervisor], the face to the rest of the agent. Below it, bottom up:
/// [LibvirtLibrary] binds the C functions, [Connection] makes them throw, [CallPool] puts a
/// watchdog on every call, `StatsPoller` and `GuestProcess` read, `LibvirtExecutor` acts.
///
/// A libvirt call may block for ever (a stopped guest does that to whoever asks first), so no call
/// runs on a thread that somebody waits on without a limit.
@NullMarked
package io.novacron.agent.libvirt;

import org.jspecify.annotations.NullMarked;
