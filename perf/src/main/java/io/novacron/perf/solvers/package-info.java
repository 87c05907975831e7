/// Solvers that others would pick, on our problems: `bench solver-peers`.
///
/// Start at [SolverPeersBench]. Each peer gets the problem in its own terms, as a competent user of
/// it would write it, and starts from the same plan. What it finds is judged by our recount.
@NullMarked
package io.novacron.perf.solvers;

import org.jspecify.annotations.NullMarked;
