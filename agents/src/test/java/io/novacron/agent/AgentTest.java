package io.novacron.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.novacron.agent.spool.EntityIds;
import io.novacron.agent.spool.MemorySpool;
import io.novacron.wire.catalogue.Metrics;
import io.novacron.wire.message.ErrorMessage;
import io.novacron.wire.message.Heartbeat;
import io.novacron.wire.message.Hello;
import io.novacron.wire.message.Inventory;
import io.novacron.wire.message.Outcome;
import io.novacron.wire.sbe.ConnectionKind;
import io.novacron.wire.sbe.EntityState;
import io.novacron.wire.sbe.ErrorCode;
import io.novacron.wire.sbe.LifecycleState;
import java.io.IOException;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AgentTest {
    private final TestDaemon daemon = new TestDaemon();
    private final FakeHypervisor hypervisor =
            new FakeHypervisor().with(1, EntityState.RUNNING, 2).with(2, EntityState.PAUSED, 4);
    private final MemorySpool data = new MemorySpool(1 << 20);
    private final MemorySpool control = new MemorySpool(1 << 20);
    private final AgentParts parts = Agents.parts(hypervisor, data, control, EntityIds.inMemory());
    private final Agent agent = agent();

    private Agent agent() {
        try {
            return new Agent(
                    parts, daemon.dialer(), null, AgentClock.system(), Agents.LOG, Agents.THREADS);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @AfterEach
    void close() throws IOException {
        agent.close();
        daemon.close();
        assertThat(daemon.troubles()).isEmpty();
    }

    @Test
    void saysHelloOnTwoConnectionsAndWhatThereIs() {
        agent.start();

        daemon.await("a batch", () -> !daemon.batches().isEmpty());
        assertThat(daemon.messages(Hello.class))
                .extracting(Hello::connection)
                .containsExactlyInAnyOrder(ConnectionKind.DATA, ConnectionKind.CONTROL);
        Hello hello = daemon.messages(Hello.class).getFirst();
        assertThat(hello.agentId()).isEqualTo(Agents.ID);
        assertThat(hello.spoolEpoch()).isEqualTo(9);
        assertThat(hello.hostName()).isEqualTo("fixed");
        assertThat(hello.capabilities())
                .isEqualTo(Capability.LIBVIRT | Capability.SET_VCPUS | Capability.SET_MEMORY);

        Inventory snapshot = daemon.messages(Inventory.class).getFirst();
        assertThat(snapshot.sequence()).isZero();
        assertThat(snapshot.entities()).extracting("name").containsExactly("fixed", "vm-1", "vm-2");
        assertThat(snapshot.entities()).extracting("entityId").containsExactly(0, 1, 2);
        assertThat(snapshot.entities().get(0).labels()).containsEntry("rack", "r1");
    }

    @Test
    void sendsSamplesOfHostAndVms() {
        agent.start();

        daemon.await("a batch", () -> !daemon.batches().isEmpty());
        TestDaemon.Batch batch = daemon.batches().getFirst();
        assertThat(batch.intervalMs()).isEqualTo(1_000);
        assertThat(batch.samples().get(0))
                .containsEntry(Metrics.CPU_USAGE, 25f)
                .containsEntry(Metrics.LOAD_ONE, 2f)
                .containsEntry(Metrics.AGENT_RSS, (float) (40L << 20))
                .doesNotContainKey(Metrics.AGENT_CPU);
        assertThat(batch.samples().get(1)).containsOnlyKeys(Metrics.CPU_USAGE);
    }

    @Test
    void beatsAtTheIntervalThatTheDaemonSays() {
        daemon.heartbeatInterval(20);
        agent.connect();

        daemon.await("three heartbeats", () -> daemon.messages(Heartbeat.class).size() >= 3);
        Heartbeat heartbeat = daemon.messages(Heartbeat.class).getLast();
        assertThat(heartbeat.agentCpuNs()).isEqualTo(5_000_000);
        assertThat(heartbeat.agentRssBytes()).isEqualTo(40L << 20);
        assertThat(heartbeat.framesDropped()).isZero();
    }

    @Test
    void resendsWhatWasNotJournaledAfterReconnecting() {
        daemon.acknowledge(false);
        agent.start();
        daemon.await("a batch", () -> !daemon.batches().isEmpty());

        daemon.acknowledge(true);
        daemon.disconnect();

        daemon.await("the empty spool", () -> data.bytes() == 0 && data.lastSequence() >= 2);
        assertThat(daemon.sequences(ConnectionKind.DATA)).startsWith(1L).contains(2L);
        assertThat(daemon.sequences(ConnectionKind.DATA).stream().filter(each -> each == 1).count())
                .as("sent before and after")
                .isEqualTo(2);
        long[] distinct =
                daemon.sequences(ConnectionKind.DATA).stream()
                        .mapToLong(Long::longValue)
                        .distinct()
                        .sorted()
                        .toArray();
        assertThat(distinct)
                .as("no gap")
                .containsExactly(LongStream.rangeClosed(1, distinct.length).toArray());
    }

    @Test
    void sendsNothingTwiceThatTheDaemonHasJournaled() {
        agent.start();
        daemon.await("the empty spool", () -> data.bytes() == 0 && data.lastSequence() >= 2);
        daemon.disconnect();

        daemon.await(
                "a second data hello",
                () ->
                        daemon.messages(Hello.class).stream()
                                        .filter(each -> each.connection() == ConnectionKind.DATA)
                                        .count()
                                >= 2);
        long before = data.lastSequence();
        daemon.await(
                "a later frame", () -> daemon.sequences(ConnectionKind.DATA).contains(before + 1));
        assertThat(daemon.sequences(ConnectionKind.DATA)).doesNotHaveDuplicates();
    }

    @Test
    void stopsSendingWhenTheWindowIsFull() throws IOException {
        var large = new MemorySpool(8 << 20);
        var filler = new byte[256 * 1024];
        for (int i = 0; i < 16; i++) {
            large.append(0, Frames.inventoryOfLength(filler.length));
        }
        daemon.acknowledge(false);
        var wide = Agents.parts(hypervisor, large, new MemorySpool(1024), EntityIds.inMemory());
        try (var sender =
                new Agent(
                        wide,
                        daemon.dialer(),
                        null,
                        AgentClock.system(),
                        Agents.LOG,
                        Agents.THREADS)) {
            sender.connect();
            daemon.await(
                    "a window of frames", () -> daemon.sequences(ConnectionKind.DATA).size() >= 4);
            daemon.await(
                    "heartbeats meanwhile", () -> daemon.messages(Heartbeat.class).size() >= 3);
            assertThat(daemon.sequences(ConnectionKind.DATA))
                    .as("1 MiB in flight, and no more until it is journaled")
                    .hasSizeLessThanOrEqualTo(5);
        }
    }

    @Test
    void dropsBothConnectionsWhenTheDaemonFallsSilent() {
        daemon.heartbeatInterval(50);
        daemon.answer(false);
        agent.connect();

        daemon.await("four hellos", () -> daemon.messages(Hello.class).size() >= 4);
        assertThat(daemon.messages(Hello.class))
                .extracting(Hello::connection)
                .contains(ConnectionKind.DATA, ConnectionKind.CONTROL);
    }

    @Test
    void saysHelloAgainWhenItsCapabilitiesChange() {
        daemon.heartbeatInterval(20);
        agent.connect();
        daemon.await("a heartbeat", () -> !daemon.messages(Heartbeat.class).isEmpty());

        hypervisor.capabilities(0);

        daemon.await(
                "a hello without capabilities",
                () ->
                        daemon.messages(Hello.class).stream()
                                .anyMatch(each -> each.capabilities() == 0));
    }

    @Test
    void spoolsAnInventoryOnlyWhenItChanges() {
        agent.start();
        daemon.await("three batches", () -> daemon.batches().size() >= 2);
        assertThat(daemon.sequences(ConnectionKind.DATA)).contains(1L, 2L, 3L);
        assertThat(
                        daemon.messages(Inventory.class).stream()
                                .filter(each -> each.sequence() > 0)
                                .map(Inventory::revision))
                .containsExactly(1L);

        hypervisor.without(2);
        hypervisor.with(3, EntityState.RUNNING, 2);

        daemon.await(
                "the new inventory",
                () -> daemon.messages(Inventory.class).getLast().sequence() > 1);
        Inventory changed = daemon.messages(Inventory.class).getLast();
        assertThat(changed.revision()).isEqualTo(changed.sequence());
        assertThat(changed.entities())
                .extracting("entityId")
                .as("the id of a vm that went is not given again")
                .containsExactly(0, 1, 3);
    }

    @Test
    void goesOnAfterSequencesThatOnlyTheDaemonRemembers() {
        daemon.journaled(
                new Hello(Agents.ID, 9, ConnectionKind.DATA, 1, 1, 0, 0, 0, 0, "", ""), 1_000);
        agent.start();

        daemon.await(
                "a frame after 1000",
                () ->
                        daemon.sequences(ConnectionKind.DATA).stream()
                                .anyMatch(each -> each > 1_000));
        assertThat(daemon.sequences(ConnectionKind.DATA)).allMatch(each -> each > 1_000);
    }

    @Test
    void leavesOutAFrameThatIsRefusedAgainAndAgain() {
        daemon.acknowledge(false);
        agent.connect();
        for (int i = 1; i <= Link.MAX_REFUSALS; i++) {
            int times = i;
            daemon.await(
                    "frame 1",
                    () ->
                            daemon.sequences(ConnectionKind.DATA).stream()
                                            .filter(each -> each == 1)
                                            .count()
                                    == times);
            daemon.send(
                    ConnectionKind.DATA,
                    new ErrorMessage(ErrorCode.BAD_MESSAGE, 1, "no, thank you"));
            daemon.disconnect();
        }
        agent.startSampling();

        daemon.await("frame 2", () -> daemon.sequences(ConnectionKind.DATA).contains(2L));
        assertThat(daemon.sequences(ConnectionKind.DATA).stream().filter(each -> each == 1).count())
                .isEqualTo(Link.MAX_REFUSALS);
    }

    @Test
    void executesAnActionAndResendsItsOutcomesUntilTheyAreAcknowledged() {
        daemon.acknowledge(false);
        agent.connect();
        daemon.await("a heartbeat", () -> !daemon.messages(Heartbeat.class).isEmpty());
        daemon.send(ConnectionKind.CONTROL, Agents.setVcpus(17, 1, Long.MAX_VALUE));
        daemon.await("running", () -> !daemon.messages(Outcome.class).isEmpty());
        hypervisor.permits.release();
        daemon.await("both outcomes", () -> daemon.messages(Outcome.class).size() >= 2);

        daemon.acknowledge(true);
        daemon.disconnect();

        daemon.await("no outcome waits", () -> control.bytes() == 0);
        assertThat(daemon.messages(Outcome.class))
                .extracting(Outcome::state)
                .containsExactly(
                        LifecycleState.RUNNING,
                        LifecycleState.KEPT,
                        LifecycleState.RUNNING,
                        LifecycleState.KEPT);
        assertThat(daemon.messages(Outcome.class).getLast().observedVcpus()).isEqualTo(4);
        assertThat(hypervisor.executed()).containsExactly(17L);
    }
}
