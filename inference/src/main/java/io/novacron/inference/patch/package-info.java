/// A small recurrent network over the last day and week of a series, the same for all series: what
/// it is told ([PatchFeatures]) and how it is run ([PatchModel]). Trained in
/// `io.novacron.training`; see ADR 0026.
@NullMarked
package io.novacron.inference.patch;

import org.jspecify.annotations.NullMarked;
