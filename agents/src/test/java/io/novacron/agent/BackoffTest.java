package io.novacron.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class BackoffTest {
    @Property(tries = 100)
    void doublesUpToItsGreatestWaitWithJitter(@ForAll long seed) {
        var backoff = new Backoff(100, 1_000, new SplittableRandom(seed));
        for (long limit : new long[] {100, 200, 400, 800, 1_000, 1_000}) {
            assertThat(backoff.nextMs()).isBetween(limit / 2, limit);
        }
        backoff.reset();
        assertThat(backoff.nextMs()).isBetween(50L, 100L);
        backoff.expectLongWait();
        assertThat(backoff.nextMs()).isBetween(500L, 1_000L);
    }
}
