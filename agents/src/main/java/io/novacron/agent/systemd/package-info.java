/// The service manager's side of a process: readiness, watchdog, stopping. Used by the agent and by
/// the daemon alike.
@NullMarked
package io.novacron.agent.systemd;

import org.jspecify.annotations.NullMarked;
