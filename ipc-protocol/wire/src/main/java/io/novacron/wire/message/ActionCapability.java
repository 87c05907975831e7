package io.novacron.wire.message;

import io.novacron.wire.sbe.ActionType;

/// Which bit of the schema's `Capabilities` an agent must have told for a type of action.
public final class ActionCapability {
    private static final int FIRST_OF_VERSION_ONE = 1;
    private static final int FIRST_OF_VERSION_TWO = 5;
    private static final int FIRST_OF_SCALING = 10;

    /// The bits of all types that schema version 1 does not have.
    public static final long VERSION_TWO = 0b11111L << FIRST_OF_VERSION_TWO;

    private ActionCapability() {}

    /// Whether an agent of schema version 1 cannot read such an action.
    public static boolean isOfVersionTwo(ActionType type) {
        return (of(type) & VERSION_TWO) != 0;
    }

    /// Whether only agents that have told its bit can read such an action: it came without a new
    /// version of the schema.
    public static boolean isScaling(ActionType type) {
        return type == ActionType.SCALE_OUT || type == ActionType.SCALE_IN;
    }

    /// One bit; 0 for no type.
    public static long of(ActionType type) {
        return switch (type) {
            case SET_VCPUS, SET_MEMORY, LIVE_MIGRATE -> 1L << (FIRST_OF_VERSION_ONE + type.value());
            case SET_CPU_QUOTA, SET_CPU_SHARES, PIN_VCPUS, START, STOP ->
                    1L << (FIRST_OF_VERSION_TWO + type.value() - ActionType.SET_CPU_QUOTA.value());
            case SCALE_OUT, SCALE_IN ->
                    1L << (FIRST_OF_SCALING + type.value() - ActionType.SCALE_OUT.value());
            case SBE_UNKNOWN, NULL_VAL -> 0;
        };
    }
}
