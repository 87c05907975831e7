package io.novacron.daemon.config;

import io.novacron.inference.outlook.BusinessCalendar;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.stream.Collectors;

/// How the fleet is forecast.
///
/// @param ensemble whether the ensemble serves; without it the tiers do, as for series without an
///   hour of history
/// @param memory bound of what the ensemble keeps of all series; those beyond it are left to the
///   tiers
/// @param warmPerTick how many new series may learn from their past in one tick
/// @param timeZone where days begin for forecasts of days, such as `Europe/Berlin`
/// @param holidays days off beside weekends, such as `2026-12-25`
public record ForecastSettings(
        boolean ensemble,
        ByteSize memory,
        int warmPerTick,
        String timeZone,
        List<String> holidays) {
    private static final int MAX_HOLIDAYS = 1_000;

    public static final ForecastSettings DEFAULT =
            new ForecastSettings(true, ByteSize.ofMebibytes(1024), 2_000, "UTC", List.of());

    public ForecastSettings {
        holidays = List.copyOf(holidays);
        var problems = new ConfigProblems();
        for (String holiday : holidays) {
            problems.check(
                    isDate(holiday),
                    "forecast.holidays: %s must be a date. Maybe 2026-12-25?",
                    holiday);
        }
        problems.check(
                        isZone(timeZone),
                        "forecast.time-zone=%s is not known. Maybe Europe/Berlin, or UTC?",
                        timeZone)
                .check(
                        holidays.size() <= MAX_HOLIDAYS,
                        "forecast.holidays has %d dates, must be at most %d",
                        holidays.size(),
                        MAX_HOLIDAYS)
                .check(
                        memory.bytes() >= 0 && memory.bytes() <= 1L << 40,
                        "forecast.memory=%s must be in [0, 1TiB]. Maybe 1GiB?",
                        memory)
                .check(
                        warmPerTick >= 1 && warmPerTick <= 1_000_000,
                        "forecast.warm-per-tick=%d must be in [1, 1000000]. Maybe 2000?",
                        warmPerTick)
                .throwIfAny();
    }

    /// Days and holidays for forecasts of days.
    public BusinessCalendar calendar() {
        return new BusinessCalendar(
                ZoneId.of(timeZone),
                holidays.stream().map(LocalDate::parse).collect(Collectors.toSet()));
    }

    private static boolean isZone(String text) {
        try {
            return ZoneId.of(text) != null;
        } catch (DateTimeException _) {
            return false;
        }
    }

    private static boolean isDate(String text) {
        try {
            return LocalDate.parse(text) != null;
        } catch (DateTimeException _) {
            return false;
        }
    }
}
