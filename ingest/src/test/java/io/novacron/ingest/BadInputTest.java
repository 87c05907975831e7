package io.novacron.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.novacron.ingest.statistics.Counter;
import io.novacron.wire.message.ErrorMessage;
import io.novacron.wire.message.Hello;
import io.novacron.wire.message.Inventory;
import io.novacron.wire.sbe.ConnectionKind;
import io.novacron.wire.sbe.EntityKind;
import io.novacron.wire.sbe.ErrorCode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.UUID;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Each kind of bad input gets its error and its counter, and disturbs nobody else: a good agent
/// that is connected all the while still gets its acknowledgement at the end.
@Timeout(300)
class BadInputTest {
    private static final int CPU = 1;
    private static final int MEMORY = 2;
    private static final int CPU_PRESSURE = 18;
    private static final long START = VirtualClock.START_MS;

    @TempDir Path directory;
    private final VirtualClock clock = new VirtualClock();
    private IngestHarness harness;
    private TestAgent good;

    @BeforeEach
    void open() throws Exception {
        harness = new IngestHarness(IngestHarness.config(directory), clock);
        good = harness.agent(99);
        good.hello(ConnectionKind.DATA);
    }

    @AfterEach
    void nobodyElseIsDisturbed() throws Exception {
        good.write(good.inventoryFrame(1));
        good.readUntilJournaled(1);
        good.close();
        harness.close();
    }

    @Test
    void framesMayBeSplitAtEveryByte() throws Exception {
        try (TestAgent agent = harness.agent(1)) {
            agent.hello(ConnectionKind.DATA);
            agent.write(agent.inventoryFrame(1));
            agent.readUntilJournaled(1);
            int length = batch(agent, CPU, 0, 50).length;
            agent.sequence(1);
            for (int split = 1; split < length; split++) {
                byte[] frame = batch(agent, CPU, 0, 50);
                long received = harness.count(Counter.BYTES_RECEIVED);
                agent.write(frame, 0, split);
                harness.awaitCount(Counter.BYTES_RECEIVED, received + split);
                agent.write(frame, split, length - split);
                agent.readUntilJournaled(agent.sequence());
            }
            assertThat(harness.count(Counter.FRAMES_MISSING)).isZero();
        }
    }

    @Test
    void aDamagedFrameEndsItsConnection() throws Exception {
        try (TestAgent agent = harness.agent(1)) {
            agent.hello(ConnectionKind.DATA);
            byte[] frame = batch(agent, CPU, 0, 50);
            frame[frame.length - 1] ^= 1;
            agent.write(frame);
            assertThat(agent.readErrorAndEnd().code()).isEqualTo(ErrorCode.BAD_CRC);
        }
        assertThat(harness.count(Counter.CRC_ERRORS)).isEqualTo(1);
    }

    @Test
    void aFrameThatClaimsTwoGigabytesIsRefusedByItsHeader() throws Exception {
        try (TestAgent agent = harness.agent(1)) {
            agent.hello(ConnectionKind.DATA);
            byte[] frame = batch(agent, CPU, 0, 50);
            new UnsafeBuffer(frame).putInt(0, Integer.MAX_VALUE);
            agent.write(frame, 0, 12);
            assertThat(agent.readErrorAndEnd().code()).isEqualTo(ErrorCode.FRAME_TOO_LARGE);
        }
        assertThat(harness.count(Counter.FRAMES_TOO_LARGE)).isEqualTo(1);
    }

    @Test
    void aHelloMayNotBeLong() throws Exception {
        try (TestAgent agent = harness.agent(1)) {
            byte[] frame = agent.helloFrame(ConnectionKind.DATA);
            new UnsafeBuffer(frame).putInt(0, 100_000);
            agent.write(frame);
            assertThat(agent.readErrorAndEnd().code()).isEqualTo(ErrorCode.FRAME_TOO_LARGE);
        }
    }

    @Test
    void aFrameOfAnotherVersionIsRefused() throws Exception {
        try (TestAgent agent = harness.agent(1)) {
            byte[] frame = agent.helloFrame(ConnectionKind.DATA);
            frame[6] = 9;
            agent.write(frame);
            assertThat(agent.readErrorAndEnd().code()).isEqualTo(ErrorCode.UNSUPPORTED_VERSION);
        }
        assertThat(harness.count(Counter.VERSION_ERRORS)).isEqualTo(1);
    }

    @Test
    void anAgentWithoutACommonProtocolVersionIsRefused() throws Exception {
        try (TestAgent agent = harness.agent(1)) {
            agent.write(
                    agent.frame(
                            new Hello(
                                    agent.agentId,
                                    1,
                                    ConnectionKind.DATA,
                                    2,
                                    3,
                                    0,
                                    0,
                                    0,
                                    0,
                                    "h",
                                    "v")));
            assertThat(agent.readErrorAndEnd().code()).isEqualTo(ErrorCode.UNSUPPORTED_VERSION);
        }
    }

    @Test
    void randomBytesEndOnlyTheirConnection() throws Exception {
        var random = new Random(42);
        for (int round = 0; round < 20; round++) {
            try (TestAgent agent = harness.agent(1)) {
                var bytes = new byte[64 + random.nextInt(2_000)];
                random.nextBytes(bytes);
                agent.write(bytes);
                assertThat(agent.readErrorAndEnd().code()).isEqualTo(ErrorCode.BAD_MAGIC);
            }
        }
        assertThat(harness.count(Counter.MAGIC_ERRORS)).isEqualTo(20);
    }

    @Test
    void theFirstMessageMustBeAHello() throws Exception {
        try (TestAgent agent = harness.agent(1)) {
            agent.write(batch(agent, CPU, 0, 1));
            assertThat(agent.readErrorAndEnd().code()).isEqualTo(ErrorCode.UNEXPECTED_MESSAGE);
        }
    }

    @Test
    void samplesDoNotBelongOnAControlConnection() throws Exception {
        try (TestAgent agent = harness.agent(1)) {
            agent.hello(ConnectionKind.CONTROL);
            agent.write(batch(agent, CPU, 0, 1));
            assertThat(agent.readErrorAndEnd().code()).isEqualTo(ErrorCode.UNEXPECTED_MESSAGE);
        }
    }

    @Test
    void schedulersAreSentToTheQueryPort() throws Exception {
        try (TestAgent agent = harness.agent(1)) {
            agent.write(agent.helloFrame(ConnectionKind.QUERY));
            ErrorMessage error = agent.readErrorAndEnd();
            assertThat(error.code()).isEqualTo(ErrorCode.UNEXPECTED_MESSAGE);
            assertThat(error.text()).contains("query port");
        }
    }

    @Test
    void absurdValuesAreCountedAndDropped() throws Exception {
        try (TestAgent agent = harness.agent(1)) {
            agent.hello(ConnectionKind.DATA);
            agent.write(agent.inventoryFrame(1, new UUID(7, 1)));
            float[] values = {Float.NaN, Float.POSITIVE_INFINITY, -1, 101, 1e30f};
            for (float value : values) {
                agent.write(batch(agent, CPU, 0, value));
            }
            agent.write(batch(agent, CPU, 0, 50));
            agent.write(batch(agent, CPU, 777, 50));
            agent.write(batch(agent, 999, 0, 50));
            agent.write(batch(agent, CPU_PRESSURE, 1, 50));
            agent.readUntilJournaled(agent.sequence());
            harness.tick(1, START + 60_000);
            assertThat(harness.window(CPU, 0, 1)).containsExactly(50);
        }
        assertThat(harness.count(Counter.SAMPLES_MISSING)).isEqualTo(1);
        assertThat(harness.count(Counter.SAMPLES_NOT_FINITE)).isEqualTo(1);
        assertThat(harness.count(Counter.SAMPLES_OUT_OF_RANGE)).isEqualTo(3);
        assertThat(harness.count(Counter.SAMPLES_OF_UNKNOWN_ENTITIES)).isEqualTo(1);
        assertThat(harness.count(Counter.SAMPLES_OF_UNKNOWN_METRICS)).isEqualTo(1);
        assertThat(harness.count(Counter.SAMPLES_OUT_OF_SCOPE)).isEqualTo(1);
        assertThat(harness.count(Counter.SAMPLES_APPLIED)).isEqualTo(1);
    }

    @Test
    void timeStampsFromAnotherAgeAreQuarantined() throws Exception {
        try (TestAgent agent = harness.agent(1)) {
            agent.hello(ConnectionKind.DATA);
            agent.write(agent.inventoryFrame(1));
            int[] zero = {0};
            int[] cpu = {CPU};
            float[][] value = {{1}};
            agent.write(agent.batchFrame(4_102_444_800_000L, 10_000, zero, cpu, value));
            agent.write(agent.batchFrame(START + 61_001, 10_000, zero, cpu, value));
            agent.write(agent.batchFrame(1_000, 10_000, zero, cpu, value));
            agent.write(agent.batchFrame(START, 120_000, zero, cpu, value));
            agent.readUntilJournaled(agent.sequence());
            harness.tick(1, START);
        }
        assertThat(harness.count(Counter.BATCHES_QUARANTINED)).isEqualTo(2);
        assertThat(harness.count(Counter.BATCHES_TOO_OLD)).isEqualTo(1);
        assertThat(harness.count(Counter.BATCHES_OUT_OF_INTERVAL)).isEqualTo(1);
        assertThat(harness.ingest.agents()[1].batchesQuarantined()).isEqualTo(2);
    }

    @Test
    void aBatchWithABrokenBlockIsCountedAndAcknowledged() throws Exception {
        try (TestAgent agent = harness.agent(1)) {
            agent.hello(ConnectionKind.DATA);
            byte[] frame = batch(agent, CPU, 0, 1);
            frame[frame.length - 10] = 77; // a metric id or count inside the block
            byte[] shorter = Arrays.copyOf(frame, frame.length);
            new UnsafeBuffer(shorter).putInt(44, 3); // the block's length
            new io.novacron.wire.Framing()
                    .finish(new UnsafeBuffer(shorter), 0, shorter.length - 12);
            agent.write(shorter);
            agent.readUntilJournaled(1);
            harness.awaitCount(Counter.BATCHES_UNDECODABLE, 1);
        }
    }

    @Test
    void resentFramesAreDroppedAndOvertakenOnesKept() throws Exception {
        try (TestAgent agent = harness.agent(1)) {
            agent.hello(ConnectionKind.DATA);
            agent.write(agent.inventoryFrame(1));
            for (long sequence : new long[] {2, 2, 5, 3, 3, 5, 6}) {
                agent.write(
                        agent.batchFrame(
                                sequence,
                                START + 10_000,
                                10_000,
                                new int[] {0},
                                new int[] {MEMORY},
                                new float[][] {{1}}));
            }
            agent.readUntilJournaled(6);
        }
        assertThat(harness.count(Counter.FRAMES_DUPLICATED)).isEqualTo(3);
        assertThat(harness.count(Counter.FRAMES_REORDERED)).isEqualTo(1);
        assertThat(harness.count(Counter.FRAMES_MISSING)).as("3 and 4").isEqualTo(2);
    }

    @Test
    void anInventoryOverTheLimitIsRefused() throws Exception {
        try (TestAgent agent = harness.agent(1)) {
            agent.hello(ConnectionKind.DATA);
            agent.write(agent.inventoryFrame(1, TestAgent.uuids(200).toArray(UUID[]::new)));
            assertThat(agent.readErrorAndEnd().code()).isEqualTo(ErrorCode.TOO_MANY_ENTITIES);
        }
        assertThat(harness.count(Counter.INVENTORIES_REFUSED)).isEqualTo(1);
    }

    @Test
    void aFullFleetTellsTheAgent() throws Exception {
        for (int i = 0; i < 8; i++) {
            try (TestAgent agent = harness.agent(i)) {
                agent.hello(ConnectionKind.DATA);
                var entities =
                        new java.util.ArrayList<io.novacron.wire.message.EntityDescription>();
                for (int e = 0; e < 150; e++) {
                    entities.add(TestAgent.entity(e, EntityKind.VM, new UUID(i, e)));
                }
                agent.write(agent.frame(new Inventory(1, 1, 0, entities)));
                if (i < 6) {
                    agent.readUntilJournaled(1);
                } else {
                    assertThat(readError(agent).code()).isEqualTo(ErrorCode.TOO_MANY_ENTITIES);
                }
            }
        }
        assertThat(harness.count(Counter.ENTITIES_REFUSED)).isEqualTo(200);
    }

    @Test
    void agentsOverTheLimitAreRefused() throws Exception {
        for (int i = 0; i < 63; i++) {
            try (TestAgent agent = harness.agent(i)) {
                agent.hello(ConnectionKind.CONTROL);
            }
        }
        try (TestAgent agent = harness.agent(63)) {
            agent.write(agent.helloFrame(ConnectionKind.CONTROL));
            assertThat(agent.readErrorAndEnd().code()).isEqualTo(ErrorCode.TOO_MANY_AGENTS);
        }
        assertThat(harness.count(Counter.AGENTS_REFUSED)).isEqualTo(1);
    }

    private static ErrorMessage readError(TestAgent agent) throws Exception {
        while (true) {
            if (agent.read() instanceof ErrorMessage error) {
                return error;
            }
        }
    }

    private static byte[] batch(TestAgent agent, int metric, int entity, float value) {
        return agent.batchFrame(
                START + 10_000,
                10_000,
                new int[] {entity},
                new int[] {metric},
                new float[][] {{value}});
    }

    @Test
    void slowAndSilentConnectionsAreClosed(@TempDir Path other) throws Exception {
        IngestConfig usual = IngestHarness.config(other);
        var impatient =
                new IngestConfig(
                        usual.host(),
                        0,
                        usual.maxFrameLength(),
                        2,
                        Duration.ofMillis(1500), // a busy machine must not look silent
                        Duration.ofMillis(1500),
                        Duration.ofMillis(4000),
                        usual.ringBytes(),
                        usual.ringSlots(),
                        usual.commandQueueBytes(),
                        false,
                        usual.gather(),
                        usual.sampleInterval(),
                        usual.heartbeatInterval(),
                        usual.daemonVersion(),
                        usual.acknowledgeFrames(),
                        usual.journal(),
                        usual.fleet(),
                        usual.checkpoint());
        try (var quick = new IngestHarness(impatient, clock);
                TestAgent silent = quick.agent(1);
                TestAgent slow = quick.agent(2)) {
            quick.awaitCount(Counter.CONNECTIONS_OPENED, 2);
            try (TestAgent third = quick.agent(3)) {
                assertThat(third.readErrorAndEnd().code()).isEqualTo(ErrorCode.TOO_MANY_AGENTS);
            }
            slow.write(slow.helloFrame(ConnectionKind.DATA), 0, 9);
            assertThat(silent.readErrorAndEnd().text()).contains("no hello");
            assertThat(slow.readErrorAndEnd().text()).contains("no hello");
            try (TestAgent cut = greeted(quick, 4);
                    TestAgent idle = greeted(quick, 5)) {
                cut.write(batch(cut, CPU, 0, 1), 0, 20);
                assertThat(cut.readErrorAndEnd().text()).contains("not whole");
                assertThat(idle.readErrorAndEnd().text()).contains("nothing came");
            }
            assertThat(quick.count(Counter.CONNECTIONS_TIMED_OUT)).isEqualTo(3);
            assertThat(quick.count(Counter.CONNECTIONS_IDLED_OUT)).isEqualTo(1);
            assertThat(quick.count(Counter.CONNECTIONS_REFUSED)).isEqualTo(1);
        }
    }

    private static TestAgent greeted(IngestHarness quick, int id) throws Exception {
        TestAgent agent = quick.agent(id);
        agent.hello(ConnectionKind.DATA);
        return agent;
    }
}
