package io.novacron.inference;

/// A model file or card that must not serve; the message names what, why and the next step.
public final class ModelRejectedException extends Exception {
    private static final long serialVersionUID = 1;

    public ModelRejectedException(String message) {
        super(message);
    }

    public ModelRejectedException(String message, Throwable cause) {
        super(message, cause);
    }
}
