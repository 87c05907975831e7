package io.novacron.daemon.tick;

import static org.assertj.core.api.Assertions.assertThat;

import io.novacron.daemon.budget.Governor;
import io.novacron.daemon.budget.VirtualCpuTimes;
import io.novacron.daemon.budget.Work;
import io.novacron.daemon.config.BudgetConfig;
import io.novacron.daemon.config.Percent;
import io.novacron.ingest.fleet.Fleet;
import io.novacron.ingest.fleet.FleetConfig;
import io.novacron.ingest.statistics.IngestStatistics;
import io.novacron.wire.catalogue.MetricCatalogue;
import java.time.Duration;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WorkPlannerTest {
    private static final long TICK_NS = Duration.ofSeconds(60).toNanos();
    private static final long BUDGET_NS = TICK_NS / 50; // 2 % of one processor

    private final Fleet fleet =
            new Fleet(FleetConfig.DEFAULT, MetricCatalogue.INSTANCE, new IngestStatistics());
    private final VirtualCpuTimes clocks = new VirtualCpuTimes();
    private final Governor governor =
            new Governor(new BudgetConfig(new Percent(2), Duration.ZERO), clocks, 1);
    private final WorkPlanner planner = new WorkPlanner(governor);

    @AfterEach
    void close() {
        fleet.close();
    }

    @Test
    void withRoomForAllThereIsNothingLeftOut() {
        governor.spent(Work.FORECAST, 1, 1_000);
        TickPlan plan = plan(IntStream.range(0, 10).boxed().toList());
        assertThat(plan.refresh().cardinality()).isEqualTo(10);
        assertThat(plan.entitiesLeftOut()).isZero();
        assertThat(plan.advises()).isTrue();
        assertThat(plan.youngLimit()).isEqualTo(Integer.MAX_VALUE);
    }

    @Test
    void withoutRoomTheOldestGoFirstAndTheRestIsCounted() {
        costs(Work.FORECAST, BUDGET_NS / 4);
        TickPlan plan = plan(List.of(7, 3, 5, 1, 2, 6));
        BitSet oldest = new BitSet();
        oldest.set(7);
        oldest.set(3);
        oldest.set(5);
        assertThat(plan.refresh().cardinality()).isBetween(3, 4);
        assertThat(plan.refresh().get(7) && plan.refresh().get(3) && plan.refresh().get(5))
                .isTrue();
        assertThat(plan.entitiesLeftOut())
                .isEqualTo((6 - plan.refresh().cardinality()) * FleetForecaster.CHUNK);
        assertThat(plan.entitiesDue()).isEqualTo(6 * FleetForecaster.CHUNK);
        assertThat(plan.backtest().isEmpty()).as("comes last").isTrue();
    }

    @Test
    void evenWithNoRoomEveryChunkComesToItsTurn() {
        costs(Work.FORECAST, 100 * BUDGET_NS);
        Set<Integer> done = new HashSet<>();
        List<Integer> due = new java.util.ArrayList<>(List.of(0, 1, 2, 3));
        for (int tick = 0; tick < 4; tick++) {
            clocks.pass(TICK_NS, 2 * BUDGET_NS); // what is not analysis uses all of it
            TickPlan plan = plan(due);
            plan.refresh().stream()
                    .forEach(chunk -> {
                        done.add(chunk);
                        due.remove((Integer) chunk);
                    });
        }
        assertThat(done).containsExactlyInAnyOrder(0, 1, 2, 3);
    }

    private void costs(Work work, long ns) {
        for (int i = 0; i < 100; i++) {
            governor.spent(work, 1, ns);
        }
    }

    private TickPlan plan(List<Integer> due) {
        var backtest = new BitSet();
        due.forEach(backtest::set);
        try (var view = fleet.store().pin()) {
            return planner.plan(
                    view,
                    new FleetForecaster.Due(List.copyOf(due), backtest, 0, 0),
                    TICK_NS,
                    List.of(),
                    List.of());
        }
    }
}
