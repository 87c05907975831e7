package io.novacron.perf.forecast;

import java.util.List;

/// What a rolling evaluation is asked for.
///
/// @param trainUntil first step that is forecast
/// @param stride steps between origins
/// @param stepsPerDay of the trace
/// @param stackRows training rows of the stacked model, 0 for none
record ForecastOptions(
        List<Horizon> horizons, int trainUntil, int stride, int stepsPerDay, int stackRows) {}
