package io.novacron.perf.solvers.timefold;

import ai.timefold.solver.core.api.domain.solution.PlanningEntityCollectionProperty;
import ai.timefold.solver.core.api.domain.solution.PlanningScore;
import ai.timefold.solver.core.api.domain.solution.PlanningSolution;
import ai.timefold.solver.core.api.domain.solution.ProblemFactCollectionProperty;
import ai.timefold.solver.core.api.domain.solution.ProblemFactProperty;
import ai.timefold.solver.core.api.domain.valuerange.ValueRangeProvider;
import ai.timefold.solver.core.api.score.HardMediumSoftScore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Items and the places they may have.
@PlanningSolution
public final class Assignment {
    private List<Place> places = List.of();
    private List<Item> items = new ArrayList<>();
    private @Nullable Tally tally;
    private @Nullable HardMediumSoftScore score;

    /// For the solver, which makes copies.
    public Assignment() {}

    Assignment(int placeCount, int[] placeOf, Tally tally) {
        places = IntStream.range(0, placeCount).mapToObj(Place::new).toList();
        this.tally = tally;
        for (int item = 0; item < placeOf.length; item++) {
            items.add(new Item(item, places.get(placeOf[item])));
        }
    }

    int[] placeOf() {
        var placeOf = new int[items.size()];
        Arrays.setAll(placeOf, item -> Objects.requireNonNull(items.get(item).getPlace()).index());
        return placeOf;
    }

    @ProblemFactCollectionProperty
    @ValueRangeProvider
    public List<Place> getPlaces() {
        return places;
    }

    public void setPlaces(List<Place> places) {
        this.places = places;
    }

    @PlanningEntityCollectionProperty
    public List<Item> getItems() {
        return items;
    }

    public void setItems(List<Item> items) {
        this.items = items;
    }

    @ProblemFactProperty
    public @Nullable Tally getTally() {
        return tally;
    }

    public void setTally(@Nullable Tally tally) {
        this.tally = tally;
    }

    @PlanningScore
    public @Nullable HardMediumSoftScore getScore() {
        return score;
    }

    public void setScore(@Nullable HardMediumSoftScore score) {
        this.score = score;
    }
}
