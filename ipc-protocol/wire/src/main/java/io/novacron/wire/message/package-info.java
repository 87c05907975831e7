/// The cold messages as immutable records, and their codec.
///
/// Start at [Message], the sealed list of them, and [Messages], which turns one into a frame and
/// back. Metric batches are not here: see the `column` package.
@NullMarked
package io.novacron.wire.message;

import org.jspecify.annotations.NullMarked;
