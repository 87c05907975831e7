package io.novacron.ingest.fleet;

import java.util.concurrent.atomic.AtomicLongArray;

/// Which publications are pinned, at most 64 at once. Readers take a place with one CAS; the writer
/// looks at all places when it wants to use tiles again.
///
/// A reader takes its place and then checks that the publication is still the current one; the
/// writer makes the next one current and then looks at the places. Both are volatile, so either the
/// writer sees the pin or the reader sees the new publication and tries again.
final class Pins {
    static final int MAX = 64;
    private static final int STRIDE = Long.BYTES;

    private final AtomicLongArray places = new AtomicLongArray(MAX * STRIDE);

    /// @return the place, or -1 when all are taken
    int take(long publication) {
        int start = (int) Thread.currentThread().threadId();
        for (int i = 0; i < MAX; i++) {
            int place = (start + i & MAX - 1) * STRIDE;
            if (places.get(place) == 0 && places.compareAndSet(place, 0, publication)) {
                return place;
            }
        }
        return -1;
    }

    void release(int place) {
        places.set(place, 0);
    }

    /// The oldest pinned publication that is at least `from`, or `none`.
    long oldest(long from, long none) {
        long oldest = none;
        for (int i = 0; i < MAX; i++) {
            long publication = places.get(i * STRIDE);
            if (publication >= from && publication < oldest) {
                oldest = publication;
            }
        }
        return oldest;
    }

    int count() {
        int count = 0;
        for (int i = 0; i < MAX; i++) {
            count += places.get(i * STRIDE) == 0 ? 0 : 1;
        }
        return count;
    }

    /// Whether a publication before `first` is pinned.
    boolean anyBefore(long first) {
        return oldest(1, first) < first;
    }
}
