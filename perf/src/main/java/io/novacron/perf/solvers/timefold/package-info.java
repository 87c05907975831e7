/// Our problems in the terms of Timefold: entities with one planning variable, an incremental score
/// calculator, and its default search from a given start.
@NullMarked
package io.novacron.perf.solvers.timefold;

import org.jspecify.annotations.NullMarked;
