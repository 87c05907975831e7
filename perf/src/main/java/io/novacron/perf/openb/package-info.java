/// Placement of GPU work on Alibaba's openb fleet (2023): how much of its GPUs gets used when more
/// is asked for than there is.
///
/// Start at [OpenbEvaluation].
@NullMarked
package io.novacron.perf.openb;

import org.jspecify.annotations.NullMarked;
