package io.novacron.solver;

import java.util.List;

/// Estimates what a pre-copy live migration takes: memory is copied while the vm runs, then what it
/// dirtied meanwhile, and so on, until the rest can be copied within the tolerated downtime.
///
/// @param bytesPerSecond bandwidth that one migration gets
/// @param assumedDirtyBytesPerSecond dirty rate of a vm of which nobody measured it
/// @param downtimeTargetSeconds pause within which the last round must fit
/// @param overheadSeconds start and end of any migration, whatever its size
/// @param pauseOverheadSeconds part of the pause that is not copying
/// @param maxRounds after which the vm is paused whatever is left
public record MigrationModel(
        double bytesPerSecond,
        double assumedDirtyBytesPerSecond,
        double downtimeTargetSeconds,
        double overheadSeconds,
        double pauseOverheadSeconds,
        int maxRounds) {
    private static final int ROUND_LIMIT = 1_000;

    /// A gigabit link of its own; pauses as seen with idle guests.
    public static final MigrationModel DEFAULT =
            new MigrationModel(110e6, 10e6, 0.3, 1.0, 0.15, 30);

    public MigrationModel {
        new Mistakes("migration model")
                .check(
                        Double.isFinite(bytesPerSecond) && bytesPerSecond > 0,
                        "bytesPerSecond=%s must be positive. Maybe 110e6 for gigabit?",
                        bytesPerSecond)
                .check(
                        Double.isFinite(assumedDirtyBytesPerSecond)
                                && assumedDirtyBytesPerSecond >= 0,
                        "assumedDirtyBytesPerSecond=%s must not be negative. Maybe 10e6?",
                        assumedDirtyBytesPerSecond)
                .check(
                        Double.isFinite(downtimeTargetSeconds) && downtimeTargetSeconds > 0,
                        "downtimeTargetSeconds=%s must be positive. Maybe 0.3?",
                        downtimeTargetSeconds)
                .check(
                        Double.isFinite(overheadSeconds) && overheadSeconds >= 0,
                        "overheadSeconds=%s must not be negative. Maybe 1?",
                        overheadSeconds)
                .check(
                        Double.isFinite(pauseOverheadSeconds) && pauseOverheadSeconds >= 0,
                        "pauseOverheadSeconds=%s must not be negative. Maybe 0.15?",
                        pauseOverheadSeconds)
                .check(
                        maxRounds >= 1 && maxRounds <= ROUND_LIMIT,
                        "maxRounds=%s must be in [1, %s]. Maybe 30?",
                        maxRounds,
                        ROUND_LIMIT)
                .throwIfAny();
    }

    /// What migrating one vm takes. Its whole memory counts, since pages once touched stay
    /// resident.
    Estimate estimate(FleetProblem problem, int vm) {
        return estimate(problem.memoryBytes(vm), problem.dirtyBytesPerSecond(vm));
    }

    /// What migrating a vm takes, as figures of a cost.
    ///
    /// @param dirtyBytesPerSecond NaN for unknown
    public List<Figure> cost(double memoryBytes, double dirtyBytesPerSecond) {
        return estimate(memoryBytes, dirtyBytesPerSecond).cost();
    }

    /// @param dirtyBytesPerSecond NaN for unknown
    Estimate estimate(double memoryBytes, double dirtyBytesPerSecond) {
        double dirty =
                Double.isNaN(dirtyBytesPerSecond)
                        ? assumedDirtyBytesPerSecond
                        : dirtyBytesPerSecond;
        double tolerable = bytesPerSecond * downtimeTargetSeconds;
        double left = memoryBytes;
        double copied = 0;
        int rounds = 0;
        while (rounds < maxRounds && left > tolerable) {
            copied += left;
            left = Math.min(memoryBytes, left / bytesPerSecond * dirty);
            rounds++;
        }
        copied += left;
        return new Estimate(
                copied,
                overheadSeconds + copied / bytesPerSecond,
                pauseOverheadSeconds + left / bytesPerSecond,
                left <= tolerable);
    }

    /// @param converges whether the pause stays within its target
    record Estimate(double copiedBytes, double seconds, double downtimeSeconds, boolean converges) {
        List<Figure> cost() {
            return List.of(
                    Figure.bytes(Figure.MEMORY_COPIED, copiedBytes),
                    Figure.seconds(Figure.DURATION, seconds),
                    Figure.seconds(Figure.DOWNTIME, downtimeSeconds));
        }
    }
}
