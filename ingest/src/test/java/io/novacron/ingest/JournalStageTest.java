package io.novacron.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.novacron.ingest.journal.JournalVerification;
import io.novacron.ingest.statistics.Counter;
import io.novacron.wire.message.ErrorMessage;
import io.novacron.wire.message.Message;
import io.novacron.wire.sbe.ConnectionKind;
import io.novacron.wire.sbe.ErrorCode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class JournalStageTest {
    private static final long HOUR_MS = 3_600_000;

    @TempDir Path directory;
    private final VirtualClock clock = new VirtualClock();

    /// The next hour's file cannot be made, so that a whole block fails after its frames were
    /// counted as journaled: what is acknowledged must not cover them.
    @Test
    void aBlockThatFailsTakesItsStreamsBack() throws Exception {
        try (var harness = new IngestHarness(IngestHarness.config(directory), clock)) {
            try (TestAgent agent = harness.agent(1)) {
                agent.hello(ConnectionKind.DATA);
                agent.write(agent.inventoryFrame(1));
                agent.readUntilJournaled(1);

                Path inTheWay = nextFile();
                Files.createDirectory(inTheWay);
                clock.advance(HOUR_MS);
                for (int i = 0; i < 10; i++) {
                    agent.write(frame(agent));
                }
                Message answer = agent.read();
                while (!(answer instanceof ErrorMessage)) {
                    answer = agent.read();
                }
                assertThat(((ErrorMessage) answer).code()).isEqualTo(ErrorCode.JOURNAL_UNAVAILABLE);
                assertThat(harness.count(Counter.RECORDS_NOT_JOURNALED)).isPositive();
                Files.delete(inTheWay);
            }
            clock.advance(2_000);
            long deadlineNs = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
            while (harness.ingest.problem() != null) {
                assertThat(System.nanoTime() - deadlineNs).isNegative();
                LockSupport.parkNanos(1_000_000);
            }
            try (TestAgent agent = harness.agent(1)) {
                assertThat(agent.hello(ConnectionKind.DATA).journaledSequence()).isEqualTo(1);
                agent.sequence(1);
                for (int i = 0; i < 10; i++) {
                    agent.write(frame(agent));
                }
                agent.readUntilJournaled(11);
            }
            assertThat(harness.count(Counter.FRAMES_DUPLICATED)).isZero();
        }
        JournalVerification verified = JournalVerification.of(directory);
        assertThat(verified.framesJournaled()).isEqualTo(11);
        assertThat(verified.ok()).isTrue();
    }

    private Path nextFile() {
        String name =
                DateTimeFormatter.ofPattern("uuuuMMdd-HH'F.cq4'")
                        .withZone(ZoneOffset.UTC)
                        .format(clock.instant().plusMillis(HOUR_MS));
        return directory.resolve("0000000001").resolve(name);
    }

    private byte[] frame(TestAgent agent) {
        return agent.batchFrame(
                clock.millis(), 10_000, new int[] {0}, new int[] {1}, new float[][] {{10}});
    }
}
