/// Flyweights, records, framing and the metric catalogue of the NovaCron wire.
@NullMarked
package io.novacron.wire;

import org.jspecify.annotations.NullMarked;
