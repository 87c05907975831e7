package io.novacron.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import com.lmax.disruptor.ExceptionHandler;
import io.novacron.ingest.journal.RecordType;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
final class RecordRingTest {
    private static final int CAPACITY = 1 << 20;
    private static final int SLOTS = 1 << 14;
    private static final int PAYLOAD = 8;
    private static final int WAITING = 50;

    private final AtomicLong handled = new AtomicLong();
    private volatile CountDownLatch prompt = new CountDownLatch(1);

    @Test
    void aPromptRecordEndsTheGatheringOfBothStages() throws InterruptedException {
        try (var ring = ring(Duration.ofHours(1))) {
            for (int round = 0; round < 5; round++) {
                prompt = new CountDownLatch(1);
                while (ring.slotsUsed() < WAITING) { // until a stage rests, for an hour
                    publish(ring, Urgency.ROUTINE);
                    LockSupport.parkNanos(100_000);
                }
                publish(ring, round % 2 == 0 ? Urgency.PROMPT : Urgency.SYNCED);
                prompt.await();
            }
            assertThat(handled.get()).isGreaterThan(5L * WAITING);
            ring.halt();
        }
    }

    @Test
    void nothingIsLeftWaitingWhenFewRecordsCome() throws InterruptedException {
        try (var ring = ring(Duration.ofHours(1))) {
            for (int i = 1; i < 10; i++) { // never so many that anybody gathers
                publish(ring, Urgency.ROUTINE);
                while (handled.get() < i) {
                    LockSupport.parkNanos(100_000);
                }
            }
            assertThat(ring.slotsUsed()).isLessThanOrEqualTo(1);
            ring.halt();
        }
    }

    private RecordRing ring(Duration gather) {
        var ring = new RecordRing(CAPACITY, SLOTS, false, gather, Executors.defaultThreadFactory());
        ring.start(
                (_, _, _) -> {},
                (slot, _, _) -> {
                    ring.release(slot.endPosition);
                    handled.incrementAndGet();
                    if (slot.type == RecordType.COMMAND) {
                        prompt.countDown();
                    }
                },
                new Fatal());
        return ring;
    }

    private static final class Fatal implements ExceptionHandler<Slot> {
        @Override
        public void handleEventException(Throwable error, long sequence, Slot slot) {
            throw new AssertionError(error);
        }

        @Override
        public void handleOnStartException(Throwable error) {
            throw new AssertionError(error);
        }

        @Override
        public void handleOnShutdownException(Throwable error) {
            throw new AssertionError(error);
        }
    }

    private static void publish(RecordRing ring, Urgency urgency) {
        assertThat(ring.claim(PAYLOAD)).isNotEqualTo(RecordRing.NO_ROOM);
        RecordType type = urgency == Urgency.ROUTINE ? RecordType.NOTE : RecordType.COMMAND;
        ring.publish(type, PAYLOAD, 0, 0, 0, null, urgency);
    }
}
