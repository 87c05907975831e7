/// Checks of what is installed beside the classes: systemd units and the one list of JVM flags.
@NullMarked
package io.novacron.daemon.packaging;

import org.jspecify.annotations.NullMarked;
