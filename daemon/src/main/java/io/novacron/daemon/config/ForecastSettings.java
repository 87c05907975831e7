package io.novacron.daemon.config;

/// How the fleet is forecast.
///
/// @param ensemble whether the ensemble serves; without it the tiers do, as for series without an
///   hour of history
/// @param memory bound of what the ensemble keeps of all series; those beyond it are left to the
///   tiers
/// @param warmPerTick how many new series may learn from their past in one tick
public record ForecastSettings(boolean ensemble, ByteSize memory, int warmPerTick) {
    public static final ForecastSettings DEFAULT =
            new ForecastSettings(true, ByteSize.ofMebibytes(1024), 2_000);

    public ForecastSettings {
        new ConfigProblems()
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
}
