/// The metric catalogue: what each metric id on the wire means.
///
/// One file, `metrics.csv`, is the source: [MetricCatalogue] loads it, the constants of `Metrics`
/// and `docs/metrics.md` are generated from it, and Prometheus names derive from it.
@NullMarked
package io.novacron.wire.catalogue;

import org.jspecify.annotations.NullMarked;
