package io.novacron.perf.solvers.timefold;

import ai.timefold.solver.core.api.domain.common.PlanningId;
import ai.timefold.solver.core.api.domain.entity.PlanningEntity;
import ai.timefold.solver.core.api.domain.variable.PlanningVariable;
import org.jspecify.annotations.Nullable;

/// A vm or process, which has a place.
@PlanningEntity
public final class Item {
    private int index;
    private @Nullable Place place;

    /// For the solver, which makes copies.
    public Item() {}

    Item(int index, Place place) {
        this.index = index;
        this.place = place;
    }

    @PlanningId
    public int getIndex() {
        return index;
    }

    public void setIndex(int index) {
        this.index = index;
    }

    @PlanningVariable
    public @Nullable Place getPlace() {
        return place;
    }

    public void setPlace(@Nullable Place place) {
        this.place = place;
    }
}
