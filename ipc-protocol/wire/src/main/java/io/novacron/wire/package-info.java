/// The NovaCron wire: what agents, schedulers and the daemon say to each other, byte by byte.
///
/// Start at [Framing], which cuts a byte stream into checked frames. Then `message` has the cold
/// messages as records, `column` the metric batches of the hot path, `catalogue` the metrics
/// themselves, and `sbe` the generated flyweights that nothing outside this module needs, its enums
/// apart. Every decoder here throws [WireException] and nothing else, and never reads outside the
/// frame it was given. The bytes are described in `docs/adr/0002-wire-format.md`.
@NullMarked
package io.novacron.wire;

import org.jspecify.annotations.NullMarked;
