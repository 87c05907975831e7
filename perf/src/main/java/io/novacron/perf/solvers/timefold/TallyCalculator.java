package io.novacron.perf.solvers.timefold;

import ai.timefold.solver.core.api.score.HardMediumSoftScore;
import ai.timefold.solver.core.api.score.calculator.IncrementalScoreCalculator;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Hands what the solver changes to the [Tally] of the problem.
public final class TallyCalculator
        implements IncrementalScoreCalculator<Assignment, HardMediumSoftScore> {
    private @Nullable Tally tally;

    @Override
    public void resetWorkingSolution(Assignment assignment) {
        Tally fresh = Objects.requireNonNull(assignment.getTally());
        tally = fresh;
        fresh.clear();
        for (Item item : assignment.getItems()) {
            Place place = item.getPlace();
            if (place != null) {
                fresh.add(item.getIndex(), place.index());
            }
        }
    }

    @Override
    public void beforeVariableChanged(Object entity, String variable) {
        var item = (Item) entity;
        Place place = item.getPlace();
        if (place != null) {
            tally().remove(item.getIndex(), place.index());
        }
    }

    @Override
    public void afterVariableChanged(Object entity, String variable) {
        var item = (Item) entity;
        Place place = item.getPlace();
        if (place != null) {
            tally().add(item.getIndex(), place.index());
        }
    }

    @Override
    public HardMediumSoftScore calculateScore() {
        return tally().score();
    }

    private Tally tally() {
        return Objects.requireNonNull(tally);
    }
}
