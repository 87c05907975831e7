/// Tests of vector packing.
@NullMarked
package io.novacron.solver.search.packing;

import org.jspecify.annotations.NullMarked;
