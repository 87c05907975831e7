package io.novacron.daemon.tick;

import java.util.Arrays;

/// Predicts the use of each hour ahead from what the daemon has: the same hours of past days give
/// the shape, the forecast of the next day at its few horizons gives the level. Pure.
final class HourlyUse {
    private static final int DAY = 24;

    private HourlyUse() {}

    /// @param past use by hour, oldest first, NaN where there is no sample; the last one is the
    ///   hour before the first predicted one
    /// @param forecastHours horizons of the forecast in hours, ascending; may be parts of one
    /// @param forecast use at these; empty without a forecast
    /// @param hours to predict
    /// @return use by hour; NaN where no past day had a sample and nothing is forecast
    static double[] predict(float[] past, double[] forecastHours, double[] forecast, int hours) {
        double[] shape = new double[hours];
        for (int hour = 0; hour < hours; hour++) {
            shape[hour] = sameHour(past, hour);
        }
        double[] use = new double[hours];
        for (int hour = 0; hour < hours; hour++) {
            double level = correction(shape, forecastHours, forecast, hour + 0.5);
            use[hour] = Math.max(0, shape[hour] + level);
        }
        if (Arrays.stream(shape).allMatch(Double::isNaN) && forecast.length > 0) {
            for (int hour = 0; hour < hours; hour++) {
                use[hour] = at(forecastHours, forecast, hour + 0.5); // nothing but the forecast
            }
        }
        return use;
    }

    /// Mean of an hour over the past days.
    private static double sameHour(float[] past, int hour) {
        double sum = 0;
        int count = 0;
        for (int at = past.length + hour % DAY - DAY; at >= 0; at -= DAY) {
            if (at < past.length && Float.isFinite(past[at])) {
                sum += past[at];
                count++;
            }
        }
        return count == 0 ? Double.NaN : sum / count;
    }

    /// By how much the forecast is above the shape, at a time ahead.
    private static double correction(
            double[] shape, double[] forecastHours, double[] forecast, double hour) {
        double[] above = new double[forecast.length];
        double[] hours = new double[forecast.length];
        int count = 0;
        for (int i = 0; i < forecast.length; i++) {
            int of = (int) forecastHours[i];
            if (of < shape.length && !Double.isNaN(shape[of]) && Double.isFinite(forecast[i])) {
                hours[count] = forecastHours[i];
                above[count++] = forecast[i] - shape[of];
            }
        }
        return count == 0 ? 0 : at(Arrays.copyOf(hours, count), Arrays.copyOf(above, count), hour);
    }

    /// Between the points by straight lines, beyond them as at the end.
    private static double at(double[] hours, double[] values, double hour) {
        if (hour <= hours[0]) {
            return values[0];
        }
        for (int i = 1; i < hours.length; i++) {
            if (hour <= hours[i]) {
                double share = (hour - hours[i - 1]) / (hours[i] - hours[i - 1]);
                return values[i - 1] + share * (values[i] - values[i - 1]);
            }
        }
        return values[values.length - 1];
    }
}
