/// JMH benchmarks of single hot loops; run them with `novacron bench jmh`. The figures kept are in
/// `perf/results/`.
@NullMarked
package io.novacron.perf.jmh;

import org.jspecify.annotations.NullMarked;
