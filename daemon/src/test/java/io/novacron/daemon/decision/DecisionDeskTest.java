package io.novacron.daemon.decision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.novacron.daemon.audit.AuditLog;
import io.novacron.daemon.config.AuditConfig;
import io.novacron.daemon.config.AutomationConfig;
import io.novacron.daemon.config.PolicyConfig;
import io.novacron.daemon.config.ScalingConfig;
import io.novacron.daemon.decision.FleetFacts.VmFacts;
import io.novacron.daemon.decision.OperatorCommand.Verb;
import io.novacron.daemon.view.CommandException;
import io.novacron.daemon.view.DecisionRow;
import io.novacron.daemon.view.DecisionRow.ReasonRow;
import io.novacron.ingest.Urgency;
import io.novacron.wire.message.Action;
import io.novacron.wire.message.Outcome;
import io.novacron.wire.sbe.ActionType;
import io.novacron.wire.sbe.ErrorCode;
import io.novacron.wire.sbe.LifecycleState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DecisionDeskTest {
    private static final UUID HOST = new UUID(1, 1);
    private static final UUID OTHER_HOST = new UUID(1, 2);
    private static final UUID VM = new UUID(2, 1);
    private static final long SECOND = 1_000;

    @TempDir private Path folder;
    private final Fleet fleet = new Fleet();
    private final LoopedJournal journal = new LoopedJournal();
    private final List<Action> sent = new ArrayList<>();
    private String sendProblem = "";
    private boolean syncs = true;
    private long nowMs = 1_000_000;
    private DecisionDesk desk;

    @BeforeEach
    void setUp() throws IOException {
        desk = newDesk("audit.jsonl");
        desk.onReplayed(folder.resolve("anchor.json"));
        fleet.vms.put(VM, new VmFacts(HOST, 1, 1L << 30));
    }

    @Test
    void anApprovedProposalIsDispatchedRunsIsVerifiedAndKept() {
        advise(moreVcpus(2));
        assertThat(only().state()).isEqualTo(LifecycleState.PROPOSED);

        var row = approve(1).join();
        assertThat(row.state()).isEqualTo(LifecycleState.APPROVED);
        pump();
        assertThat(only().state()).isEqualTo(LifecycleState.DISPATCHED);
        assertThat(sent)
                .singleElement()
                .satisfies(action -> {
                    assertThat(action.actionId()).isEqualTo(1);
                    assertThat(action.expectedVcpus()).isEqualTo(1);
                    assertThat(action.targetVcpus()).isEqualTo(2);
                    assertThat(action.expiresAtMs()).isEqualTo(nowMs + 120_000);
                });

        desk.onOutcome(HOST, outcome(LifecycleState.RUNNING, ErrorCode.NONE), 1, nowMs, false);
        assertThat(only().state()).isEqualTo(LifecycleState.RUNNING);
        desk.onOutcome(HOST, outcome(LifecycleState.KEPT, ErrorCode.NONE), 1, nowMs, false);
        assertThat(only().state())
                .as("the agent's word is checked")
                .isEqualTo(LifecycleState.VERIFYING);

        fleet.vms.put(VM, new VmFacts(HOST, 2, 1L << 30));
        advise();
        assertThat(only().state()).isEqualTo(LifecycleState.KEPT);
        assertThat(only().transitions())
                .extracting(t -> t.state())
                .containsExactly(
                        LifecycleState.PROPOSED,
                        LifecycleState.APPROVED,
                        LifecycleState.DISPATCHED,
                        LifecycleState.RUNNING,
                        LifecycleState.VERIFYING,
                        LifecycleState.KEPT);
    }

    @Test
    void theSameAdviceConfirmsAProposalAndOtherAdviceSupersedesIt() {
        advise(moreVcpus(2));
        advise(moreVcpus(2));
        assertThat(desk.rows()).hasSize(1);

        advise(moreVcpus(4));
        assertThat(desk.rows())
                .extracting(DecisionRow::state)
                .containsExactly(LifecycleState.PROPOSED, LifecycleState.SUPERSEDED);
    }

    @Test
    void aProposalThatIsNotAdvisedAnyMoreExpires() {
        advise(moreVcpus(2));
        nowMs += 16 * 60 * SECOND;
        advise();
        assertThat(only().state()).isEqualTo(LifecycleState.EXPIRED);
    }

    @Test
    void aVmThatVanishesBetweenProposalAndApprovalIsNotActedOn() {
        advise(moreVcpus(2));
        fleet.vms.clear();
        desk.onAdvice(List.of(), fleet, nowMs); // expiry is appended, not yet back
        var caller = approve(1);
        assertThat(caller).isCompletedExceptionally();
        assertThat(sent).isEmpty();
        assertThat(only().state()).isEqualTo(LifecycleState.EXPIRED);
    }

    @Test
    void aVmThatHasChangedSinceIsNotActedOn() {
        advise(moreVcpus(2));
        fleet.vms.put(VM, new VmFacts(OTHER_HOST, 1, 1L << 30));
        approve(1);
        pump();
        assertThat(sent).isEmpty();
        assertThat(only().state()).isEqualTo(LifecycleState.EXPIRED);
        assertThat(only().outcome()).contains("the vm has changed");
    }

    @Test
    void anAgentThatCannotBeReachedFailsTheDecision() {
        sendProblem = "host alpha is not connected";
        advise(moreVcpus(2));
        approve(1);
        pump();
        nowMs += 119 * SECOND;
        advise();
        assertThat(only().state())
                .as("it is tried at each tick while there is time")
                .isEqualTo(LifecycleState.DISPATCHED);
        nowMs += 2 * SECOND;
        advise();
        assertThat(only().state()).isEqualTo(LifecycleState.FAILED);
        assertThat(only().outcome()).contains("not connected");
    }

    @Test
    void anActionThatWasLostOnItsWayIsSentAgain() {
        advise(moreVcpus(2));
        approve(1);
        pump();
        assertThat(sent).hasSize(1);
        nowMs += 60 * SECOND;
        advise();
        assertThat(sent).as("the agent has said nothing").hasSizeGreaterThan(1);
        assertThat(sent).allMatch(action -> action.equals(sent.getFirst()));
        int times = sent.size();
        desk.onOutcome(HOST, outcome(LifecycleState.RUNNING, ErrorCode.NONE), 1, nowMs, false);
        nowMs += SECOND;
        advise();
        assertThat(sent).as("now it has").hasSize(times);
    }

    @Test
    void anApprovedProposalWaitsForAHostThatIsNotHeard() {
        fleet.online = false;
        advise(moreVcpus(2));
        approve(1);
        advise();
        assertThat(only().state()).isEqualTo(LifecycleState.APPROVED);
        fleet.online = true;
        nowMs += SECOND;
        advise();
        assertThat(only().state()).isEqualTo(LifecycleState.DISPATCHED);
        assertThat(sent).hasSize(1);
    }

    @Test
    void anApprovedProposalWhoseHostIsNotHeardExpires() {
        fleet.online = false;
        advise(moreVcpus(2));
        approve(1);
        nowMs += 16 * 60 * SECOND;
        advise();
        assertThat(only().state()).isEqualTo(LifecycleState.EXPIRED);
        assertThat(sent).isEmpty();
    }

    @Test
    void aHeartbeatWithoutAnInventoryProvesNothing() {
        advise(moreVcpus(2));
        approve(1);
        pump();
        desk.onOutcome(
                HOST, outcome(LifecycleState.UNKNOWN, ErrorCode.ACTION_TIMED_OUT), 1, nowMs, false);
        fleet.reportedAtMs = nowMs;
        nowMs += 121 * SECOND;
        advise();
        assertThat(only().state()).isEqualTo(LifecycleState.UNKNOWN);
        fleet.reportedAtMs = nowMs;
        advise();
        assertThat(only().state()).isEqualTo(LifecycleState.FAILED);
    }

    @Test
    void anActionWaitsUntilItsDecisionIsOnTheDevice() {
        syncs = false;
        advise(moreVcpus(2));
        approve(1);
        pump();
        assertThat(only().state()).isEqualTo(LifecycleState.DISPATCHED);
        assertThat(journal.syncsWanted).as("of the dispatch alone").isEqualTo(1);
        int dispatch = journal.history.size();
        desk.onSynced(dispatch - 1);
        assertThat(sent).isEmpty();
        desk.onSynced(dispatch);
        assertThat(sent).hasSize(1);
        desk.onSynced(dispatch + 1);
        assertThat(sent).as("once").hasSize(1);
    }

    @Test
    void silenceIsUnknownAndIsResolvedByReadingBack() {
        advise(moreVcpus(2));
        approve(1);
        pump();
        nowMs += 151 * SECOND;
        advise();
        assertThat(only().state())
                .as("a timeout is unknown, never failed")
                .isEqualTo(LifecycleState.UNKNOWN);

        fleet.vms.put(VM, new VmFacts(HOST, 2, 1L << 30));
        nowMs += SECOND;
        advise();
        assertThat(only().state()).isEqualTo(LifecycleState.KEPT);
    }

    @Test
    void whatReadsBackUnchangedHasFailed() {
        advise(moreVcpus(2));
        approve(1);
        pump();
        desk.onOutcome(
                HOST, outcome(LifecycleState.UNKNOWN, ErrorCode.ACTION_TIMED_OUT), 1, nowMs, false);
        nowMs += 121 * SECOND;
        fleet.online = false;
        advise();
        assertThat(only().state())
                .as("a silent host proves nothing")
                .isEqualTo(LifecycleState.UNKNOWN);
        fleet.online = true;
        advise();
        assertThat(only().state()).isEqualTo(LifecycleState.FAILED);
    }

    @Test
    void anOutcomeFromAnotherAgentIsRefused() {
        advise(moreVcpus(2));
        approve(1);
        pump();
        desk.onOutcome(OTHER_HOST, outcome(LifecycleState.KEPT, ErrorCode.NONE), 1, nowMs, false);
        assertThat(only().state()).isEqualTo(LifecycleState.DISPATCHED);
    }

    @Test
    void approvingTwiceAndUnknownIdsAreRefused() {
        advise(moreVcpus(2));
        approve(1).join();
        pump();
        assertThatThrownBy(approve(1)::join)
                .isInstanceOf(CompletionException.class)
                .hasCauseInstanceOf(CommandException.class)
                .hasMessageContaining("DISPATCHED");
        assertThatThrownBy(approve(99)::join).hasMessageContaining("id=99 is not known");
    }

    @Test
    void aRejectedKindOfChangeIsNotProposedAgainThatDay() {
        advise(moreVcpus(2));
        var caller = new CompletableFuture<DecisionRow>();
        desk.submit(1, Verb.REJECT, "ann", "too dear", caller);
        pump();
        assertThat(caller.join().state()).isEqualTo(LifecycleState.REJECTED);
        advise(moreVcpus(2));
        assertThat(desk.rows()).hasSize(1);
        nowMs += 25 * 3_600 * SECOND;
        advise(moreVcpus(2));
        assertThat(desk.rows()).hasSize(2);
    }

    @Test
    void replayingTheJournalGivesTheSameBookAndAuditLog() throws IOException {
        advise(moreVcpus(2));
        approve(1);
        pump();
        desk.onOutcome(HOST, outcome(LifecycleState.RUNNING, ErrorCode.NONE), 1, nowMs, false);
        long outcomeMs = nowMs;
        journal.history.add((target, replaying) ->
                target.onOutcome(
                        HOST,
                        outcome(LifecycleState.RUNNING, ErrorCode.NONE),
                        1,
                        outcomeMs,
                        replaying));
        advise();

        sent.clear();
        var replayed = newDesk("replayed.jsonl");
        for (Entry entry : journal.history) {
            entry.handTo(replayed, true);
        }
        replayed.onReplayed(folder.resolve("anchor.json"));
        assertThat(replayed.rows()).isEqualTo(desk.rows());
        assertThat(sent).as("a replay acts on nothing").isEmpty();
        assertThat(Files.readString(folder.resolve("replayed.jsonl")))
                .isEqualTo(Files.readString(folder.resolve("audit.jsonl")));
    }

    @Test
    void whatIsNotAnEventIsCountedAndHarmsNothing() {
        advise(moreVcpus(2));
        desk.onEvent(new byte[] {0, 1, 2}, 1, nowMs, false);
        desk.onCommand(
                "{}".repeat(3).getBytes(java.nio.charset.StandardCharsets.UTF_8), nowMs, false);
        assertThat(desk.rows()).hasSize(1);
    }

    private DecisionDesk newDesk(String audit) throws IOException {
        return new DecisionDesk(
                PolicyConfig.DEFAULT,
                AutomationConfig.DEFAULT,
                AuditConfig.DEFAULT,
                ScalingConfig.DEFAULT,
                Duration.ofMinutes(1),
                journal,
                (_, action) -> {
                    sent.add(action);
                    return sendProblem;
                },
                new AuditLog(folder.resolve(audit)),
                new DecisionCounters());
    }

    private void advise(Proposal... proposals) {
        desk.onAdvice(List.of(proposals), fleet, nowMs);
        pump();
        desk.onAdvice(List.of(proposals), fleet, nowMs); // the next look sees what came back
    }

    private CompletableFuture<DecisionRow> approve(long id) {
        var caller = new CompletableFuture<DecisionRow>();
        desk.submit(id, Verb.APPROVE, "ann", "looks right", caller);
        pump();
        return caller;
    }

    private DecisionRow only() {
        pump();
        assertThat(desk.rows()).hasSize(1);
        return desk.rows().getFirst();
    }

    /// Hands back what was appended, until nothing more is.
    private void pump() {
        while (!journal.waiting.isEmpty()) {
            Appended appended = journal.waiting.remove();
            long atMs = nowMs;
            long index = journal.history.size() + 1;
            Entry entry =
                    (target, replaying) -> {
                        if (appended.isCommand()) {
                            target.onCommand(appended.bytes(), atMs, replaying);
                        } else {
                            target.onEvent(appended.bytes(), index, atMs, replaying);
                        }
                    };
            journal.history.add(entry);
            entry.handTo(desk, false);
            if (syncs) {
                desk.onSynced(index);
            }
        }
    }

    private static Proposal moreVcpus(int vcpus) {
        return new Proposal(
                ActionType.SET_VCPUS,
                VM,
                "web-01",
                HOST,
                "alpha",
                1,
                vcpus,
                1L << 30,
                1L << 30,
                null,
                "",
                "",
                0.9f,
                10f,
                "web-01: 1 → %d vCPUs".formatted(vcpus),
                "1 vCPU",
                "no more throttling",
                List.of(new ReasonRow("CPU_PEAK", "p90 of the next hour is 99 %")),
                Map.of("cpu.usage", List.of(90f, 99f)),
                7,
                "00",
                "last-value",
                Map.of("env", "dev"),
                Map.of("vcpus-added", 1.0),
                0);
    }

    private static Outcome outcome(LifecycleState state, ErrorCode code) {
        return new Outcome(1, 1, state, code, 1, 2, 2, 1L << 30, HOST, "done");
    }

    private record Appended(byte[] bytes, boolean isCommand) {}

    /// One record of the journal, with the time it was written.
    private interface Entry {
        void handTo(DecisionDesk desk, boolean replaying);
    }

    private static final class LoopedJournal implements DecisionJournal {
        final ArrayDeque<Appended> waiting = new ArrayDeque<>();
        final List<Entry> history = new ArrayList<>();
        int syncsWanted;

        @Override
        public boolean appendEvent(byte[] bytes) {
            return waiting.add(new Appended(bytes, false));
        }

        @Override
        public boolean appendEvent(byte[] bytes, Urgency urgency) {
            syncsWanted += urgency == Urgency.SYNCED ? 1 : 0;
            return appendEvent(bytes);
        }

        @Override
        public boolean appendCommand(byte[] bytes) {
            return waiting.add(new Appended(bytes, true));
        }
    }

    private static final class Fleet implements FleetFacts {
        final Map<UUID, VmFacts> vms = new HashMap<>();
        boolean online = true;
        long reportedAtMs = Long.MAX_VALUE;

        @Override
        public @Nullable VmFacts vm(UUID vm) {
            return vms.get(vm);
        }

        @Override
        public boolean isOnline(UUID host) {
            return online;
        }

        @Override
        public long reportedAtMs(UUID host) {
            return reportedAtMs;
        }
    }
}
