/// Tests of the solver. [RandomFleets] makes problems from a seed; every failure prints the seed.
@NullMarked
package io.novacron.solver;

import org.jspecify.annotations.NullMarked;
