package io.novacron.agent.spool;

import static org.assertj.core.api.Assertions.assertThat;

import io.novacron.agent.spool.Spool.FrameMaker;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class MemorySpoolTest {
    private final MemorySpool spool = new MemorySpool(1_000);
    private final SpooledFrame frame = new SpooledFrame();

    private static final FrameMaker HUNDRED_BYTES =
            (sequence, buffer) -> {
                buffer.putLong(0, sequence);
                buffer.putByte(99, (byte) 1);
                return 100;
            };

    @Test
    void dropsTheOldestWhenFull() {
        for (int i = 0; i < 25; i++) {
            spool.append(0, HUNDRED_BYTES);
        }

        assertThat(spool.bytes()).isEqualTo(1_000);
        assertThat(spool.framesDropped()).isEqualTo(15);
        assertThat(spool.firstSequence()).isEqualTo(16);
        assertThat(spool.read(1, frame)).isTrue();
        assertThat(frame.sequence()).isEqualTo(16);
    }

    @Test
    void readsOnAfterManyTrims() {
        for (int i = 1; i <= 500; i++) {
            spool.append(0, HUNDRED_BYTES);
            assertThat(spool.read(i, frame)).isTrue();
            assertThat(frame.sequence()).isEqualTo(i);
            assertThat(frame.bytes().remaining()).isEqualTo(100);
            spool.trim(i - 3);
        }
        assertThat(spool.framesDropped()).isZero();
        assertThat(spool.bytes()).isEqualTo(300);
    }

    @Test
    void letsASourceWaitForRoom() throws Exception {
        for (int i = 0; i < 10; i++) {
            spool.append(0, HUNDRED_BYTES);
        }
        var room =
                CompletableFuture.supplyAsync(() -> {
                    try {
                        return spool.awaitBytesBelow(500);
                    } catch (InterruptedException e) {
                        throw new AssertionError(e);
                    }
                });
        spool.trim(3);
        assertThat(room).isNotDone();
        spool.trim(6);
        assertThat(room.get(1, TimeUnit.MINUTES)).isTrue();
    }

    @Test
    void endsTheWaitWhenClosed() throws Exception {
        spool.append(0, HUNDRED_BYTES);
        spool.close();
        assertThat(spool.awaitBytesBelow(50)).isFalse();
    }
}
