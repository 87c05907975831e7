package io.novacron.inference.serving;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/// What is kept of 64 neighbouring slots: what was learned, and forecasts that wait for their
/// targets. Values that wait are 16-bit steps of the largest distance from the newest value, so
/// that a whole forecast of thirteen members is a few hundred bytes.
///
/// ```text
///  learned[slot × layout.learned + …]    waiting[(slot × entries + entry) × … ]
/// ```
final class SlotBlock {
    static final int SLOTS = 64;
    static final int SHIFT = 6;
    static final int NO_ORIGIN = Integer.MIN_VALUE;
    private static final short MISSING = Short.MIN_VALUE;
    private static final float STEPS = 32_000;

    final Layout layout;
    final float[] learned;
    final MemorySegment waiting;
    final float[] bases;
    final float[] scales;
    final int[] origins;
    final short[] judged;
    final boolean[] warm;
    final boolean[] used;

    /// @param waiting memory of [#waitingBytes]
    SlotBlock(Layout layout, MemorySegment waiting) {
        this.layout = layout;
        this.learned = new float[SLOTS * layout.learned()];
        this.waiting = waiting;
        this.bases = new float[SLOTS * layout.entries()];
        this.scales = new float[SLOTS * layout.entries()];
        this.origins = new int[SLOTS * layout.entries()];
        this.judged = new short[SLOTS * layout.entries()];
        this.warm = new boolean[SLOTS];
        this.used = new boolean[SLOTS];
        Arrays.fill(origins, NO_ORIGIN);
    }

    static long bytes(Layout layout) {
        return (long) SLOTS
                * (Float.BYTES * layout.learned()
                        + Short.BYTES * layout.waiting()
                        + layout.entries() * (2 * Float.BYTES + Integer.BYTES + Short.BYTES)
                        + 2);
    }

    /// Bytes of [#waiting] alone.
    static long waitingBytes(Layout layout) {
        return (long) SLOTS * Short.BYTES * layout.waiting();
    }

    /// Another entity has the slot, or none.
    void clear(int lane) {
        Arrays.fill(learned, lane * layout.learned(), (lane + 1) * layout.learned(), 0);
        Arrays.fill(origins, lane * layout.entries(), (lane + 1) * layout.entries(), NO_ORIGIN);
        warm[lane] = false;
        used[lane] = false;
    }

    /// A free entry of those in `[from, to)`, or -1.
    int free(int lane, int from, int to) {
        for (int entry = from; entry < to; entry++) {
            if (origins[lane * layout.entries() + entry] == NO_ORIGIN) {
                return entry;
            }
        }
        return -1;
    }

    void keep(int lane, int entry, int origin, float base, float[] said, int offset) {
        int at = lane * layout.entries() + entry;
        int from = layout.offset(lane, entry);
        int length = layout.length(entry);
        float largest = 0;
        for (int i = 0; i < length; i++) {
            float distance = Math.abs(said[offset + i] - base);
            largest = distance > largest ? distance : largest; // false for NaN
        }
        float scale = largest / STEPS;
        for (int i = 0; i < length; i++) {
            float value = said[offset + i];
            short code =
                    Float.isNaN(value)
                            ? MISSING
                            : scale > 0 ? (short) Math.round((value - base) / scale) : 0;
            waiting.setAtIndex(ValueLayout.JAVA_SHORT, from + i, code);
        }
        origins[at] = origin;
        judged[at] = 0;
        bases[at] = base;
        scales[at] = scale;
    }

    /// One target of a waiting forecast, as it was said.
    void read(int lane, int entry, int target, float[] said) {
        int at = lane * layout.entries() + entry;
        int from = layout.offset(lane, entry) + target * Layout.SAID;
        for (int i = 0; i < Layout.SAID; i++) {
            short code = waiting.getAtIndex(ValueLayout.JAVA_SHORT, from + i);
            said[i] = code == MISSING ? Float.NaN : bases[at] + code * scales[at];
        }
    }

    int waitingForecasts() {
        int count = 0;
        for (int origin : origins) {
            count += origin == NO_ORIGIN ? 0 : 1;
        }
        return count;
    }
}
