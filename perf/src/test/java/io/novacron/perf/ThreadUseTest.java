package io.novacron.perf;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class ThreadUseTest {
    private static final long BURN_NS = 20_000_000;

    @Test
    void aThreadThatEndsInBetweenTakesNothingOff() throws InterruptedException {
        var burnt = new CountDownLatch(1);
        var end = new CountDownLatch(1);
        Thread ends =
                Thread.ofPlatform()
                        .start(() -> {
                            burn();
                            burnt.countDown();
                            await(end);
                        });
        burnt.await();

        ThreadUse.Reading before = ThreadUse.Reading.now();
        end.countDown();
        ends.join();
        ThreadUse use = ThreadUse.Reading.now().since(before);

        assertThat(before.threads())
                .hasEntrySatisfying(
                        ends.threadId(),
                        then -> assertThat(then.cpuNs()).isGreaterThanOrEqualTo(BURN_NS));
        assertThat(use.cpuNs()).isNotNegative();
        assertThat(use.allocatedBytes()).isNotNegative();
    }

    @Test
    void aThreadThatWorksIsCountedAndTheCallingOneIsNot() throws Exception {
        try (var executor = Executors.newSingleThreadExecutor()) {
            ThreadUse.Reading before = ThreadUse.Reading.now();
            executor.submit(ThreadUseTest::burn).get();
            ThreadUse use = ThreadUse.Reading.now().since(before);

            assertThat(use.cpuNs()).isGreaterThanOrEqualTo(BURN_NS);
            assertThat(before.threads()).doesNotContainKey(Thread.currentThread().threadId());
        }
    }

    private static void burn() {
        long startNs = CpuCost.THREADS.getCurrentThreadCpuTime();
        var spun = new AtomicLong();
        while (CpuCost.THREADS.getCurrentThreadCpuTime() - startNs < BURN_NS) {
            spun.incrementAndGet();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
