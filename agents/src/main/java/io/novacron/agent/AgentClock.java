package io.novacron.agent;

import java.util.function.LongSupplier;

/// The two times an agent knows: monotonic for intervals, the epoch's for timestamps.
public record AgentClock(LongSupplier nanoTime, LongSupplier epochMs) {

    /// The machine's own clocks.
    public static AgentClock system() {
        return new AgentClock(System::nanoTime, System::currentTimeMillis);
    }

    long nowNs() {
        return nanoTime.getAsLong();
    }

    long nowMs() {
        return epochMs.getAsLong();
    }
}
