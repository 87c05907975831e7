package io.novacron.agent.simulation;

/// The ways in which simulated vms live.
///
/// The numbers are shares of a workload's own peak.
enum Profile {
    /// Follows its users: up by day, down by night, less at the weekend.
    DIURNAL {
        @Override
        double cpu(long seed, long timeMs) {
            return (0.15 + 0.85 * Rhythm.day(timeMs, Rhythm.phase(seed)) * Rhythm.week(timeMs))
                    * (1 + 0.08 * Noise.wander(seed, timeMs, 20 * MINUTE));
        }

        @Override
        double memory(long seed, long timeMs) {
            return 0.62 + 0.2 * Rhythm.day(timeMs, Rhythm.phase(seed));
        }
    },

    /// Works steadily round the clock with a mild day.
    STEADY {
        @Override
        double cpu(long seed, long timeMs) {
            return (0.7 + 0.3 * Rhythm.day(timeMs, Rhythm.phase(seed)))
                    * (1 + 0.06 * Noise.wander(seed, timeMs, 30 * MINUTE));
        }

        @Override
        double memory(long seed, long timeMs) {
            return 0.78 + 0.04 * Noise.wander(seed ^ MEMORY, timeMs, 6 * HOUR);
        }
    },

    /// Runs its jobs at night, longer when a week ends, and waits by day.
    NIGHTLY {
        @Override
        double cpu(long seed, long timeMs) {
            double hour = Rhythm.hour(timeMs, 0);
            double start = 0.5 + 2 * Noise.uniform(seed, 1);
            double length = Rhythm.week(timeMs) < 1 ? 5 : 3;
            boolean runs = hour >= start && hour < start + length;
            return runs ? 0.9 + 0.1 * Noise.wander(seed, timeMs, 5 * MINUTE) : 0.03;
        }

        @Override
        double memory(long seed, long timeMs) {
            return cpu(seed, timeMs) > 0.5 ? 0.8 : 0.25;
        }
    },

    /// Idles until somebody pushes, then takes all it can get for some minutes.
    BURSTY {
        @Override
        double cpu(long seed, long timeMs) {
            double hour = Rhythm.hour(timeMs, 0);
            boolean working = hour >= 7 && hour < 19 && Rhythm.week(timeMs) == 1;
            double odds = working ? 0.4 : 0.04;
            boolean burst = Noise.uniform(seed, Math.floorDiv(timeMs, 10 * MINUTE)) < odds;
            return burst ? 0.85 + 0.15 * Noise.wander(seed, timeMs, MINUTE) : 0.04;
        }

        @Override
        double memory(long seed, long timeMs) {
            return 0.4 + (cpu(seed, timeMs) > 0.5 ? 0.3 : 0);
        }
    },

    /// Never gives memory back until somebody restarts it.
    LEAKING {
        @Override
        double cpu(long seed, long timeMs) {
            return DIURNAL.cpu(seed, timeMs);
        }

        @Override
        double memory(long seed, long timeMs) {
            long lifeMs = (long) ((22 + 26 * Noise.uniform(seed, 2)) * HOUR);
            long offsetMs = (long) (Noise.uniform(seed, 3) * lifeMs);
            double age = (double) Math.floorMod(timeMs + offsetMs, lifeMs) / lifeMs;
            return 0.28 + 0.75 * age;
        }
    },

    /// Does next to nothing, all the time.
    IDLE {
        @Override
        double cpu(long seed, long timeMs) {
            return 0.6 + 0.3 * Noise.wander(seed, timeMs, 15 * MINUTE);
        }

        @Override
        double memory(long seed, long timeMs) {
            return 0.3 + 0.02 * Noise.wander(seed ^ MEMORY, timeMs, 12 * HOUR);
        }
    },

    /// For some hours takes every core and disk it can reach; its neighbours feel it.
    NOISY {
        @Override
        double cpu(long seed, long timeMs) {
            boolean on = Noise.uniform(seed, Math.floorDiv(timeMs, 3 * HOUR)) < 0.45;
            return on ? 0.95 + 0.05 * Noise.wander(seed, timeMs, 2 * MINUTE) : 0.08;
        }

        @Override
        double memory(long seed, long timeMs) {
            return 0.7;
        }
    };

    static final long MINUTE = 60_000;
    static final long HOUR = 60 * MINUTE;
    private static final long MEMORY = 0x6D656D6F7279L;

    /// CPU wanted, as a share of the peak.
    abstract double cpu(long seed, long timeMs);

    /// Memory wanted, as a share of the workload's memory.
    abstract double memory(long seed, long timeMs);
}
