/// Prometheus remote-write in: requests of version 1 and 2 become frames of virtual agents.
///
/// Start at [io.novacron.ingest.remotewrite.RemoteWriteReceiver]. A request passes `SnappyBlock`,
/// `RequestReader` (protobuf, without objects), `SampleMapper` (label sets to known series,
/// counters to rates, scrapes to rounds), and leaves through `io.novacron.ingest.VirtualAgents`.
/// What maps to what is a table, [io.novacron.ingest.remotewrite.MappingTable]. No HTTP here, and
/// no clock but the one given.
@NullMarked
package io.novacron.ingest.remotewrite;

import org.jspecify.annotations.NullMarked;
