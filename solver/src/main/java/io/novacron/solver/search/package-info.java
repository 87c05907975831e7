/// Local search over primitive columns: what every search here shares.
///
/// A search walks from plan to neighbouring plan. A move first passes every hard rule, then its
/// full effect on the objective is computed from what it touches alone, and only then is it
/// accepted or not; a full recount is the specification of that delta and tests hold the two
/// together. Start at [SearchLimit], then [SearchTeam], which runs the walks on one or two threads
/// and lets them meet after fixed numbers of moves, and [Walk], what a problem has to bring along.
/// Problems live in sub-packages: `reassignment` (machine reassignment), `packing` (vector packing)
/// and `colocation` (instances whose demand changes over a day).
///
/// The same problem, seed, threads and limit in moves give the same plan anywhere. Nothing here
/// reads a clock: a limit in time is asked of the caller's clock. [ADR
/// 0012](../../../../../../../../docs/adr/0012-search.md).
@NullMarked
package io.novacron.solver.search;

import org.jspecify.annotations.NullMarked;
