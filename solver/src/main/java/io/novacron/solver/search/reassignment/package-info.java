/// Machine reassignment as in the ROADEF/EURO challenge of 2012: processes are moved between
/// machines so that loads stay under safety capacities at little cost for moving.
///
/// Start at [ReassignmentProblem] (read from files by [RoadefFiles]), then [ReassignmentSearch].
/// [ReassignmentRecount] counts a plan's cost and finds its faults from the definition alone and
/// shares no code with the search.
@NullMarked
package io.novacron.solver.search.reassignment;

import org.jspecify.annotations.NullMarked;
