package io.novacron.perf.solvers.timefold;

import ai.timefold.solver.core.api.score.HardMediumSoftScore;

/// Keeps the score of a problem up to date while items come and go.
public interface Tally {
    /// Forgets all items.
    void clear();

    void add(int item, int place);

    void remove(int item, int place);

    HardMediumSoftScore score();
}
