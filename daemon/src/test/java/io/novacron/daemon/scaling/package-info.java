/// Tests of executors of group scaling.
@NullMarked
package io.novacron.daemon.scaling;

import org.jspecify.annotations.NullMarked;
