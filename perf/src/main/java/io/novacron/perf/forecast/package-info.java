/// `novacron evaluate forecast`: how good forecasts are on recorded data.
///
/// Start at [io.novacron.perf.forecast.ForecastEvaluation]. A trace is replayed step by step, as
/// production would see it; what is not in the past yet is out of reach of every forecaster.
@NullMarked
package io.novacron.perf.forecast;

import org.jspecify.annotations.NullMarked;
