/// Features: numbers computed from a window of a series.
@NullMarked
package io.novacron.inference.features;

import org.jspecify.annotations.NullMarked;
