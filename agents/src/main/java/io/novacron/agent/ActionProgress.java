package io.novacron.agent;

/// How an executor tells what becomes of an action while it is under way.
@FunctionalInterface
public interface ActionProgress {

    /// The precondition held and the work has begun.
    void running(String text);
}
