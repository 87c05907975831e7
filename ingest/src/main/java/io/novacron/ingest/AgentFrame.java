package io.novacron.ingest;

import io.novacron.ingest.journal.RecordType;

/// One frame of a virtual agent on its way to the ring.
///
/// @param type `FRAME` or `INVENTORY`
/// @param sequence from [VirtualAgent#nextSequence], as in the frame itself
/// @param frame a whole frame; its array is not changed any more
/// @param delivery who waits for it
public record AgentFrame(
        VirtualAgent agent, RecordType type, long sequence, byte[] frame, Delivery delivery) {}
