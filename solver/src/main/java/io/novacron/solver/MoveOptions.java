package io.novacron.solver;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Where a vm could go instead, and why it would not: what [HotHostRelief] compares, for whoever
/// explains its choice. Moves of the same plan are left out of account. One thread.
public final class MoveOptions {
    private final FleetProblem problem;
    private final FleetState state;

    /// One host for one vm.
    ///
    /// @param rejection the first rule against it; null when there is none
    /// @param fill how full its fullest resource would be at the risk level, as a share of its safe
    ///   load
    public record Option(int host, @Nullable Rejection rejection, double fill) {}

    public MoveOptions(FleetProblem problem) {
        this.problem = problem;
        this.state = new FleetState(problem);
    }

    /// Forecast peak of a host at the horizon's risk level.
    public double peak(int resource, int host) {
        return state.peak(resource, host);
    }

    /// Probability that a host exceeds its safe load in any resource.
    public double overloadProbability(int host) {
        return state.overloadProbability(host, null);
    }

    /// Every other host: legal ones first, then by how full they would be, the emptier first.
    public List<Option> of(int vm) {
        var options = new ArrayList<Option>();
        for (int host = 0; host < problem.hostCount(); host++) {
            if (host != problem.hostOf(vm)) {
                Rejection rejection =
                        state.overload(host) > 0 ? Rejection.HOT : state.check(vm, host);
                options.add(new Option(host, rejection, fill(vm, host)));
            }
        }
        options.sort(
                Comparator.<Option, Boolean>comparing(option -> option.rejection() != null)
                        .thenComparingDouble(Option::fill)
                        .thenComparingInt(Option::host));
        return options;
    }

    private double fill(int vm, int host) {
        double fullest = 0;
        for (int resource = 0; resource < problem.resourceCount(); resource++) {
            double safe = problem.safeLoad(resource, host);
            if (safe > 0) {
                fullest = Math.max(fullest, state.peakAfter(resource, host, vm, 1) / safe);
            }
        }
        return fullest;
    }
}
