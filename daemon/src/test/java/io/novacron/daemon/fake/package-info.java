/// A small fleet in memory that the tests of the faces ask: same answers at every run.
@NullMarked
package io.novacron.daemon.fake;

import org.jspecify.annotations.NullMarked;
