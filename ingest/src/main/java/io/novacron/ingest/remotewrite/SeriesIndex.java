package io.novacron.ingest.remotewrite;

import org.jspecify.annotations.Nullable;

/// Known series by the hash of their labels: open addressing, three arrays. A hash of 128 bits with
/// a secret seed stands for the labels themselves, which are not kept.
///
/// Label sets that are of no interest are remembered too, in a table of fixed size that forgets: a
/// series that is forgotten is only looked at once more.
final class SeriesIndex {
    private static final int FIRST_CAPACITY = 1 << 12;
    private static final int SETS = 1 << 18; // 8 MiB with two ways, once one is needed
    private static final int WAYS = 2;

    private long[] hashes1 = new long[FIRST_CAPACITY];
    private long[] hashes2 = new long[FIRST_CAPACITY];
    private @Nullable MappedSeries[] series = new @Nullable MappedSeries[FIRST_CAPACITY];
    private long[] uninteresting = {};
    private int used;

    @Nullable MappedSeries find(long hash1, long hash2) {
        int mask = series.length - 1;
        for (int at = (int) hash1 & mask; ; at = at + 1 & mask) {
            MappedSeries found = series[at];
            if (found == null || (hashes1[at] == hash1 && hashes2[at] == hash2)) {
                return found;
            }
        }
    }

    /// Adds a series, in the place of a forgotten one of the same labels.
    void put(long hash1, long hash2, MappedSeries added) {
        if (2 * (used + 1) > series.length) {
            rebuild(2 * series.length);
        }
        insert(hash1, hash2, added);
    }

    private void insert(long hash1, long hash2, MappedSeries added) {
        int mask = series.length - 1;
        int at = (int) hash1 & mask;
        while (series[at] != null && (hashes1[at] != hash1 || hashes2[at] != hash2)) {
            at = at + 1 & mask;
        }
        used += series[at] == null ? 1 : 0;
        hashes1[at] = hash1;
        hashes2[at] = hash2;
        series[at] = added;
    }

    /// Entries, of live series and of ended ones.
    int size() {
        return used;
    }

    /// Forgets the entries of series that have ended.
    void compact() {
        int live = 0;
        for (MappedSeries one : series) {
            live += one != null && one.live ? 1 : 0;
        }
        int capacity = FIRST_CAPACITY;
        while (capacity < 2 * (live + 1)) {
            capacity *= 2;
        }
        rebuild(capacity);
    }

    private void rebuild(int capacity) {
        long[] oldHashes1 = hashes1;
        long[] oldHashes2 = hashes2;
        @Nullable MappedSeries[] old = series;
        hashes1 = new long[capacity];
        hashes2 = new long[capacity];
        series = new @Nullable MappedSeries[capacity];
        used = 0;
        boolean growing = capacity > old.length;
        for (int i = 0; i < old.length; i++) {
            MappedSeries one = old[i];
            if (one != null && (growing || one.live)) {
                insert(oldHashes1[i], oldHashes2[i], one);
            }
        }
    }

    boolean isUninteresting(long hash1, long hash2) {
        if (uninteresting.length == 0) {
            return false;
        }
        int at = WAYS * 2 * ((int) hash1 & SETS - 1);
        return (uninteresting[at] == hash1 && uninteresting[at + 1] == hash2)
                || (uninteresting[at + 2] == hash1 && uninteresting[at + 3] == hash2);
    }

    /// The newest comes first in its set, the older of the two before is forgotten.
    void addUninteresting(long hash1, long hash2) {
        if (uninteresting.length == 0) {
            uninteresting = new long[WAYS * 2 * SETS];
        }
        int at = WAYS * 2 * ((int) hash1 & SETS - 1);
        uninteresting[at + 2] = uninteresting[at];
        uninteresting[at + 3] = uninteresting[at + 1];
        uninteresting[at] = hash1;
        uninteresting[at + 1] = hash2;
    }
}
