package io.novacron.solver;

import java.util.List;

/// What [RightSizer] advises for a fleet.
///
/// @param advice in vm order, vCPUs before memory
/// @param unresolved vms that need more than they can be given, in the same order
/// @param optedOut vms left alone because they, or their host, opted out
/// @param withoutForecast sizes that could not be judged, for want of forecast and observation
/// @param tooYoung sizes that would be cut if the vm had been observed for longer
public record Sizing(
        List<Advice> advice,
        List<Unresolved> unresolved,
        int optedOut,
        int withoutForecast,
        int tooYoung) {
    public Sizing {
        advice = List.copyOf(advice);
        unresolved = List.copyOf(unresolved);
    }
}
