package io.novacron.agent.libvirt;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class SlowPathPacerTest {
    private static final long MIN_NS = Duration.ofSeconds(10).toNanos();
    private static final long MAX_NS = Duration.ofSeconds(300).toNanos();
    private static final long GUEST_COST_NS = Duration.ofMillis(2).toNanos();

    private final SlowPathPacer pacer = new SlowPathPacer(MIN_NS, MAX_NS, 0.004);

    @Test
    void fourGuestsAreReadAtTheShortestInterval() {
        pacer.onRead(4 * GUEST_COST_NS);

        assertThat(pacer.intervalNs()).isEqualTo(MIN_NS);
    }

    @Test
    void ahundredGuestsStretchTheIntervalToTheBudget() {
        pacer.onRead(100 * GUEST_COST_NS);

        assertThat(pacer.intervalNs()).isEqualTo(Duration.ofSeconds(50).toNanos());
    }

    @Test
    void oneCheapReadBetweenDearOnesDoesNotHurryTheNext() {
        pacer.onRead(100 * GUEST_COST_NS);
        pacer.onRead(0);

        assertThat(pacer.intervalNs()).isEqualTo(Duration.ofSeconds(40).toNanos());
    }

    @Property
    void theReadsShareOfACoreStaysWithinTheBudget(
            @ForAll @LongRange(max = 1_000_000_000) long costNs) {
        pacer.onRead(costNs);

        assertThat(costNs / (double) pacer.intervalNs()).isLessThanOrEqualTo(0.0040001);
        assertThat(pacer.intervalNs()).isBetween(MIN_NS, MAX_NS);
    }
}
