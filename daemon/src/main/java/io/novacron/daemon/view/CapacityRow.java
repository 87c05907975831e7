package io.novacron.daemon.view;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// When one resource of the fleet, of a group of hosts or of a host is used up.
///
/// @param scope `fleet`, `group` or `host`
/// @param entity of a host, else null
/// @param hosts that it is about
/// @param historyDays days with samples
/// @param trend `flat`, `steady` or `changing`; empty when there are less than two days of hours
/// @param peakNow the usual peak hour of today, in percent
/// @param peakThen that of the last day that was looked at, and its .9 quantile
/// @param earliestDay days until the peak reaches the limit, -1 for not within the days
public record CapacityRow(
        String scope,
        String name,
        @Nullable UUID entity,
        int metricId,
        int hosts,
        int historyDays,
        String trend,
        float slopePerDay,
        float peakNow,
        float peakThen,
        float peakThenHigh,
        int earliestDay,
        int expectedDay,
        int latestDay) {}
