package io.novacron.inference.outlook;

import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.Set;

/// Which hours belong together: the hour of the day and the day of the week where the people are,
/// and the days off. A holiday is taken for a Sunday.
///
/// @param zone where the day begins
/// @param holidays days off beside weekends
public record BusinessCalendar(ZoneId zone, Set<LocalDate> holidays) {
    /// Universal time without holidays.
    public static final BusinessCalendar UTC = new BusinessCalendar(ZoneId.of("UTC"), Set.of());

    private static final int MAX_HOLIDAYS = 1_000;
    private static final int HOURS_PER_DAY = 24;

    public BusinessCalendar {
        holidays = Set.copyOf(holidays);
        if (holidays.size() > MAX_HOLIDAYS) {
            throw new IllegalArgumentException(
                    "holidays.size()=%d must be at most %d. Maybe the list is of all days?"
                            .formatted(holidays.size(), MAX_HOLIDAYS));
        }
    }

    /// Hour of the week, 0 being Monday's first; that of a Sunday on a holiday.
    int hourOfWeek(long timeMs) {
        ZonedDateTime local = Instant.ofEpochMilli(timeMs).atZone(zone);
        return (dayOf(local).getValue() - 1) * HOURS_PER_DAY + local.getHour();
    }

    private DayOfWeek dayOf(ZonedDateTime local) {
        return holidays.contains(local.toLocalDate()) ? DayOfWeek.SUNDAY : local.getDayOfWeek();
    }
}
