/// What a whole daemon costs, under the load of a fleet in real time.
@NullMarked
package io.novacron.perf.budget;

import org.jspecify.annotations.NullMarked;
