package io.novacron.wire.message;

import io.novacron.wire.sbe.ConnectionKind;

/// Cumulative watermarks of one stream of one agent. The spool may forget what is synced.
public record Acknowledgement(ConnectionKind stream, long journaledSequence, long syncedSequence)
        implements Message {}
