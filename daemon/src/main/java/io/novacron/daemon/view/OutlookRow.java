package io.novacron.daemon.view;

import java.util.List;
import java.util.UUID;

/// One metric of one entity in the coming days.
///
/// @param fromMs end of the history
/// @param trend `flat`, `steady` or `changing`
/// @param slopePerDay of the level, in the unit of the metric
/// @param historyDays days with samples
public record OutlookRow(
        UUID entity,
        String name,
        int metricId,
        long fromMs,
        String trend,
        float slopePerDay,
        int historyDays,
        List<Day> days) {

    /// The mean of a day and its usual peak hour: quantiles .1, .5 and .9.
    ///
    /// @param day 0 is the 24 hours after the end of the history
    public record Day(
            int day,
            float meanLow,
            float mean,
            float meanHigh,
            float peakLow,
            float peak,
            float peakHigh) {}

    public OutlookRow {
        days = List.copyOf(days);
    }
}
