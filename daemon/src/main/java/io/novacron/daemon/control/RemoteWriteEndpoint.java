package io.novacron.daemon.control;

import io.novacron.ingest.remotewrite.RemoteWriteReceiver;
import java.time.Duration;

/// What `/api/v1/write` needs.
///
/// @param maxBodyLength of a request as it comes; more is refused with 413
/// @param maxRequests in work at a time, bodies in memory; more are refused with 503
/// @param confirmTimeout how long a request waits until its samples are journaled, then 503
public record RemoteWriteEndpoint(
        RemoteWriteReceiver receiver, int maxBodyLength, int maxRequests, Duration confirmTimeout) {
    public RemoteWriteEndpoint {
        if (maxBodyLength <= 0 || maxRequests <= 0 || !confirmTimeout.isPositive()) {
            throw new IllegalArgumentException(
                    "maxBodyLength=%d, maxRequests=%d and confirmTimeout=%s must be positive"
                            .formatted(maxBodyLength, maxRequests, confirmTimeout));
        }
    }
}
