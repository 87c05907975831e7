/// Tests of plans that can be carried out.
@NullMarked
package io.novacron.solver.plan;

import org.jspecify.annotations.NullMarked;
