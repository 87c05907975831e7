package io.novacron.inference;

/// Asked between blocks of work whether another block may start.
@FunctionalInterface
public interface WorkLimit {
    /// No limit.
    WorkLimit NONE = _ -> true;

    boolean mayContinue(int seriesDone);
}
