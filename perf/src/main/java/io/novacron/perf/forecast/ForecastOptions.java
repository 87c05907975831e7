package io.novacron.perf.forecast;

import io.novacron.training.PatchOptions;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a rolling evaluation is asked for.
///
/// @param trainUntil first step that is forecast
/// @param stride steps between origins
/// @param stepsPerDay of the trace
/// @param stackRows training rows of the stacked model, 0 for none
/// @param patch how the patch network is trained, null for none
/// @param int8 whether the patch network is run with bytes in its recurrent layer
record ForecastOptions(
        List<Horizon> horizons,
        int trainUntil,
        int stride,
        int stepsPerDay,
        int stackRows,
        @Nullable PatchOptions patch,
        boolean int8) {}
