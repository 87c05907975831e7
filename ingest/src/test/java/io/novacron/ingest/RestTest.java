package io.novacron.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class RestTest {
    private static final long DAY_NS = TimeUnit.DAYS.toNanos(1);

    private final Rest rest = new Rest();

    @Test
    void aRestThatWasEndedBeforeItBeganIsLeftOut() {
        rest.end();
        rest.take(DAY_NS);
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void everyRestIsEndedByAnotherThread() throws InterruptedException {
        var taken = new Semaphore(0);
        Thread resting =
                Thread.ofPlatform()
                        .daemon()
                        .start(() -> {
                            for (int i = 0; i < 1_000; i++) {
                                rest.take(DAY_NS);
                                taken.release();
                            }
                        });
        for (int i = 0; i < 1_000; i++) {
            rest.end();
            taken.acquire();
        }
        resting.join();
        assertThat(taken.availablePermits()).isZero();
    }
}
