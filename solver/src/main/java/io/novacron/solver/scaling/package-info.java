/// How many members a group of like vms should have, and when: ahead of forecast peaks, without
/// flapping, and without all groups starting members at once ([ADR
/// 0025](../../../../../../../../docs/adr/0025-scaling-of-groups.md)).
///
/// Start at [io.novacron.solver.scaling.GroupScaler]. Times are seconds from now; demand and
/// capacity are in one unit of the caller's choice, e.g. cores. Pure: no clock, no state between
/// calls.
@NullMarked
package io.novacron.solver.scaling;

import org.jspecify.annotations.NullMarked;
