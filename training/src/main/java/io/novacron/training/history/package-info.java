/// Parquet: the history that outlives the fleet store, for training, reports and other engines.
///
/// [io.novacron.training.history.HistoryArchive] writes a day of a fleet store as one partition,
/// for [io.novacron.training.TraceFolder] to read. DuckDB does both, in memory, without a network
/// (ADR 0027).
@NullMarked
package io.novacron.training.history;

import org.jspecify.annotations.NullMarked;
