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
    private final ColumnBlockEncoder block;

    /// Writes packed columns.
    public MetricBatchWriter() {
        this(ColumnCodec.PACKED);
    }

    /// @param codecId a codec of [ColumnCodec]
    public MetricBatchWriter(int codecId) {
        block = new ColumnBlockEncoder(codecId);
    }

    /// The most bytes that [#encode] writes for a batch of this shape, whatever its cells.
    public static int maxFrameLength(int entityCount, int metricCount) {
        return BLOCK_OFFSET + ColumnBlockEncoder.maxLength(entityCount, metricCount);
    }

    /// The most bytes that [#encode] writes for this batch.
    public static int maxFrameLength(ColumnBatch batch) {
        return maxFrameLength(batch.entityCount(), batch.metricCount());
    }

    /// Writes a whole frame at `offset`. A buffer with [#maxFrameLength] bytes free always
    /// suffices.
    ///
    /// @return the frame's length
    /// @throws WireException when the frame does not fit; nothing is then written
    public int encode(
            long sequence,
            long timestampMs,
            int intervalMs,
            ColumnBatch batch,
            MutableDirectBuffer out,
            int offset) {
        int blockLength = block.prepare(batch);
        int length = BLOCK_OFFSET + blockLength;
        if (length > Framing.MAX_FRAME_LENGTH
                || (!out.isExpandable() && length > out.capacity() - offset)) {
            throw WireException.of(
                    ErrorCode.FRAME_TOO_LARGE,
                    "%d entities × %d metrics make %d bytes; %d are free, and a frame has at most"
                            + " %d. Maybe fewer entities a batch?",
                    batch.entityCount(),
                    batch.metricCount(),
                    length,
                    out.capacity() - offset,
                    Framing.MAX_FRAME_LENGTH);
        }
        block.write(batch, out, offset + BLOCK_OFFSET);
        message.wrapAndApplyHeader(out, offset + Framing.HEADER_LENGTH, header)
                .sequence(sequence)
                .timestampMs(timestampMs)
                .intervalMs(intervalMs)
                .codecId((short) block.codecId());
        out.putInt(offset + BLOCK_LENGTH_OFFSET, blockLength, MetricBatchEncoder.BYTE_ORDER);
        return framing.finish(out, offset, length - Framing.HEADER_LENGTH);
    }
}
