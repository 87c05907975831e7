/// Inner loops over columns of hosts, in vectors and one by one.
@NullMarked
package io.novacron.solver.kernel;

import org.jspecify.annotations.NullMarked;
