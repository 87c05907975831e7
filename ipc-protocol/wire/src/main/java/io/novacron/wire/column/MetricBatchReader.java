package io.novacron.wire.column;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.novacron.wire.Framing;
import io.novacron.wire.WireException;
import io.novacron.wire.sbe.ErrorCode;
import io.novacron.wire.sbe.MessageHeaderDecoder;
import io.novacron.wire.sbe.MetricBatchDecoder;
import org.agrona.DirectBuffer;

/// View over the frame of one metric batch. Not thread-safe; allocates only to grow.
public final class MetricBatchReader {
    private static final int BODY_OFFSET =
            Framing.HEADER_LENGTH + MessageHeaderDecoder.ENCODED_LENGTH;

    private final int maxEntities;
    private final int maxMetrics;
    private final MessageHeaderDecoder header = new MessageHeaderDecoder();
    private final MetricBatchDecoder message = new MetricBatchDecoder();
    private final ColumnBlockDecoder block;

    /// @param maxEntities the receiver's limit of entities in a batch
    /// @param maxMetrics the receiver's limit of metrics in a batch
    public MetricBatchReader(int maxEntities, int maxMetrics) {
        this(maxEntities, maxMetrics, new ColumnBlockDecoder());
    }

    MetricBatchReader(int maxEntities, int maxMetrics, ColumnBlockDecoder block) {
        this.maxEntities = maxEntities;
        this.maxMetrics = maxMetrics;
        this.block = block;
    }

    /// Reads a whole frame that passed [Framing#checkHeader] and [Framing#checkCrc], and checks the
    /// rest of it, column block included.
    ///
    /// @throws WireException when the bytes are not exactly one metric batch
    public MetricBatchReader wrap(DirectBuffer frame, int offset, int length) {
        int end = offset + length;
        if (length < Framing.MIN_FRAME_LENGTH || offset < 0 || offset > frame.capacity() - length) {
            throw WireException.of(
                    ErrorCode.FRAME_TRUNCATED,
                    "frame at offset=%d length=%d must be at least %d bytes within capacity=%d",
                    offset,
                    length,
                    Framing.MIN_FRAME_LENGTH,
                    frame.capacity());
        }
        header.wrap(frame, offset + Framing.HEADER_LENGTH);
        int blockLength = header.blockLength();
        int version = header.version();
        boolean later = version > MessageHeaderDecoder.SCHEMA_VERSION;
        if (header.schemaId() != MessageHeaderDecoder.SCHEMA_ID
                || header.templateId() != MetricBatchDecoder.TEMPLATE_ID
                || version < 1) {
            throw WireException.of(
                    ErrorCode.UNEXPECTED_MESSAGE,
                    "schemaId=%d templateId=%d version=%d must be %d, %d and at least 1",
                    header.schemaId(),
                    header.templateId(),
                    version,
                    MessageHeaderDecoder.SCHEMA_ID,
                    MetricBatchDecoder.TEMPLATE_ID);
        }
        int dataOffset = offset + BODY_OFFSET + blockLength + Integer.BYTES;
        if (blockLength < MetricBatchDecoder.BLOCK_LENGTH
                || (blockLength > MetricBatchDecoder.BLOCK_LENGTH && !later)
                || dataOffset > end) {
            throw WireException.of(
                    ErrorCode.BAD_MESSAGE,
                    "block length=%d must be %d in schema version %d, and within the frame's %d"
                            + " bytes",
                    blockLength,
                    MetricBatchDecoder.BLOCK_LENGTH,
                    version,
                    length);
        }
        int dataLength = frame.getInt(dataOffset - Integer.BYTES, LITTLE_ENDIAN);
        if (dataLength < 0
                || dataLength > end - dataOffset
                || (dataLength < end - dataOffset && !later)) {
            throw WireException.of(
                    ErrorCode.BAD_MESSAGE,
                    "column block of %d bytes must end the frame; %d bytes are left for it",
                    dataLength,
                    end - dataOffset);
        }
        message.wrap(frame, offset + BODY_OFFSET, blockLength, version);
        block.wrap(message.codecId(), frame, dataOffset, dataLength, maxEntities, maxMetrics);
        return this;
    }

    public long sequence() {
        return message.sequence();
    }

    /// End of the interval that the samples cover.
    public long timestampMs() {
        return message.timestampMs();
    }

    /// Up to 60,000: live samples; 300,000 and more: history.
    public int intervalMs() {
        return message.intervalMs();
    }

    public int codecId() {
        return message.codecId();
    }

    /// The samples. Valid until the next [#wrap].
    public ColumnBlockDecoder block() {
        return block;
    }
}
