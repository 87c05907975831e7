package io.novacron.ingest;

import io.novacron.wire.message.Hello;
import org.jspecify.annotations.Nullable;

/// What the records applied so far say of an agent. The journal thread and the event loop are ahead
/// of it, so a checkpoint takes this. The fleet thread's (a replay's before it starts).
final class AppliedSession {
    final StreamPosition data = new StreamPosition();
    final StreamPosition control = new StreamPosition();
    @Nullable Hello hello;
    long sessionId;
}
