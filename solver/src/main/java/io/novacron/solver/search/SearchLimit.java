package io.novacron.solver.search;

import java.util.function.LongSupplier;

/// How much a search may do, on how many threads, and the seed it draws from.
///
/// A limit in moves gives the same plan for the same seed and threads. A limit in time is kept to
/// about a millisecond; it reads the clock that the caller gives, for the search has none.
///
/// @param moves the most moves to propose, all threads together; 0 gives the plan one starts from
/// @param timeNs the most time by the given clock; ignored when negative
/// @param elapsedNs time since the search was asked for
public record SearchLimit(long moves, long timeNs, LongSupplier elapsedNs, long seed, int threads) {
    private static final int THREAD_LIMIT = 64;

    public SearchLimit {
        if (moves < 0) {
            throw new IllegalArgumentException(
                    "moves=%s must not be negative. Maybe Long.MAX_VALUE for no limit?"
                            .formatted(moves));
        }
        if (threads < 1 || threads > THREAD_LIMIT) {
            throw new IllegalArgumentException(
                    "threads=%s must be in [1, %s]. Maybe 2?".formatted(threads, THREAD_LIMIT));
        }
        if (moves == Long.MAX_VALUE && timeNs < 0) {
            throw new IllegalArgumentException(
                    "moves and time are both without limit: the search would never end. Maybe a"
                            + " limit of 10 s?");
        }
    }

    public static SearchLimit ofMoves(long moves, long seed, int threads) {
        return new SearchLimit(moves, -1, () -> 0, seed, threads);
    }

    /// @param elapsedNs time since the search was asked for
    public static SearchLimit ofTime(long timeNs, LongSupplier elapsedNs, long seed, int threads) {
        return new SearchLimit(Long.MAX_VALUE, Math.max(0, timeNs), elapsedNs, seed, threads);
    }

    /// A limit in time that begins now.
    public SearchLimit next(long ns) {
        long startNs = elapsedNs.getAsLong();
        return ofTime(ns, () -> elapsedNs.getAsLong() - startNs, seed, threads);
    }

    /// What is left of a limit in time.
    public SearchLimit rest() {
        return next(timeNs - elapsedNs.getAsLong());
    }

    /// Whether nothing but time limits the search.
    public boolean isTimeAlone() {
        return moves == Long.MAX_VALUE;
    }

    /// Whether nothing may be done at all any more.
    public boolean isOver() {
        return share(0) >= 1;
    }

    /// Whether there is a limit in time, and less than this is left of it.
    public boolean endsWithin(long ns) {
        return timeNs >= 0 && timeNs - elapsedNs.getAsLong() < ns;
    }

    /// @param proposed moves proposed by one thread so far
    /// @return the share of the limit that is used up; 1 or more when the search has to end
    double share(long proposed) {
        double ofMoves = moves == 0 ? 1 : (double) proposed * threads / moves;
        if (timeNs < 0) {
            return ofMoves;
        }
        double ofTime = timeNs == 0 ? 1 : (double) elapsedNs.getAsLong() / timeNs;
        return Math.max(ofMoves, ofTime);
    }
}
