/// Tests of machine reassignment. [RandomReassignments] makes problems from a seed.
@NullMarked
package io.novacron.solver.search.reassignment;

import org.jspecify.annotations.NullMarked;
