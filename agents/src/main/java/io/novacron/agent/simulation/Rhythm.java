package io.novacron.agent.simulation;

/// The clock that people live by, in UTC.
final class Rhythm {
    private static final double BUSIEST_HOUR = 14;
    private static final double WIDTH_HOURS = 4.2;
    private static final double WEEKEND = 0.55;
    private static final long DAY_MS = 24 * Profile.HOUR;

    private Rhythm() {}

    /// Some users live a little further east or west.
    static double phase(long seed) {
        return 3 * Noise.uniform(seed, 7) - 1.5;
    }

    /// Hour of the day in [0, 24).
    static double hour(long timeMs, double phaseHours) {
        double hour = Math.floorMod(timeMs, DAY_MS) / (double) Profile.HOUR + phaseHours;
        return hour < 0 ? hour + 24 : hour >= 24 ? hour - 24 : hour;
    }

    /// From 0 at night to 1 in the early afternoon, a bell around it.
    static double day(long timeMs, double phaseHours) {
        double distance = Math.abs(hour(timeMs, phaseHours) - BUSIEST_HOUR);
        double around = Math.min(distance, 24 - distance) / WIDTH_HOURS;
        return StrictMath.exp(-0.5 * around * around);
    }

    /// 1 on working days, less on Saturday and Sunday.
    static double week(long timeMs) {
        long day = Math.floorMod(Math.floorDiv(timeMs, DAY_MS) + 3, 7); // 1970 began on a Thursday
        return day >= 5 ? WEEKEND : 1;
    }
}
