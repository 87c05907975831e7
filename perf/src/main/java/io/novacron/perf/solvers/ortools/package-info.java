/// Our problems in the terms of OR-Tools: a model for CP-SAT with a hint to start from.
@NullMarked
package io.novacron.perf.solvers.ortools;

import org.jspecify.annotations.NullMarked;
