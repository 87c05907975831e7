/// Checkpoints: files that hold everything ingest knows as of one journal record.
///
/// Start at [CheckpointFiles], the folder; then [CheckpointWriter] and [CheckpointReader], the
/// format. What goes into a file is told where it is kept: the fleet store in
/// [io.novacron.ingest.fleet.FleetSnapshot], the agents beside `Ingest`. Why a running store can be
/// written down without a pause is told in ADR 0008.
@NullMarked
package io.novacron.ingest.checkpoint;

import org.jspecify.annotations.NullMarked;
