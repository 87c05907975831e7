package io.novacron.ingest.remotewrite;

import io.novacron.ingest.Delivery;

/// What became of one request.
///
/// @param samplesWritten taken, whether kept or dropped as of no interest
/// @param problem for people, empty when all is well
/// @param delivery whose frames must be journaled before the sender may forget the request
public record WriteResult(
        Status status,
        long samplesWritten,
        long histogramsWritten,
        long exemplarsWritten,
        String problem,
        Delivery delivery) {
    /// How a request ended.
    public enum Status {
        /// All of it is taken.
        WRITTEN,
        /// Some of it breaks rules and is not taken; sending it again would not help.
        PARTLY_WRITTEN,
        /// It cannot be read; only what came before the mistake is taken.
        UNDECODABLE,
        /// It is over a limit of size; nothing of it is taken.
        TOO_LARGE,
        /// The journal is not available or behind: nothing of it is taken, it should come again.
        UNAVAILABLE
    }

    static WriteResult nothing(Status status, String problem) {
        var delivery = new Delivery();
        delivery.seal();
        return new WriteResult(status, 0, 0, 0, problem + "\n", delivery);
    }
}
