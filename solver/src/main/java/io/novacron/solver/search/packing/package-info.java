/// Vector packing: vms with several resources onto as few hosts as possible, all hosts alike.
///
/// Start at [PackingProblem], then [PackingSearch]. [PackingCheck] judges an answer from the
/// definition alone.
@NullMarked
package io.novacron.solver.search.packing;

import org.jspecify.annotations.NullMarked;
