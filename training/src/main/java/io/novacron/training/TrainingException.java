package io.novacron.training;

/// Input that cannot be trained from, or a model that a gate refuses; the message says the rest.
public final class TrainingException extends Exception {
    private static final long serialVersionUID = 1;

    public TrainingException(String message) {
        super(message);
    }

    public TrainingException(String message, Throwable cause) {
        super(message, cause);
    }
}
