/// The CPU budget that the daemon keeps to: it measures itself and sizes each tick's work.
@NullMarked
package io.novacron.daemon.budget;

import org.jspecify.annotations.NullMarked;
