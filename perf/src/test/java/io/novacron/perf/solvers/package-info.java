/// Tests of the peers of the solver.
@NullMarked
package io.novacron.perf.solvers;

import org.jspecify.annotations.NullMarked;
