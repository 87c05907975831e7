/// Tests of group scaling.
@NullMarked
package io.novacron.solver.scaling;

import org.jspecify.annotations.NullMarked;
