package io.novacron.solver.search.reassignment;

/// The room of each machine and the need of each process on a coarse scale, so that most machines
/// without room for a process are passed over by a subtraction instead of a look at each resource.
///
/// An amount's level is its logarithm to sixteenths of a power of two, in nine bits; six levels
/// share a word, each under a guard bit:
///
/// ```text
///  59 58      50      9 8       0
///  |g | level  |  …  |g | level |
/// ```
///
/// Guards of the room are set, those of the need are not: where a level of the need is above that
/// of the room, the subtraction takes the guard away. A level never falls while its amount grows,
/// so no machine that has room is passed over; one that is found may still lack some.
final class RoomLevels {
    private static final int LANES = 6;
    private static final int LANE_BITS = 10;
    private static final int WORD_BITS = LANES * LANE_BITS;
    private static final int LEVEL_LIMIT = 511;
    private static final int FRACTION_BITS = 4; // of a power of two
    private static final int DROPPED_BITS = 23 - FRACTION_BITS; // of a float
    private static final int LEVEL_OF_ONE = 127 << FRACTION_BITS; // by the bits of a float

    private final int words; // of a machine or process
    private final int[] resourceAt; // by lane, counted over all words
    private final long[] roomBits;
    private final long[] needBits;
    private final long[] allGuards; // by word
    private final long[] firstGuards; // of the resources that come first
    private final int firstWords;
    private final int firsts; // how many resources come first
    private int used; // resources
    private long[] guards;
    private int usedWords;

    /// @param isFirst by resource: those that [#useFirst] goes by
    RoomLevels(int machines, int processes, boolean[] isFirst) {
        int resources = isFirst.length;
        words = (resources + LANES - 1) / LANES;
        resourceAt = new int[resources];
        allGuards = new long[words];
        firstGuards = new long[words];
        int firstCount = 0;
        int place = 0;
        for (boolean first : new boolean[] {true, false}) {
            for (int resource = 0; resource < resources; resource++) {
                if (isFirst[resource] == first) {
                    long guard = 1L << (place % LANES * LANE_BITS + LANE_BITS - 1);
                    resourceAt[place] = resource;
                    allGuards[place / LANES] |= guard;
                    if (first) {
                        firstGuards[place / LANES] |= guard;
                        firstCount++;
                    }
                    place++;
                }
            }
        }
        firsts = firstCount;
        firstWords = (firsts + LANES - 1) / LANES;
        roomBits = new long[machines * words];
        needBits = new long[processes * words];
        used = resources;
        guards = allGuards;
        usedWords = words;
    }

    /// From now on goes by all resources; every machine's room has to be set again.
    void useAll() {
        used = resourceAt.length;
        guards = allGuards;
        usedWords = words;
    }

    /// From now on goes by those resources alone that were said to be first.
    void useFirst() {
        used = firsts;
        guards = firstGuards;
        usedWords = firstWords;
    }

    /// Sets the levels that are used.
    ///
    /// @param room by resource, from an index on; what is below 0 counts as 0
    void setRoom(int machine, long[] room, int from) {
        int place = 0;
        for (int word = 0; word < usedWords; word++) {
            long bits = guards[word];
            for (int shift = 0; shift < WORD_BITS && place < used; shift += LANE_BITS) {
                bits |= level(room[from + resourceAt[place++]]) << shift;
            }
            roomBits[machine * words + word] = bits;
        }
    }

    /// @param need by resource, from an index on
    void setNeed(int process, int[] need, int from) {
        int place = 0;
        for (int word = 0; word < words; word++) {
            long bits = 0;
            for (int shift = 0;
                    shift < WORD_BITS && place < resourceAt.length;
                    shift += LANE_BITS) {
                bits |= level(need[from + resourceAt[place++]]) << shift;
            }
            needBits[process * words + word] = bits;
        }
    }

    private static long level(long amount) {
        int bits = Float.floatToRawIntBits((float) Math.max(0, amount)) >> DROPPED_BITS;
        return Math.clamp(bits - LEVEL_OF_ONE, 0, LEVEL_LIMIT);
    }

    /// The first machine in [start, end) that may have room for a process, or -1.
    int next(int process, int start, int end) {
        if (usedWords == 0) {
            return start < end ? start : -1;
        }
        int row = process * words;
        long firstNeed = needBits[row];
        long firstGuard = guards[0];
        for (int machine = start; machine < end; machine++) {
            if (((roomBits[machine * words] - firstNeed) & firstGuard) == firstGuard
                    && (usedWords == 1 || isAbove(machine * words, row))) {
                return machine;
            }
        }
        return -1;
    }

    private boolean isAbove(int roomRow, int needRow) {
        for (int word = 1; word < usedWords; word++) {
            long left = roomBits[roomRow + word] - needBits[needRow + word];
            if ((left & guards[word]) != guards[word]) {
                return false;
            }
        }
        return true;
    }
}
