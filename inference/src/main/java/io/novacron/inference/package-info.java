/// Forecasts and findings over columns: no network, no clock, no journal.
///
/// A caller fills a [io.novacron.inference.Window] (time-major, NaN is missing), asks a
/// [io.novacron.inference.ForecastService] and reads [io.novacron.inference.Forecasts]. The service
/// goes down an ordered list of [io.novacron.inference.Forecaster]s: a gradient-boosted quantile
/// model in ONNX Runtime, Holt-Winters, seasonal naive, last value. Each series says which model
/// answered, and why when it was not the best one. [io.novacron.inference.AnomalyScorer] finds the
/// series whose newest value is far from what its past would make one expect.
///
/// Objects here are owned by one thread, keep their scratch memory, and are fast in batches.
@NullMarked
package io.novacron.inference;

import org.jspecify.annotations.NullMarked;
