package io.novacron.ingest.checkpoint;

import java.io.IOException;

/// A checkpoint cannot be used; the message says why. Another one may be, or the journal alone.
public final class CheckpointException extends IOException {
    private static final long serialVersionUID = 1;

    public CheckpointException(String why) {
        super(why);
    }

    public CheckpointException(String why, Throwable cause) {
        super(why, cause);
    }
}
