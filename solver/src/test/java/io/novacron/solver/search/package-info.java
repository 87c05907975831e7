/// Tests of what every search shares.
@NullMarked
package io.novacron.solver.search;

import org.jspecify.annotations.NullMarked;
