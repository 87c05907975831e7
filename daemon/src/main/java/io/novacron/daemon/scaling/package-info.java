/// Executors of group scaling outside the agents: a webhook is told how many members a group should
/// have, and says what became of it ([ADR
/// 0025](../../../../../../../../../docs/adr/0025-scaling-of-groups.md)).
@NullMarked
package io.novacron.daemon.scaling;

import org.jspecify.annotations.NullMarked;
