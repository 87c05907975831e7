package io.novacron.ingest;

import java.io.IOException;

/// What an [IngestListener] wants in a checkpoint, taken on the fleet thread and written down
/// later.
@FunctionalInterface
public interface CheckpointSection {
    /// The listener keeps nothing.
    CheckpointSection NONE = () -> new byte[0];

    /// Its bytes, for [IngestListener#restore]. Called once, on the checkpoint thread; it may wait.
    ///
    /// @throws IOException when there is no telling; then no checkpoint is written
    byte[] bytes() throws IOException;
}
