package io.novacron.perf.faults;

import java.util.List;
import java.util.Map;

/// What became of the frames under one fault.
///
/// @param rounds times that it was done
/// @param figures whatever else is worth a figure
/// @param problems whatever else went wrong; empty when all is well
record FaultResult(
        String fault,
        int rounds,
        long acknowledged,
        long journaled,
        long lost,
        long duplicated,
        Map<String, Number> figures,
        List<String> problems) {
    /// Of a fault that did not come to its end, so that nothing could be counted.
    static FaultResult broken(String fault, String problem) {
        return new FaultResult(fault, 0, 0, 0, 0, 0, Map.of(), List.of(problem));
    }

    boolean well() {
        return lost == 0 && duplicated == 0 && problems.isEmpty();
    }
}
