package io.novacron.daemon.view;

import io.novacron.wire.sbe.ActionType;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// An action that an operator asks for. What its type does not use is 0, empty or null.
///
/// @param vcpus wanted, of a SET_VCPUS
/// @param memoryBytes wanted, of a SET_MEMORY
/// @param setting wanted, of a SET_CPU_QUOTA, SET_CPU_SHARES or PIN_VCPUS, in canonical form
/// @param targetHost of a LIVE_MIGRATE
public record ActionRequest(
        ActionType type,
        UUID vm,
        int vcpus,
        long memoryBytes,
        String setting,
        @Nullable UUID targetHost) {}
