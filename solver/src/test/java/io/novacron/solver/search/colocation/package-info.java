/// Tests of colocation.
@NullMarked
package io.novacron.solver.search.colocation;

import org.jspecify.annotations.NullMarked;
