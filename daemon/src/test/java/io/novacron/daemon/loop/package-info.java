/// The whole loop with every part real: guests under libvirt, agents as processes, daemon, command
/// line.
@NullMarked
package io.novacron.daemon.loop;

import org.jspecify.annotations.NullMarked;
