package io.novacron.solver;

/// How far [HotHostRelief] may go.
///
/// @param maxMoves in one plan
/// @param maxMovesPerHost away from, and to, any one host in one plan
/// @param maxRounds attempts made while the move limit lasts; the first two draw no random numbers
/// @param migration what a move takes
public record ReliefPolicy(
        int maxMoves, int maxMovesPerHost, int maxRounds, MigrationModel migration) {
    private static final int MOVE_LIMIT = 100_000;
    private static final int ROUND_LIMIT = 10_000;

    public static final ReliefPolicy DEFAULT = new ReliefPolicy(64, 8, 16, MigrationModel.DEFAULT);

    public ReliefPolicy {
        new Mistakes("relief policy")
                .check(
                        maxMoves >= 1 && maxMoves <= MOVE_LIMIT,
                        "maxMoves=%s must be in [1, %s]. Maybe 64?",
                        maxMoves,
                        MOVE_LIMIT)
                .check(
                        maxMovesPerHost >= 1 && maxMovesPerHost <= MOVE_LIMIT,
                        "maxMovesPerHost=%s must be in [1, %s]. Maybe 8?",
                        maxMovesPerHost,
                        MOVE_LIMIT)
                .check(
                        maxRounds >= 1 && maxRounds <= ROUND_LIMIT,
                        "maxRounds=%s must be in [1, %s]. Maybe 16?",
                        maxRounds,
                        ROUND_LIMIT)
                .throwIfAny();
    }
}
