package io.novacron.daemon.decision;

import io.novacron.wire.sbe.LifecycleState;
import java.util.EnumSet;
import java.util.Set;

/// Which state may follow which (design §7). [LifecycleState#UNKNOWN] is not final: it is resolved
/// by reading back.
public final class Lifecycle {
    private static final Set<LifecycleState> FINAL =
            EnumSet.of(
                    LifecycleState.REJECTED,
                    LifecycleState.EXPIRED,
                    LifecycleState.SUPERSEDED,
                    LifecycleState.KEPT,
                    LifecycleState.ROLLED_BACK,
                    LifecycleState.FAILED);

    private Lifecycle() {}

    public static boolean isFinal(LifecycleState state) {
        return FINAL.contains(state);
    }

    /// Whether an agent may be at work on it.
    public static boolean isInHand(LifecycleState state) {
        return !isFinal(state) && state != LifecycleState.PROPOSED;
    }

    public static boolean allows(LifecycleState from, LifecycleState to) {
        return next(from).contains(to);
    }

    private static Set<LifecycleState> next(LifecycleState from) {
        return switch (from) {
            case PROPOSED ->
                    EnumSet.of(
                            LifecycleState.APPROVED,
                            LifecycleState.REJECTED,
                            LifecycleState.EXPIRED,
                            LifecycleState.SUPERSEDED);
            case APPROVED ->
                    EnumSet.of(
                            LifecycleState.DISPATCHED,
                            LifecycleState.EXPIRED,
                            LifecycleState.FAILED);
            case DISPATCHED ->
                    EnumSet.of(
                            LifecycleState.RUNNING,
                            LifecycleState.VERIFYING,
                            LifecycleState.ROLLED_BACK,
                            LifecycleState.FAILED,
                            LifecycleState.UNKNOWN);
            case RUNNING ->
                    EnumSet.of(
                            LifecycleState.VERIFYING,
                            LifecycleState.ROLLED_BACK,
                            LifecycleState.FAILED,
                            LifecycleState.UNKNOWN);
            case VERIFYING ->
                    EnumSet.of(
                            LifecycleState.KEPT,
                            LifecycleState.ROLLED_BACK,
                            LifecycleState.FAILED,
                            LifecycleState.UNKNOWN);
            case UNKNOWN ->
                    EnumSet.of(
                            LifecycleState.RUNNING,
                            LifecycleState.VERIFYING,
                            LifecycleState.KEPT,
                            LifecycleState.ROLLED_BACK,
                            LifecycleState.FAILED);
            case REJECTED, EXPIRED, SUPERSEDED, KEPT, ROLLED_BACK, FAILED, SBE_UNKNOWN, NULL_VAL ->
                    EnumSet.noneOf(LifecycleState.class);
        };
    }
}
