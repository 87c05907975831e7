package io.novacron.perf.forecast;

import java.util.List;

/// What a rolling evaluation is asked for.
///
/// @param trainUntil first step that is forecast
/// @param stride steps between origins
/// @param stepsPerDay of the trace
record ForecastOptions(List<Horizon> horizons, int trainUntil, int stride, int stepsPerDay) {}
