package io.novacron.wire.message;

import io.novacron.wire.sbe.ErrorCode;

/// Why the sender refuses something, or closes the connection.
///
/// @param sequence the sequence or request id the error is about, else 0
/// @param text for people; cut at its bound
public record ErrorMessage(ErrorCode code, long sequence, String text) implements Message {}
