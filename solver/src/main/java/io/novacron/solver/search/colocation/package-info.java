/// Colocation: instances of applications, whose demand changes over a day, onto machines so that no
/// machine is too busy at any time and certain applications keep apart. The problem of the
/// preliminary round B of the Alibaba scheduling contest of 2018 ("Tianchi").
///
/// Start at [ColocationProblem] (read from files by [TianchiFiles]), then [ColocationSearch].
/// [ColocationRecount] judges a plan from the definition alone.
@NullMarked
package io.novacron.solver.search.colocation;

import org.jspecify.annotations.NullMarked;
