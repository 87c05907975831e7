package io.novacron.daemon.query;

import io.novacron.wire.sbe.ErrorCode;

/// The daemon refused a query, and why.
public final class QueryException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ErrorCode code;

    QueryException(ErrorCode code, String text) {
        super(text);
        this.code = code;
    }

    public ErrorCode code() {
        return code;
    }
}
