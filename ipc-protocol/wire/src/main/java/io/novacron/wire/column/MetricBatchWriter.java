package io.novacron.wire.column;

import io.novacron.wire.Framing;
import io.novacron.wire.WireException;
import io.novacron.wire.sbe.ErrorCode;
import io.novacron.wire.sbe.MessageHeaderEncoder;
import io.novacron.wire.sbe.MetricBatchEncoder;
import org.agrona.MutableDirectBuffer;

/// Writes metric batches as whole frames. Not thread-safe; allocates nothing once warm.
public final class MetricBatchWriter {
    static final int BLOCK_LENGTH_OFFSET =
            Framing.HEADER_LENGTH
                    + MessageHeaderEncoder.ENCODED_LENGTH
                    + MetricBatchEncoder.BLOCK_LENGTH;
    static final int BLOCK_OFFSET = BLOCK_LENGTH_OFFSET + Integer.BYTES;

    private final Framing framing = new Framing();
    private final MessageHeaderEncoder header = new MessageHeaderEncoder();
    private final MetricBatchEncoder message = new MetricBatchEncoder();
    private final ColumnBlockEncoder block = new ColumnBlockEncoder();

    /// The most bytes that [#encode] can write for this batch.
    public static int maxFrameLength(ColumnBatch batch) {
        return BLOCK_OFFSET + ColumnBlockEncoder.maxLength(batch);
    }

    /// Writes a whole frame at `offset`, where [#maxFrameLength] bytes must be free.
    ///
    /// @return the frame's length
    public int encode(
            long sequence,
            long timestampMs,
            int intervalMs,
            ColumnBatch batch,
            MutableDirectBuffer out,
            int offset) {
        int maxLength = maxFrameLength(batch);
        if (maxLength > Framing.MAX_FRAME_LENGTH
                || (!out.isExpandable() && maxLength > out.capacity() - offset)) {
            throw WireException.of(
                    ErrorCode.FRAME_TOO_LARGE,
                    "%d entities × %d metrics need %d bytes; there are %d and at most %d. Maybe"
                            + " fewer entities a batch?",
                    batch.entityCount(),
                    batch.metricCount(),
                    maxLength,
                    out.capacity() - offset,
                    Framing.MAX_FRAME_LENGTH);
        }
        int blockLength = block.encode(batch, out, offset + BLOCK_OFFSET);
        message.wrapAndApplyHeader(out, offset + Framing.HEADER_LENGTH, header)
                .sequence(sequence)
                .timestampMs(timestampMs)
                .intervalMs(intervalMs)
                .codecId((short) block.codecId());
        out.putInt(offset + BLOCK_LENGTH_OFFSET, blockLength, MetricBatchEncoder.BYTE_ORDER);
        return framing.finish(out, offset, BLOCK_OFFSET - Framing.HEADER_LENGTH + blockLength);
    }
}
