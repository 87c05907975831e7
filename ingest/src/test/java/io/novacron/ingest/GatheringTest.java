package io.novacron.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class GatheringTest {
    private static final long MS = 1_000_000;

    private final Gathering gathering = new Gathering();

    @Test
    void nobodyGathersAtFirst() {
        assertThat(gathering.busy(0, 0)).isFalse();
        assertThat(gathering.busy(MS, 1_000)).isFalse();
    }

    @Test
    void aThousandFramesASecondAreGathered() {
        long frames = 0;
        boolean busy = false;
        for (long ms = 0; ms < 50; ms++) {
            busy = gathering.busy(ms * MS, frames++);
        }
        assertThat(busy).isTrue();
    }

    @Test
    void fewFramesAreServedAtOnceAgain() {
        aThousandFramesASecondAreGathered();
        assertThat(gathering.busy(1_000 * MS, 60)).isFalse();
        assertThat(gathering.busy(1_020 * MS, 65)).isFalse();
    }
}
