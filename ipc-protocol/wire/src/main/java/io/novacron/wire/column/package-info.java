/// Metric batches, the hot path: one timestamp, entities × metrics, in a column block.
///
/// A sender fills a [ColumnBatch] and hands it to [MetricBatchWriter]; a receiver reads the frame
/// with [MetricBatchReader] and its [ColumnBlockDecoder]. Neither allocates once warm. The blocks'
/// bytes are drawn at [ColumnCodec].
@NullMarked
package io.novacron.wire.column;

import org.jspecify.annotations.NullMarked;
