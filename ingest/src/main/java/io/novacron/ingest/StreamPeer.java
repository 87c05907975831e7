package io.novacron.ingest;

import io.novacron.wire.sbe.ErrorCode;

/// Who is at the other end of a [Stream]: a connection, or an agent inside the daemon. On the event
/// loop, unless a method says otherwise.
interface StreamPeer {
    /// The journal thread has something to say about the stream.
    void onNotice();

    /// Ends it, saying why.
    void refuse(ErrorCode code, String text);

    /// Says something that does not end it. Any thread.
    void tell(ErrorCode code, long sequence, String text);

    /// Whether its hello is journaled and it has not ended. Any thread.
    boolean open();
}
