package io.novacron.daemon.decision;

import io.novacron.daemon.audit.AuditLog;
import io.novacron.daemon.config.AuditConfig;
import io.novacron.daemon.config.AutomationConfig;
import io.novacron.daemon.config.PolicyConfig;
import io.novacron.daemon.config.ScalingConfig;
import io.novacron.daemon.decision.DecisionEvent.Note;
import io.novacron.wire.message.Action;
import io.novacron.wire.message.Outcome;
import io.novacron.wire.sbe.ErrorCode;
import io.novacron.wire.sbe.LifecycleState;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Takes the decisions of a journal once more and holds each step against the one that was
/// journaled. The same [DecisionDesk] as live; it gets the journaled steps handed back, so that one
/// difference does not hide the next. One thread owns it.
///
/// In a what-if the steps that it takes itself are handed back, and every action that it sends is
/// taken to succeed; what people approved is left out, for it was about other decisions.
public final class ReplayedDecisions implements AutoCloseable {
    private static final int DIFFERENCES_KEPT = 20;

    private final DecisionDesk desk;
    private final AuditLog audit;
    private final boolean whatIf;
    private final Deque<byte[]> taken = new ArrayDeque<>();
    private final Map<Long, String> sendProblems = new HashMap<>();
    private final Map<Long, LifecycleState> states = new HashMap<>();
    private final List<String> differences = new ArrayList<>();
    private final Deque<Action> sent = new ArrayDeque<>();
    private final Steps journaledSteps = new Steps();
    private final Steps takenSteps = new Steps();
    private boolean comparing;
    private long skipped;
    private long events;
    private long identical;
    private long different;
    private long missing;
    private long extra;
    private long cutOff;

    /// @param auditFile a file of its own, not the daemon's
    /// @param whatIf whether the steps that are taken here count, not the journaled ones
    public ReplayedDecisions(
            PolicyConfig policy,
            AutomationConfig automation,
            ScalingConfig scaling,
            Duration tick,
            Path auditFile,
            boolean whatIf)
            throws IOException {
        this.whatIf = whatIf;
        this.audit = new AuditLog(auditFile);
        this.desk =
                new DecisionDesk(
                        policy,
                        automation,
                        AuditConfig.DEFAULT,
                        scaling,
                        tick,
                        new DecisionJournal() {
                            @Override
                            public boolean appendEvent(byte[] bytes) {
                                taken.add(bytes);
                                return true;
                            }

                            @Override
                            public boolean appendCommand(byte[] bytes) {
                                return false; // nobody is there to give one
                            }
                        },
                        this::send,
                        audit,
                        new DecisionCounters());
    }

    /// What the comparison came to.
    ///
    /// @param skipped journaled steps before [#begin]
    /// @param events journaled steps that were compared
    /// @param different steps in place of which another one was taken
    /// @param missing journaled steps that were not taken
    /// @param extra steps taken that were not journaled
    /// @param unfinished steps taken that a stop of the daemon, or the end of the journal, cut off
    /// @param differences the first ones, in words
    public record Comparison(
            long skipped,
            long events,
            long identical,
            long different,
            long missing,
            long extra,
            long unfinished,
            List<String> differences) {}

    public Comparison comparison() {
        return new Comparison(
                skipped,
                events,
                identical,
                different,
                missing,
                extra,
                cutOff + taken.size(),
                List.copyOf(differences));
    }

    /// Proposals and approvals, by what they are about: as journaled.
    public Steps journaledSteps() {
        return journaledSteps;
    }

    /// Proposals and approvals, by what they are about: as taken here.
    public Steps takenSteps() {
        return takenSteps;
    }

    /// What was proposed and approved.
    public static final class Steps {
        private final Map<String, Long> proposals = new HashMap<>();
        private final Map<Long, String> keys = new HashMap<>();
        private final Map<String, Long> approvals = new HashMap<>();

        private void see(DecisionEvent event) {
            if (event instanceof DecisionEvent.Proposed proposed) {
                String key = proposed.proposal().summary();
                keys.put(proposed.id(), key);
                proposals.merge(key, 1L, Long::sum);
            } else if (event instanceof DecisionEvent.Moved moved
                    && moved.to() == LifecycleState.APPROVED) {
                approvals.merge(keys.getOrDefault(moved.id(), "?"), 1L, Long::sum);
            }
        }

        /// How often each was proposed, by its summary.
        public Map<String, Long> proposals() {
            return Map.copyOf(proposals);
        }

        /// How often each was approved, by its summary.
        public Map<String, Long> approvals() {
            return Map.copyOf(approvals);
        }

        public long proposed() {
            return proposals.values().stream().mapToLong(Long::longValue).sum();
        }

        public long approved() {
            return approvals.values().stream().mapToLong(Long::longValue).sum();
        }
    }

    // --- before the replay ------------------------------------------------------------------

    /// A journaled step, before anything is replayed: tells which actions could not be sent.
    public void foresee(byte[] bytes) {
        DecisionEvent event = parse(bytes);
        if (event == null) {
            return;
        }
        journaledSteps.see(event);
        if (event instanceof DecisionEvent.Moved moved) {
            LifecycleState before = states.put(moved.id(), moved.to());
            boolean notSent =
                    before == LifecycleState.DISPATCHED
                            && moved.to() == LifecycleState.FAILED
                            && !moved.who().startsWith("agent ");
            if (notSent) {
                sendProblems.put(moved.id(), moved.text());
            }
        }
    }

    private String send(UUID host, Action action) {
        if (whatIf) {
            sent.add(action);
            return "";
        }
        return sendProblems.getOrDefault(action.actionId(), "");
    }

    // --- the replay, in the order of the records ----------------------------------------------

    public void restore(byte[] state) throws IOException {
        desk.restore(EventCodec.state(state));
        desk.restart();
    }

    /// From here on everything is known that decisions rest on: steps are compared. Idempotent.
    public void begin() {
        if (!comparing) {
            comparing = true;
            desk.restart();
        }
    }

    /// The daemon was started here.
    public void onStart(byte[] configuration) {
        cutOff += taken.size();
        taken.clear();
        desk.restart();
        desk.onConfiguration(configuration);
    }

    public void onModels(byte[] models) {
        desk.onModels(models);
    }

    public void onCommand(byte[] bytes, long atMs) {
        if (!whatIf && comparing) {
            desk.onCommand(bytes, atMs, false);
        }
    }

    public void onOutcome(UUID agent, Outcome outcome, long index, long atMs) {
        if (!whatIf) {
            desk.onOutcome(agent, outcome, index, atMs, !comparing);
        }
    }

    /// The plan of a tick.
    public void onAdvice(List<Proposal> proposals, FleetFacts facts, long tickMs, long index) {
        desk.onAdvice(proposals, facts, tickMs);
        if (whatIf) {
            handBack(index, tickMs);
        }
    }

    private void handBack(long index, long atMs) {
        while (!taken.isEmpty()) {
            byte[] bytes = taken.remove();
            DecisionEvent event = parse(bytes);
            if (event != null) {
                takenSteps.see(event);
            }
            desk.onEvent(bytes, index, atMs, false);
            desk.onSynced(index);
            while (!sent.isEmpty()) {
                Action action = sent.remove();
                Decision decision = desk.book().get(action.actionId());
                if (decision != null) {
                    desk.onOutcome(
                            decision.proposal().hostId(),
                            new Outcome(
                                    0,
                                    action.actionId(),
                                    LifecycleState.KEPT,
                                    ErrorCode.NONE,
                                    atMs,
                                    atMs,
                                    decision.proposal().toVcpus(),
                                    decision.proposal().toMemoryBytes(),
                                    decision.proposal().hostId(),
                                    "taken to succeed"),
                            index,
                            atMs,
                            false);
                }
            }
        }
    }

    /// A journaled step.
    public void onEvent(byte[] bytes, long index, long atMs) {
        if (whatIf) {
            return;
        }
        DecisionEvent event = parse(bytes);
        boolean ofAudit =
                event instanceof DecisionEvent.Noted noted
                        && (noted.note() == Note.AUDIT_BROKEN
                                || noted.note() == Note.AUDIT_RETIRED);
        if (event == null || ofAudit) {
            desk.onEvent(bytes, index, atMs, true); // of the file, not of a decision
            return;
        }
        if (!comparing) {
            skipped++;
            desk.onEvent(bytes, index, atMs, true);
            return;
        }
        events++;
        compare(bytes);
        takenSteps.see(event);
        desk.onEvent(bytes, index, atMs, false);
        desk.onSynced(index);
    }

    private void compare(byte[] journaled) {
        byte[] head = taken.peek();
        if (head != null && Arrays.equals(head, journaled)) {
            taken.remove();
            identical++;
            return;
        }
        int place = 0;
        boolean later = false;
        for (byte[] one : taken) {
            if (Arrays.equals(one, journaled)) {
                later = true;
                break;
            }
            place++;
        }
        if (later) {
            for (int i = 0; i < place; i++) {
                byte[] unexpected = taken.remove();
                extra++;
                tell("not in the journal: %s".formatted(text(unexpected)));
            }
            taken.remove();
            identical++;
        } else if (head != null && sameStep(head, journaled)) {
            taken.remove();
            different++;
            tell("journal: %s; replay: %s".formatted(text(journaled), text(head)));
        } else {
            missing++;
            tell("not taken by the replay: %s".formatted(text(journaled)));
        }
    }

    /// Of the same decision, though not the same step.
    private static boolean sameStep(byte[] one, byte[] other) {
        DecisionEvent left = parse(one);
        DecisionEvent right = parse(other);
        return left != null
                && right != null
                && left.id() == right.id()
                && left.getClass() == right.getClass();
    }

    private void tell(String difference) {
        if (differences.size() < DIFFERENCES_KEPT) {
            differences.add(difference);
        }
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static @Nullable DecisionEvent parse(byte[] bytes) {
        try {
            return EventCodec.event(bytes);
        } catch (IOException _) {
            return null; // the desk counts it
        }
    }

    @Override
    public void close() throws IOException {
        desk.release();
        audit.close();
    }
}
