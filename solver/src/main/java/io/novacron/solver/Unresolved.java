package io.novacron.solver;

import java.util.List;

/// Trouble that was seen but not removed, and why.
///
/// @param entityId the host or vm in trouble
public record Unresolved(String entityId, List<Reason> reasons) {
    public Unresolved {
        reasons = List.copyOf(reasons);
    }
}
