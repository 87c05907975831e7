package io.novacron.wire;

import io.novacron.wire.column.MetricBatchReader;
import io.novacron.wire.message.Messages;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.agrona.concurrent.UnsafeBuffer;

/// Puts any bytes through every decoder, the way a receiver would but without giving up at the
/// first error, and tells what came of it.
final class FrameReading {
    private static final int GUARD = 64;
    private static final int MAX_ENTITIES = 4_096;
    private static final int MAX_METRICS = 64;

    private final Framing framing = new Framing();
    private final Messages messages = new Messages();
    private final MetricBatchReader reader = new MetricBatchReader(MAX_ENTITIES, MAX_METRICS);

    /// Reads the bytes twice: in a buffer of just their size, where a read outside throws, and
    /// between guard bytes, where a read outside would change what comes of it.
    ///
    /// @return what came of it: values, or the codes of errors
    /// @throws RuntimeException other than [WireException] from a decoder with a bug
    List<Object> read(byte[] frame) {
        List<Object> outcome = read(new UnsafeBuffer(frame), 0, frame.length);
        var guarded = new byte[frame.length + 2 * GUARD];
        Arrays.fill(guarded, (byte) 0xEE);
        System.arraycopy(frame, 0, guarded, GUARD, frame.length);
        List<Object> again = read(new UnsafeBuffer(guarded), GUARD, frame.length);
        if (!outcome.equals(again)) {
            throw new IllegalStateException(
                    "bytes outside the frame were read: " + outcome + " became " + again);
        }
        return outcome;
    }

    private List<Object> read(UnsafeBuffer buffer, int offset, int length) {
        List<Object> outcome = new ArrayList<>();
        attempt(
                outcome,
                () -> {
                    int limit = Framing.MAX_FRAME_LENGTH;
                    int frameLength = Framing.checkHeader(buffer, offset, length, limit);
                    if (frameLength > 0) {
                        framing.checkCrc(buffer, offset, frameLength);
                    }
                    return "frame of " + frameLength;
                });
        attempt(outcome, () -> messages.decode(buffer, offset, length));
        attempt(
                outcome,
                () -> {
                    reader.wrap(buffer, offset, length);
                    return "batch " + reader.sequence() + columnsHash();
                });
        return outcome;
    }

    private int columnsHash() {
        var block = reader.block();
        var column = new float[block.entityCount()];
        int hash = 0;
        for (int e = 0; e < block.entityCount(); e++) {
            hash = 31 * hash + block.entityId(e);
        }
        for (int m = 0; m < block.metricCount(); m++) {
            block.column(m, column);
            hash = 31 * hash + block.metricId(m);
            hash = 31 * hash + Arrays.hashCode(column);
        }
        return hash;
    }

    private static void attempt(List<Object> outcome, Supplier<Object> step) {
        try {
            outcome.add(step.get());
        } catch (WireException e) {
            outcome.add(e.code());
        }
    }
}
