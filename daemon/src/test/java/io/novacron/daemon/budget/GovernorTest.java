package io.novacron.daemon.budget;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.novacron.daemon.config.BudgetConfig;
import io.novacron.daemon.config.Percent;
import java.time.Duration;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class GovernorTest {
    private static final long TICK_NS = Duration.ofSeconds(60).toNanos();
    private static final int PROCESSORS = 2;
    private static final double BUDGET_NS = 0.02 * PROCESSORS * TICK_NS;

    private final VirtualCpuTimes clocks = new VirtualCpuTimes();

    @Test
    void theStartIsPaidFromAnAllowanceOfItsOwn() {
        Governor governor = governor(Duration.ofMinutes(10));
        clocks.processNs(12_000_000_000L); // the compiler has worked for 12 s
        long allowed = governor.allow(TICK_NS);
        assertThat(allowed).isEqualTo((long) (10 * BUDGET_NS - 12e9 + BUDGET_NS));
    }

    @Test
    void whatTheRestOfTheProcessWillUseIsTakenOff() {
        Governor governor = governor(Duration.ZERO);
        for (int tick = 0; tick < 20; tick++) {
            governor.allow(TICK_NS);
            clocks.pass(TICK_NS, (long) (BUDGET_NS / 4));
        }
        double allowed = governor.allow(TICK_NS);
        double saved = 5 * BUDGET_NS; // no more than five minutes at the budget
        assertThat(allowed).isCloseTo(saved + 0.75 * BUDGET_NS, within(0.01 * BUDGET_NS));
    }

    @Test
    void aProcessThatIsOverItsBudgetMayStillAnalyseALittle() {
        Governor governor = governor(Duration.ZERO);
        for (int tick = 0; tick < 100; tick++) {
            governor.allow(TICK_NS);
            clocks.pass(TICK_NS, (long) (3 * BUDGET_NS));
        }
        assertThat(governor.allow(TICK_NS)).isEqualTo((long) (0.1 * BUDGET_NS));
        assertThat(governor.report().longPercent()).isCloseTo(6, within(0.01));
    }

    @Test
    void moreDebtThanAMinutesIsForgotten() {
        Governor governor = governor(Duration.ZERO);
        governor.allow(TICK_NS);
        clocks.pass(TICK_NS, (long) (1_000 * BUDGET_NS));
        governor.allow(TICK_NS);
        double minuteNs = BUDGET_NS * Duration.ofMinutes(1).toNanos() / TICK_NS;
        assertThat(governor.report().balanceSeconds() * 1e9).isCloseTo(-minuteNs, within(1e3));
    }

    @Test
    void costsFollowWhatIsMeasured() {
        Governor governor = governor(Duration.ZERO);
        for (int i = 0; i < 50; i++) {
            governor.spent(Work.FORECAST, 2, 14_000_000);
        }
        assertThat((double) governor.costNs(Work.FORECAST, 10)).isCloseTo(70e6, within(1e6));
    }

    /// The whole process stays within its budget when the analysis keeps to what it is allowed.
    @Property(tries = 200)
    void theLongRunIsWithinTheBudget(
            @ForAll @DoubleRange(min = 0, max = 0.85) double others,
            @ForAll @DoubleRange(min = 0, max = 20) double wanted,
            @ForAll @IntRange(min = 1, max = 50) int burstEvery) {
        var times = new VirtualCpuTimes();
        var governor =
                new Governor(new BudgetConfig(new Percent(2), Duration.ZERO), times, PROCESSORS);
        long ticks = 500;
        for (int tick = 0; tick < ticks; tick++) {
            long allowed = governor.allow(TICK_NS);
            double wish = tick % burstEvery == 0 ? wanted * BUDGET_NS * burstEvery : 0;
            long analysis = Math.min(allowed, (long) wish);
            governor.spent(Work.FORECAST, 1, analysis);
            times.pass(TICK_NS, analysis + (long) (others * BUDGET_NS));
        }
        double used = times.processNs() / (ticks * BUDGET_NS);
        assertThat(used).isLessThanOrEqualTo(1.0 + 6.0 / ticks); // five minutes may be saved up
    }

    private Governor governor(Duration start) {
        return new Governor(new BudgetConfig(new Percent(2), start), clocks, PROCESSORS);
    }
}
