package io.novacron.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.novacron.agent.spool.MemorySpool;
import io.novacron.agent.spool.SpooledFrame;
import io.novacron.wire.message.Action;
import io.novacron.wire.message.Messages;
import io.novacron.wire.message.Outcome;
import io.novacron.wire.sbe.ActionType;
import io.novacron.wire.sbe.EntityState;
import io.novacron.wire.sbe.ErrorCode;
import io.novacron.wire.sbe.LifecycleState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Jobs run when the test says so, on the test's own thread; the clock is the test's.
class ActionDeskTest {
    private static final long LATER = 10_000;

    @TempDir private Path folder = Path.of("");
    private final AtomicLong nowMs = new AtomicLong(1_000);
    private final AgentClock clock =
            new AgentClock(
                    () -> nowMs.addAndGet(500) * 1_000_000, // a wait is over after some looks
                    nowMs::get);
    private final FakeHypervisor hypervisor =
            new FakeHypervisor().with(1, EntityState.RUNNING, 2).with(2, EntityState.RUNNING, 2);
    private final MemorySpool outcomes = new MemorySpool(1 << 20);
    private final ArrayDeque<Runnable> jobs = new ArrayDeque<>();

    private ActionDesk desk(ActionsLog log, Set<ActionType> allowed) {
        return new ActionDesk(
                hypervisor,
                allowed,
                log,
                outcomes,
                clock,
                nowMs::get,
                Agents.LOG,
                job -> {
                    jobs.add(job);
                    return new Thread(() -> {}); // the test runs the job itself
                });
    }

    private ActionsLog log() {
        try {
            return ActionsLog.open(folder, clock);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private void runJobs() {
        for (Runnable job = jobs.poll(); job != null; job = jobs.poll()) {
            hypervisor.permits.release();
            job.run();
        }
    }

    private List<Outcome> told() {
        var told = new ArrayList<Outcome>();
        var frame = new SpooledFrame();
        for (long next = 1; outcomes.read(next, frame); next = frame.sequence() + 1) {
            int length = frame.bytes().remaining();
            told.add(
                    (Outcome)
                            new Messages()
                                    .decode(new UnsafeBuffer(frame.bytes().array()), 0, length));
        }
        return told;
    }

    private List<LifecycleState> states() {
        return told().stream().map(Outcome::state).toList();
    }

    private static Action action(long id, int vm) {
        return Agents.setVcpus(id, vm, LATER);
    }

    @Test
    void doesWhatIsAskedAndTellsWhatItCameTo() {
        try (var desk = desk(log(), Agents.ALL)) {
            desk.submit(action(1, 1));
            runJobs();
        }
        assertThat(states()).containsExactly(LifecycleState.RUNNING, LifecycleState.KEPT);
        assertThat(told().getLast().sequence()).isEqualTo(2);
        assertThat(told().getLast().finishedAtMs()).isPositive();
    }

    @Test
    void refusesWhatTheHostDoesNotAllow() {
        try (var desk = desk(log(), Set.of(ActionType.SET_MEMORY))) {
            desk.submit(action(1, 1));
            assertThat(desk.actionsRefused()).isEqualTo(1);
        }
        assertThat(jobs).isEmpty();
        assertThat(told().getFirst().code()).isEqualTo(ErrorCode.NOT_ALLOWED);
        assertThat(told().getFirst().text()).contains("SET_VCPUS", "Maybe add it to --allow");
    }

    @Test
    void refusesWhatHasExpiredAlsoAfterWaitingItsTurn() {
        try (var desk = desk(log(), Agents.ALL)) {
            desk.submit(action(1, 1));
            nowMs.set(LATER + 1);
            desk.submit(action(2, 2));
            assertThat(told()).extracting(Outcome::code).containsExactly(ErrorCode.ACTION_EXPIRED);
            runJobs();
        }
        assertThat(told())
                .extracting(Outcome::code)
                .containsExactly(ErrorCode.ACTION_EXPIRED, ErrorCode.ACTION_EXPIRED);
        assertThat(hypervisor.executed()).isEmpty();
    }

    @Test
    void doesOneActionAtATimeForAVm() {
        try (var desk = desk(log(), Agents.ALL)) {
            desk.submit(action(1, 1));
            desk.submit(action(2, 1));
            desk.submit(action(3, 2));
            assertThat(jobs).as("vm 1's first and vm 2's").hasSize(2);
            runJobs();
        }
        assertThat(hypervisor.executed()).containsExactly(1L, 3L, 2L);
    }

    @Test
    void refusesMoreThanItCanRemember() {
        try (var desk = desk(log(), Agents.ALL)) {
            desk.submit(action(1, 1));
            for (int i = 0; i < ActionDesk.MAX_PENDING + 1; i++) {
                desk.submit(action(2 + i, 1));
            }
            assertThat(told()).extracting(Outcome::code).containsExactly(ErrorCode.NOT_READY);
            assertThat(desk.inHand()).isEqualTo(ActionDesk.MAX_PENDING + 1);
        }
    }

    @Test
    void tellsAgainWhatARepeatedActionCameTo() {
        try (var desk = desk(log(), Agents.ALL)) {
            desk.submit(action(1, 1));
            desk.submit(action(1, 1));
            runJobs();
            desk.submit(action(1, 1));
            assertThat(desk.actionsRepeated()).isEqualTo(2);
        }
        assertThat(hypervisor.executed()).containsExactly(1L);
        assertThat(states())
                .containsExactly(LifecycleState.RUNNING, LifecycleState.KEPT, LifecycleState.KEPT);
    }

    @Test
    void resolvesAnUnknownOutcomeByReadingBack() {
        hypervisor.answers(
                ActionReport.unknown(ErrorCode.ACTION_TIMED_OUT, "no answer"),
                new ActionReport(LifecycleState.KEPT, ErrorCode.NONE, 4, 0, null, "read back"));
        try (var desk = desk(log(), Agents.ALL)) {
            desk.submit(action(1, 1));
            runJobs();
        }
        assertThat(states())
                .containsExactly(
                        LifecycleState.RUNNING, LifecycleState.UNKNOWN, LifecycleState.KEPT);
    }

    @Test
    void tellsOfAnActionThatDoesNotEnd() {
        try (var desk = desk(log(), Agents.ALL)) {
            desk.submit(action(1, 1));
            desk.checkOverruns();
            assertThat(told()).isEmpty();
            nowMs.addAndGet(5_000 + ActionDesk.OVERRUN_GRACE_MS + 1);
            desk.checkOverruns();
            desk.checkOverruns();
        }
        assertThat(told()).extracting(Outcome::code).containsExactly(ErrorCode.ACTION_TIMED_OUT);
        assertThat(states()).containsExactly(LifecycleState.UNKNOWN);
    }

    @Test
    void saysUnknownOfWhatAKilledRunHadBegunAndReadsItBack() throws IOException {
        ActionsLog killed = log();
        killed.received(action(1, 1));
        killed.started(action(1, 1));
        killed.received(action(2, 2));

        try (var desk = desk(log(), Agents.ALL)) {
            desk.recover();
            assertThat(states())
                    .as("before anything is looked at")
                    .containsExactly(LifecycleState.UNKNOWN);
            runJobs();
        }
        assertThat(told().stream().filter(each -> each.actionId() == 1))
                .extracting(Outcome::state)
                .containsExactly(LifecycleState.UNKNOWN, LifecycleState.KEPT);
        assertThat(hypervisor.executed()).as("never begun, so begun now").containsExactly(2L);
    }

    @Test
    void tellsAnOutcomeThatAKilledRunHadLoggedOnly() throws IOException {
        Outcome outcome =
                new Outcome(
                        0,
                        1,
                        LifecycleState.KEPT,
                        ErrorCode.NONE,
                        1,
                        2,
                        4,
                        0,
                        Agents.ID,
                        "a\tb\nc");
        ActionsLog killed = log();
        killed.received(action(1, 1));
        killed.started(action(1, 1));
        killed.done(action(1, 1), outcome);

        try (var desk = desk(log(), Agents.ALL)) {
            desk.recover();
        }
        assertThat(states()).containsExactly(LifecycleState.KEPT);
        try (var desk = desk(log(), Agents.ALL)) {
            desk.recover();
        }
        assertThat(states()).as("told once").hasSize(1);
    }

    @Test
    void ignoresALineThatWasCutShort() throws IOException {
        log().received(action(1, 1));
        Path file = folder.resolve("actions.log");
        long whole = Files.size(file);
        Files.writeString(file, "2026-11-21T05:02:42Z\tSTARTED\t1", StandardOpenOption.APPEND);

        ActionsLog reopened = log();
        assertThat(reopened.entries()).singleElement().matches(entry -> !entry.started());
        assertThat(Files.size(file)).isEqualTo(whole);
    }

    @Test
    void beginsANewLogWhenTheOldOneIsFull() throws IOException {
        var log = ActionsLog.open(folder, clock, 100_000);
        for (int i = 1; i <= 300; i++) {
            Action action = action(i, 1);
            log.received(action);
            log.started(action);
            if (i > 1) {
                log.done(
                        action,
                        new Outcome(
                                0,
                                i,
                                LifecycleState.KEPT,
                                ErrorCode.NONE,
                                1,
                                2,
                                4,
                                0,
                                Agents.ID,
                                ""));
                log.told(action);
            }
        }
        assertThat(folder.resolve("actions.log.1")).exists();

        ActionsLog reopened = ActionsLog.open(folder, clock, 100_000);
        assertThat(reopened.entries()).hasSize(ActionsLog.MAX_FINISHED + 1);
        assertThat(reopened.entries().getFirst().action().actionId())
                .as("what is in hand is never forgotten")
                .isEqualTo(1);
    }
}
