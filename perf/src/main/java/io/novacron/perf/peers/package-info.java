/// Compares ingest with what a user would pick instead: `novacron bench ingest-peers`.
///
/// Start at [io.novacron.perf.peers.Comparison]. A `Server` is a process of ours or of a peer; it
/// is started in a folder of its own, fed by the calling thread with the rounds of one
/// `GaugeStream`, and costs what `/proc` says of its process tree. Encoders (`InfluxLines`,
/// `RowBinary`, `RemoteWrite`, `KafkaRecords`) are apart from the servers, so that they are tested
/// without any.
@NullMarked
package io.novacron.perf.peers;

import org.jspecify.annotations.NullMarked;
