/// `novacron up`: the whole loop on one machine, in child processes that are watched and stopped
/// together.
@NullMarked
package io.novacron.daemon.up;

import org.jspecify.annotations.NullMarked;
