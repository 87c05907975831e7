package io.novacron.ingest.journal;

import java.util.Map;
import java.util.TreeMap;

/// A set of sequences as ranges: small when they follow each other, which they nearly always do.
final class Sequences {
    private final TreeMap<Long, Long> endByStart = new TreeMap<>();
    private long count;

    /// @return false when it was there already
    boolean add(long sequence) {
        Map.Entry<Long, Long> before = endByStart.floorEntry(sequence);
        if (before != null && before.getValue() >= sequence) {
            return false;
        }
        count++;
        long start =
                before != null && before.getValue() == sequence - 1 ? before.getKey() : sequence;
        Long endOfNext = endByStart.remove(sequence + 1);
        endByStart.put(start, endOfNext == null ? sequence : endOfNext);
        return true;
    }

    /// Adds all from `start` to `end`, none of which is there.
    void addRange(long start, long end) {
        endByStart.put(start, end);
        count += end - start + 1;
    }

    void forEachRange(RangeConsumer consumer) {
        endByStart.forEach(consumer::accept);
    }

    interface RangeConsumer {
        void accept(long start, long end);
    }

    long count() {
        return count;
    }

    long countUpTo(long sequence) {
        long result = 0;
        for (Map.Entry<Long, Long> range : endByStart.headMap(sequence, true).entrySet()) {
            result += Math.min(range.getValue(), sequence) - range.getKey() + 1;
        }
        return result;
    }

    long lowest() {
        return endByStart.isEmpty() ? 1 : endByStart.firstKey();
    }

    long highest() {
        return endByStart.isEmpty() ? 0 : endByStart.lastEntry().getValue();
    }
}
